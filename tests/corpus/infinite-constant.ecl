(def xs (Cons 1 xs))
(def y y)
(defn f [] (f))
(def z (f))
