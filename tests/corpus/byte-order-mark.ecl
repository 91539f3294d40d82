(def x 1)
