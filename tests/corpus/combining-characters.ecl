(def é "́") (def ‮ 1) (def 😀 :👨‍👩)
