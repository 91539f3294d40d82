; A walk along a list that was given away before: with one owner and several, to its end, beyond
; it, and in runs that are cut short in the middle of it.
(defn made [n] (if (= n 0) Nil (Cons (str "element " n) (made (- n 1)))))
(defn skip [xs n] (if (= n 0) xs (match xs [Nil Nil] [(Cons _ rest) (skip rest (- n 1))])))
(defn put [xs ys] (match xs [Nil ys] [(Cons x rest) (Cons x (put rest ys))]))
(defn turned "Halves change their places, and so do theirs." [xs n]
  (if (= n 1)
    (match xs [Nil Nil] [(Cons x _) (list x)])
    (let [half (quot n 2)]
      (let [first (turned xs half)]
        (put (turned (skip xs half) (- n half)) first)))))
(defn last-of [xs] (match xs [Nil "none"] [(Cons x rest) (match rest [Nil x] [_ (last-of rest)])]))
(defn cut [steps]
  (match (run-within (RunLimits {:steps (Some steps)}) (fn [] (last-of (turned (made 8) 8))))
    [(Ok text) text]
    [(Err why) "cut"]))
(defn main [_]
  (let [kept (made 5)]
    (do
      (print (turned (made 5) 5))
      (print (turned kept 5) (last-of kept))
      (print (turned (made 3) 6))
      (print (skip kept 2) (skip kept 9))
      (loop [n 1.0]
        (if (< n 84.0)
          (do (let [end (cut n)] (if (= end "cut") unit (print n " " end))) (recur (+ n 1.0)))
          unit)))))
; => (list "element 1" "element 2" "element 3" "element 4" "element 5")
; => (list "element 1" "element 2" "element 3" "element 4" "element 5")element 1
; => (list "element 1" "element 2" "element 3")
; => (list "element 3" "element 2" "element 1")(list)
; => 80.0 element 8
; => 81.0 element 8
; => 82.0 element 8
; => 83.0 element 8
