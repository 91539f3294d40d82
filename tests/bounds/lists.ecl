; The functions every book on lists has, in the form the books have them. `tests/src/bounds.rs`
; calls each of them with every input up to size 6.
(module lists)

(defn append [xs ys] (match xs [Nil ys] [(Cons x rest) (Cons x (append rest ys))]))

(defn reverse-onto [xs done]
  (match xs [Nil done] [(Cons x rest) (reverse-onto rest (Cons x done))]))
(defn reverse [xs] (reverse-onto xs Nil))

(defn map [f xs] (match xs [Nil Nil] [(Cons x rest) (Cons (f x) (map f rest))]))
(defn map-inc [xs] (map (fn [x] (+ x 1)) xs))

(defn filter [keep? xs]
  (match xs
    [Nil Nil]
    [(Cons x rest) (if (keep? x) (Cons x (filter keep? rest)) (filter keep? rest))]))
(defn positives [xs] (filter (fn [x] (> x 0)) xs))

(defn zip [xs ys]
  (match xs
    [Nil Nil]
    [(Cons x xs) (match ys [Nil Nil] [(Cons y ys) (Cons (Pair x y) (zip xs ys))])]))

(defn take [n xs]
  (if (<= n 0) Nil (match xs [Nil Nil] [(Cons x rest) (Cons x (take (- n 1) rest))])))
(defn count [xs] (match xs [Nil 0] [(Cons _ rest) (+ 1 (count rest))]))
(defn take-as-many [ks xs] (take (count ks) xs))

(sig member (Fn [Int (List Int)] Bool))
(defn member [x xs] (match xs [Nil false] [(Cons y rest) (if (= x y) true (member x rest))]))
(defn has-nine [xs] (member 9 xs))

(sig insert (Fn [Int (List Int)] (List Int)))
(defn insert [x xs]
  (match xs
    [Nil (Cons x Nil)]
    [(Cons y rest) (if (<= x y) (Cons x xs) (Cons y (insert x rest)))]))
(defn insert-nine [xs] (insert 9 xs))

(defn partition [p xs]
  (match xs
    [Nil (Pair Nil Nil)]
    [(Cons x rest)
     (let [(Pair yes no) (partition p rest)]
       (if (p x) (Pair (Cons x yes) no) (Pair yes (Cons x no))))]))
(defn by-sign [xs] (partition (fn [x] (> x 0)) xs))

(sig merge (Fn [(List Int) (List Int)] (List Int)))
(defn merge [xs ys]
  (match xs
    [Nil ys]
    [(Cons x more)
     (match ys
       [Nil xs]
       [(Cons y others)
        (if (<= x y) (Cons x (merge more ys)) (Cons y (merge xs others)))])]))

(defn insertion-sort [xs]
  (match xs [Nil Nil] [(Cons x rest) (insert x (insertion-sort rest))]))

(sig quicksort (Fn [(List Int)] (List Int)))
(defn quicksort [xs]
  (match xs
    [Nil Nil]
    [(Cons pivot rest)
     (let [(Pair small large) (partition (fn [x] (< x pivot)) rest)]
       (append (quicksort small) (Cons pivot (quicksort large))))]))

(sig remove (Fn [Int (List Int)] (List Int)))
(defn remove [x xs]
  (match xs
    [Nil Nil]
    [(Cons y rest) (if (= x y) (remove x rest) (Cons y (remove x rest)))]))
(defn nub [xs] (match xs [Nil Nil] [(Cons x rest) (Cons x (nub (remove x rest)))]))

(defn pairs [xs]
  (match xs
    [Nil Nil]
    [(Cons x rest) (append (map (fn [y] (Pair x y)) rest) (pairs rest))]))

(defn evens [xs] (match xs [Nil Nil] [(Cons x rest) (Cons x (odds rest))]))
(defn odds [xs] (match xs [Nil Nil] [(Cons _ rest) (evens rest)]))
