(def bad (quot 1 (- 2 2)))
(defn main [_] (print bad))
