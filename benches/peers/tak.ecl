; Takeuchi's function of (3n, 2n, n).
(defn tak [x y z]
  (if (>= y x) z (tak (tak (- x 1) y z) (tak (- y 1) z x) (tak (- z 1) x y))))

(defn main [world]
  (let [n (option/get-or (string/parse-int (vector/at (.args world) 0)) 6)]
    (print (tak (* 3 n) (* 2 n) n))))
