; Tests report every failed check, with both sides of equations.
(deftest "holds" (check (= (+ 1 1) 2)) (check true))
(deftest "fails twice"
  (check (= (list/map inc (list 1 2)) (list 2 4)))
  (check (> 1 2))
  (check (not= 1 2)))
(deftest "ends early" (check (= 1 2)) (check (= (quot 1 0) 1)) (check false))
