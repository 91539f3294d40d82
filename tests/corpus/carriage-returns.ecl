(def x 1)
(def y 2)