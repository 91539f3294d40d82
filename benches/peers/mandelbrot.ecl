; n by n points, at most 200 steps each; prints all the steps taken.
(def limit 200)

(defn steps [cr ci]
  (loop [i 0 zr 0.0 zi 0.0]
    (if (and (< i limit) (<= (+ (* zr zr) (* zi zi)) 4.0))
      (recur (+ i 1) (+ (- (* zr zr) (* zi zi)) cr) (+ (* 2.0 zr zi) ci))
      i)))

(defn main [world]
  (let [n (option/get-or (string/parse-int (vector/at (.args world) 0)) 64)
        width (float n)]
    (loop [x 0 y 0 total 0]
      (cond (= y n) (print total)
            (= x n) (recur 0 (+ y 1) total)
            :else
            (recur (+ x 1) y
                   (+ total (steps (- (/ (* 2.0 (float x)) width) 1.5)
                                   (- (/ (* 2.0 (float y)) width) 1.0))))))))
