; Arithmetic never wraps.
(defn double-up [n k] (if (= k 0) n (double-up (* n 2) (- k 1))))
(defn main [world]
  (print (double-up 1 62))
  (print (double-up 1 63)))
; => 4611686018427387904
; error: [integer-overflow]
