; A list that is made, and that nobody wants, is made in memory that is still its own.
(defn mapped [f xs] (match xs [Nil Nil] [(Cons x rest) (Cons (f x) (mapped f rest))]))
(sig waste (Fn [(Vector Int) Int] Int))
(defn waste [kept n]
  (let [unused (mapped (fn [x] kept) (list 8 10 n))] n))
(defn main [_]
  (do
    (print (waste [1 2] 3))
    (let [unused (mapped inc (list 1 2 3)) other (mapped inc (list 4 5 6))]
      (print other))))
; => 3
; => (list 5 6 7)
