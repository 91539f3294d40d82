(defn power [n k] (if (= k 0) 1 (* n (power n (- k 1)))))
(defn main [_] (print (power 7 30)))
