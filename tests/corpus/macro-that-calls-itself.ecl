(defmacro (m) (m))
(def x (m))
(defmacro (g x ...) (g x ... x ...))
(def y (g 1 2))
