(defn third [v] (+ 0 (vector/at v 2)))
(defn use [v] (+ 1 (third v)))
(defn main [_] (print (use [1 2])))
