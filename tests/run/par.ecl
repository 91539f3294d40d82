; Parts of vectors at once: values, lines and failures are those of one after the other.
(deftype Shape (Circle Float) (Square Float) Flat)
(def scale [10 20 30])
(defn area [shape]
  (match shape [(Circle r) (* 3.0 (* r r))] [(Square a) (* a a)] [Flat 0.0]))
(defn bad [x] (do (print "at " x) (quot 6 (- x 70))))
(defn main [world]
  (let [names {"x" [1 2] "y" [3]} xs (vector/range 0 1000)]
    (do
      (print (par/map (fn [x] (+ x (vector-get scale 1))) [1 2 3]))
      (print (par/map area [(Circle 2.0) (Square 1.5) Flat]))
      (print (par/map (fn [k] (map/get names k)) ["x" "y" "z"]))
      (print (vector/length (par/map (fn [x] x) [])))
      (print (= (par/map (fn [x] (str x "!")) xs) (vector/map (fn [x] (str x "!")) xs)))
      (print (par/reduce + 0 xs) " " (par/reduce (fn [a b] (str a b)) "<" ["p" "a" "r"]))
      (print (par/map (fn [n] (par/reduce + n [1 2 3])) [10 20]))
      (print (vector/map (fn [f] (f 1)) (par/map (fn [x] (fn [y] (+ x y))) [1 2])))
      (print (par/map (fn [x] (do (print "at " x) (bad (+ x 68)))) [1 2 3])))))
; => [21 22 23]
; => [12.0 2.25 0.0]
; => [(Some [1 2]) (Some [3]) None]
; => 0
; => true
; => 499500 <par
; => [16 26]
; => [2 3]
; => at 1
; => at 69
; => at 2
; => at 70
; error: [division-by-zero]
