; Arithmetic on Ints, Floats and quantities.
(defn main [_]
  (print (+ 1 2 3) " " (- 5) " " (- 10 1 2) " " (* 2 3 4) " " (* 1.5 2))
  (print (/ 100J 4s) " " (* 2 512MiB) " " (* 30W 2h) " " (/ 1GiB 1MiB))
  (print (quot -7 2) " " (rem -7 2) " " (mod -7 2) " " (floor -1.5) " " (round 2.5) " " (ceil 1.1))
  (print (/ 1.0 0.0) " " (/ 0.0 0.0) " " 1e300 " " 1e-9 " " 0.1)
  (print (< 1 2 3) " " (< 1 3 2) " " (= 1.0 1.0) " " (max 1s 1ms 2min))
  (print (list/sum (the (List Memory) (list))) " " (abs -3GiB) " " (negate 2.5))
  (print 9223372036854775807 " " (- -9223372036854775807 1)))
