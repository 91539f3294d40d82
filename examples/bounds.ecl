; What functions cost, and promises that they keep: `eclexia bounds examples/bounds.ecl` prints the
; bounds, `eclexia check` holds `:requires` against them.
(module bounds)

; A radio has a type and a cost. Its code is the device's.
(extern send (Fn [Int] Int) "Sends a reading by radio." :cost {:energy 15mJ :time 2ms})
(extern measure (Fn [Int] Int) "Reads the sensor at a pin." :cost {:energy 3mJ :time 200us})

; One reading of each pin, sent: so much energy per pin, whatever the readings are.
(defn report [pins]
  :requires {:energy (at-most (* 18mJ (size pins))) :time (at-most (* 2200us (size pins)))}
  (list/map (fn [pin] (send (measure pin))) pins))

; Ten times four pins: 720mJ, and 720mJ are allowed.
(defn ten-rounds []
  :requires {:energy (at-most 720mJ)}
  (times 10 (report (list 1 2 3 4))))

; The alarm is the dearer branch, and counts.
(defn watch [pin limit]
  :requires {:energy (at-most 33mJ)}
  (if (> (measure pin) limit) (send (send pin)) pin))

; Quadratic, and said to be: `1 + n + n(n−1)/2` calls.
(sig insert (Fn [Int (List Int)] (List Int)))
(defn insert [x xs]
  (match xs
    [Nil (Cons x Nil)]
    [(Cons y rest) (if (<= x y) (Cons x xs) (Cons y (insert x rest)))]))

(defn insertion-sort [xs]
  :requires {:steps (at-most (+ 1 (* 2 (size xs)) (* (size xs) (size xs))))}
  (match xs [Nil Nil] [(Cons x rest) (insert x (insertion-sort rest))]))

; Nothing bounds this one; it is counted while it runs.
(defn collatz [n]
  :requires {:steps (at-most 200)}
  :metered
  (if (= n 1) 0 (+ 1 (collatz (if (= (rem n 2) 0) (quot n 2) (+ (* 3 n) 1))))))

(deftest "sorting keeps its promise"
  (check (= (insertion-sort (list 3 1 2)) (list 1 2 3))))

(defn main [_]
  (print (insertion-sort (list 5 2 4 1 3)))
  (print "collatz of 27: " (collatz 27)))
