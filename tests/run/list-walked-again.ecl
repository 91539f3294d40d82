; A list that a call has given is walked along in a loop, again and again: each walk leaves it.
(defn numbers [n] (if (= n 0) Nil (Cons (mod (* n 7) 5) (numbers (- n 1)))))
(defn has [x xs] (match xs [Nil false] [(Cons y rest) (if (= x y) true (has x rest))]))
(defn both [xs ys found]
  (match xs
    [Nil found]
    [(Cons x rest) (both rest ys (if (has x ys) (Cons x found) found))]))
(defn length [xs n] (match xs [Nil n] [(Cons _ rest) (length rest (+ n 1))]))
(defn common [n m]
  (let [ys (numbers m)]
    (both (numbers n) ys Nil)))
(defn main [world]
  (print (length (common 9 3) 0) " " (length (common 30 2) 0)))
; => 6 12
