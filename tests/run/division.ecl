; Whole division rounds toward zero, `mod` has the divisor's sign; by zero there is none.
(defn main [world]
  (print (quot 7 2) " " (quot -7 2) " " (quot 7 -2))
  (print (rem 7 2) " " (rem -7 2) " " (rem 7 -2))
  (print (mod 7 2) " " (mod -7 2) " " (mod 7 -2))
  (print (quot 1 (- 1 1))))
; => 3 -3 -3
; => 1 -1 1
; => 1 1 -1
; error: [division-by-zero]
