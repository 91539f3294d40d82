; Tail calls take no stack: to itself, mutual, through values, methods, match and loops.
(defn is-even [n] (if (= n 0) true (is-odd (- n 1))))
(defn is-odd [n] (if (= n 0) false (is-even (- n 1))))

(deftype Step (Step (Fn [Step Int] String)))
(defn bounce [step n] (if (= n 0) "done" (match step [(Step f) (f step (- n 1))])))

(definterface (Walk a) (walk (Fn [a Int] Int)))
(deftype Left Left)
(deftype Right Right)
(implement (Walk Left) (defn walk [_ n] (if (= n 0) 1 (walk Right (- n 1)))))
(implement (Walk Right) (defn walk [_ n] (if (= n 0) 2 (walk Left (- n 1)))))

(defn generic [x n] (if (= n 0) (walk x 0) (generic x (- n 1))))

(defn main [_]
  (print (is-even 5000000))
  (print (bounce (Step bounce) 3000000))
  (print (walk Left 3000001))
  (print (generic Right 1000000))
  (print (loop [i 0 acc 0] (if (< i 3000000) (recur (+ i 1) (+ acc i)) acc))))
