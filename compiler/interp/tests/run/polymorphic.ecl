; One definition at several types: closures, methods as values.
(sig shower (Fn [a] (Fn [Int] String)) :where [(Show a)])
(defn shower [x] (fn [n] (str n ":" x)))

(sig all-equal (Fn [(List a)] Bool) :where [(Ord a)])
(defn all-equal [xs]
  (match xs [(Cons x (as rest (Cons y _))) (and (= x y) (all-equal rest))] [_ true]))

(defn main [_]
  (print ((shower "x") 1) ((shower [1]) 2))
  (print (all-equal (list (Some 1) (Some 1))) (all-equal (list "a" "b")))
  (let [f show] (print (f 1)))
  (print (list/map (fn [f] (f 3 4)) (list + - * min max))))
