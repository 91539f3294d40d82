; Merge sort of an immutable list; prints a checksum of the order.
(defn merge-lists [xs ys]
  (match xs
    [Nil ys]
    [(Cons x rest)
     (match ys
       [Nil xs]
       [(Cons y others)
        (if (<= x y) (Cons x (merge-lists rest ys)) (Cons y (merge-lists xs others)))])]))

(defn drop-first [xs n]
  (if (= n 0) xs (match xs [Nil Nil] [(Cons _ rest) (drop-first rest (- n 1))])))

(defn sort-first "The first `n` elements, sorted." [xs n]
  (if (= n 1)
    (match xs [Nil Nil] [(Cons x _) (list x)])
    (let [half (quot n 2)]
      (merge-lists (sort-first xs half) (sort-first (drop-first xs half) (- n half))))))

(defn next-random [seed] (mod (* seed 16807) 2147483647))

(defn random-list [n]
  (loop [i 0 x (next-random 42) xs (list)]
    (if (= i n) xs (recur (+ i 1) (next-random x) (Cons x xs)))))

(defn main [world]
  (let [n (option/get-or (string/parse-int (vector/at (.args world) 0)) 1000)
        sorted (sort-first (random-list n) n)]
    (print (list/fold (fn [hash x] (mod (+ (* hash 31) x) 1000003)) 0 sorted))))
