; Linked lists: cheap at the front. Functions take the list last, so that they chain with `->>`;
; what looks up in a list takes it first. Safe for millions of elements.
(module std.list)

(defn empty? "Whether there is no element.\n> (list/empty? (list)) => true" [xs]
  (match xs [Nil true] [_ false]))

(defn fold "Combines from the left, starting with `init`.\n> (list/fold + 0 (list 1 2 3)) => 6"
  [f init xs]
  (match xs [Nil init] [(Cons x xs) (fold f (f init x) xs)]))

(defn length "How many elements.\n> (list/length (list 5 6 7)) => 3" [xs]
  (fold (fn [n _] (+ n 1)) 0 xs))

(defn reverse-onto "The first list reversed before the second.
> (list/reverse-onto (list 2 1) (list 3)) => (list 1 2 3)"
  [xs ys]
  (match xs [Nil ys] [(Cons x xs) (reverse-onto xs (Cons x ys))]))

(defn reverse "Back to front.\n> (list/reverse (list 1 2 3)) => (list 3 2 1)" [xs]
  (reverse-onto xs Nil))

(defn fold-right "Combines from the right.
> (list/fold-right (fn [x text] (str x text)) \"\" (list 1 2 3)) => \"123\""
  [f init xs]
  (fold (fn [acc x] (f x acc)) init (reverse xs)))

(defn map "Every element changed by `f`.\n> (list/map inc (list 1 2)) => (list 2 3)" [f xs]
  (loop [xs xs acc Nil]
    (match xs [Nil (reverse acc)] [(Cons x rest) (recur rest (Cons (f x) acc))])))

(defn map-indexed "Every element changed by `f`, which also gets its index.
> (list/map-indexed (fn [i x] (+ i x)) (list 10 10)) => (list 10 11)"
  [f xs]
  (loop [i 0 xs xs acc Nil]
    (match xs [Nil (reverse acc)] [(Cons x rest) (recur (+ i 1) rest (Cons (f i x) acc))])))

(defn filter "The elements of which `keep?` holds.
> (list/filter (fn [x] (> x 1)) (list 1 2 3)) => (list 2 3)"
  [keep? xs]
  (loop [xs xs acc Nil]
    (match xs
      [Nil (reverse acc)]
      [(Cons x rest) (recur rest (if (keep? x) (Cons x acc) acc))])))

(defn remove "The elements of which `drop?` does not hold.
> (list/remove (fn [x] (> x 1)) (list 1 2 3)) => (list 1)"
  [drop? xs]
  (filter (fn [x] (not (drop? x))) xs))

(defn filter-map "What `f` gives for each element, where it gives something.
> (list/filter-map (fn [x] (if (> x 1) (Some (* x 10)) None)) (list 1 2)) => (list 20)"
  [f xs]
  (loop [xs xs acc Nil]
    (match xs
      [Nil (reverse acc)]
      [(Cons x rest) (recur rest (match (f x) [(Some y) (Cons y acc)] [None acc]))])))

(defn append "One list after the other.\n> (list/append (list 1) (list 2 3)) => (list 1 2 3)"
  [xs ys]
  (reverse-onto (reverse xs) ys))

(defn concat
  "Lists one after the other.\n> (list/concat (list (list 1) (list) (list 2))) => (list 1 2)" [xss]
  (reverse (fold (fn [acc xs] (reverse-onto xs acc)) Nil xss)))

(defn flat-map "The lists that `f` gives, one after the other.
> (list/flat-map (fn [x] (list x x)) (list 1 2)) => (list 1 1 2 2)"
  [f xs]
  (reverse (fold (fn [acc x] (reverse-onto (f x) acc)) Nil xs)))

(defn first "The first element.\n> (list/first (list 1 2)) => (Some 1)" [xs]
  (match xs [Nil None] [(Cons x _) (Some x)]))

(defn rest "Without the first element.\n> (list/rest (list 1 2)) => (list 2)" [xs]
  (match xs [Nil Nil] [(Cons _ xs) xs]))

(defn last "The last element.\n> (list/last (list 1 2)) => (Some 2)" [xs]
  (match xs [Nil None] [(Cons x Nil) (Some x)] [(Cons _ xs) (last xs)]))

(defn nth "The element at an index from 0.\n> (list/nth (list 5 6) 1) => (Some 6)" [xs i]
  (match xs
    [Nil None]
    [(Cons x xs) (cond (= i 0) (Some x) (< i 0) None :else (nth xs (- i 1)))]))

(defn split-at "The first `n` elements, and the others.
> (list/split-at 1 (list 1 2 3)) => (Pair (list 1) (list 2 3))"
  [n xs]
  (loop [n n xs xs acc Nil]
    (match xs
      [(Cons x rest) :when (> n 0) (recur (- n 1) rest (Cons x acc))]
      [_ (Pair (reverse acc) xs)])))

(defn take "The first `n` elements.\n> (list/take 2 (list 1 2 3)) => (list 1 2)" [n xs]
  (fst (split-at n xs)))

(defn drop "Without the first `n` elements.\n> (list/drop 2 (list 1 2 3)) => (list 3)" [n xs]
  (match xs [(Cons _ rest) :when (> n 0) (drop (- n 1) rest)] [_ xs]))

(defn span "The longest start of which `p` holds, and the others.
> (list/span (fn [x] (< x 3)) (list 1 2 3 1)) => (Pair (list 1 2) (list 3 1))"
  [p xs]
  (loop [xs xs acc Nil]
    (match xs
      [(Cons x rest) :when (p x) (recur rest (Cons x acc))]
      [_ (Pair (reverse acc) xs)])))

(defn take-while "The longest start of which `p` holds.
> (list/take-while (fn [x] (< x 3)) (list 1 2 3 1)) => (list 1 2)"
  [p xs]
  (fst (span p xs)))

(defn drop-while "Without the longest start of which `p` holds.
> (list/drop-while (fn [x] (< x 3)) (list 1 2 3 1)) => (list 3 1)"
  [p xs]
  (snd (span p xs)))

(defn partition "The elements of which `p` holds, and the others.
> (list/partition (fn [x] (> x 1)) (list 1 2 3)) => (Pair (list 2 3) (list 1))"
  [p xs]
  (Pair (filter p xs) (remove p xs)))

(defn any? "Whether `p` holds of some element.\n> (list/any? (fn [x] (> x 1)) (list 1 2)) => true"
  [p xs]
  (match xs [Nil false] [(Cons x xs) (if (p x) true (any? p xs))]))

(defn all? "Whether `p` holds of every element.\n> (list/all? (fn [x] (> x 1)) (list 1 2)) => false"
  [p xs]
  (match xs [Nil true] [(Cons x xs) (if (p x) (all? p xs) false)]))

(defn contains? "Whether the element is there.\n> (list/contains? (list 1 2) 2) => true" [xs x]
  (any? (fn [y] (= x y)) xs))

(defn find
  "The first element of which `p` holds.\n> (list/find (fn [x] (> x 1)) (list 1 2 3)) => (Some 2)"
  [p xs]
  (match xs [Nil None] [(Cons x xs) (if (p x) (Some x) (find p xs))]))

(defn index-of "Where the element is first.\n> (list/index-of (list 5 6) 6) => (Some 1)" [xs x]
  (loop [i 0 xs xs]
    (match xs [Nil None] [(Cons y rest) (if (= x y) (Some i) (recur (+ i 1) rest))])))

(defn count "Of how many elements `p` holds.\n> (list/count (fn [x] (> x 1)) (list 1 2 3)) => 2"
  [p xs]
  (fold (fn [n x] (if (p x) (+ n 1) n)) 0 xs))

(defn sum "The sum; zero of none.\n> (list/sum (list 1 2 3)) => 6" [xs] (fold + zero xs))

(defn product "The product; one of none.\n> (list/product (list 2 3)) => 6" [xs] (fold * one xs))

(defn reduce "Combines from the left without a start; nothing of nothing.
> (list/reduce max (list 3 7 5)) => (Some 7)"
  [f xs]
  (match xs [Nil None] [(Cons x xs) (Some (fold f x xs))]))

(defn maximum "The largest element.\n> (list/maximum (list 3 7 5)) => (Some 7)" [xs]
  (reduce max xs))
(defn minimum "The smallest element.\n> (list/minimum (list 3 7 5)) => (Some 3)" [xs]
  (reduce min xs))

(defn zip-with "Combines elements at the same place, up to the shorter end.
> (list/zip-with + (list 1 2) (list 10 20 30)) => (list 11 22)"
  [f xs ys]
  (loop [xs xs ys ys acc Nil]
    (match xs
      [Nil (reverse acc)]
      [(Cons x xs)
       (match ys [Nil (reverse acc)] [(Cons y ys) (recur xs ys (Cons (f x y) acc))])])))

(defn zip "Pairs of elements at the same place.
> (list/zip (list 1 2) (list \"a\" \"b\")) => (list (Pair 1 \"a\") (Pair 2 \"b\"))"
  [xs ys]
  (zip-with (fn [x y] (Pair x y)) xs ys))

(defn unzip "The firsts and the seconds.
> (list/unzip (list (Pair 1 \"a\") (Pair 2 \"b\"))) => (Pair (list 1 2) (list \"a\" \"b\"))"
  [pairs]
  (Pair (map fst pairs) (map snd pairs)))

(defn range "The Ints from `start` up to, not including, `end`.\n> (list/range 1 4) => (list 1 2 3)"
  [start end]
  (loop [i (- end 1) acc Nil] (if (< i start) acc (recur (- i 1) (Cons i acc)))))

(defn repeat "`n` times the same.\n> (list/repeat 3 \"x\") => (list \"x\" \"x\" \"x\")" [n x]
  (loop [i 0 acc Nil] (if (< i n) (recur (+ i 1) (Cons x acc)) acc)))

(defn generate
  "`f` of the Ints from 0 up to `n`.\n> (list/generate 3 (fn [i] (* i i))) => (list 0 1 4)" [n f]
  (map f (range 0 n)))

(defn distinct "Each element once, where it is first. Each is compared with all before it; of many,
`(distinct-by identity xs)` is faster.\n> (list/distinct (list 2 1 2)) => (list 2 1)"
  [xs]
  (reverse (fold (fn [acc x] (if (contains? acc x) acc (Cons x acc))) Nil xs)))

(defn intersperse
  "With `x` between the elements.\n> (list/intersperse 0 (list 1 2)) => (list 1 0 2)" [x xs]
  (match xs
    [Nil Nil]
    [(Cons first rest) (Cons first (flat-map (fn [y] (list x y)) rest))]))

(defn merge
  "Two sorted lists as one; of elements that are alike, those of the first come first.
> (list/merge < (list 1 3) (list 2)) => (list 1 2 3)"
  [before? xs ys]
  (loop [xs xs ys ys acc Nil]
    (match xs
      [Nil (reverse-onto acc ys)]
      [(Cons x more)
       (match ys
         [Nil (reverse-onto acc xs)]
         [(Cons y others)
          (if (before? y x) (recur xs others (Cons y acc)) (recur more ys (Cons x acc)))])])))

(defn sort-with
  "Sorted so that no element is `before?` one that stands earlier; equals keep their order.
> (list/sort-with > (list 1 3 2)) => (list 3 2 1)"
  [before? xs]
  (let [n (length xs)]
    (if (< n 2)
      xs
      (let [(Pair left right) (split-at (quot n 2) xs)]
        (merge before? (sort-with before? left) (sort-with before? right))))))

(defn sort "From the smallest; equals keep their order.\n> (list/sort (list 3 1 2)) => (list 1 2 3)"
  [xs]
  (sort-with < xs))

(defn sort-by "Sorted by what `key` gives.\n> (list/sort-by negate (list 1 3 2)) => (list 3 2 1)"
  [key xs]
  (sort-with (fn [x y] (< (key x) (key y))) xs))

(sig each (Fn [(Fn [a] b) (List a)] Unit) :where [(Unr b)])
(defn each "Calls `f` with every element, for its effect.\n> (list/each print-line (list)) => unit"
  [f xs]
  (for [x xs] (f x)))

(defn flatten "Lists one after the other, as `concat`.
> (list/flatten (list (list 1) (list 2 3))) => (list 1 2 3)"
  [xss]
  (concat xss))

(defn init "Without the last element.\n> (list/init (list 1 2 3)) => (list 1 2)" [xs]
  (drop-last 1 xs))
(defn take-last "The last `n` elements.\n> (list/take-last 2 (list 1 2 3)) => (list 2 3)" [n xs]
  (drop (- (length xs) (max n 0)) xs))
(defn drop-last
  "Without the last `n` elements.\n> (list/drop-last 2 (list 1 2 3)) => (list 1)" [n xs]
  (take (- (length xs) (max n 0)) xs))

(defn fold-while "As `fold`, until `f` gives an `Err`, which is then the result.
> (list/fold-while (fn [n x] (if (< x 0) (Err x) (Ok (+ n x)))) 0 (list 1 -2 3)) => (Err -2)"
  [f init xs]
  (match xs
    [Nil (Ok init)]
    [(Cons x rest) (match (f init x) [(Ok acc) (fold-while f acc rest)] [(Err e) (Err e)])]))

(defn scan "All that `fold` goes through, from `init` to the end.
> (list/scan + 0 (list 1 2 3)) => (list 0 1 3 6)"
  [f init xs]
  (loop [xs xs last init acc (list init)]
    (match xs
      [Nil (reverse acc)]
      [(Cons x rest) (let [next (f last x)] (recur rest next (Cons next acc)))])))

(defn iterate "`x`, `f` of it, `f` of that: `n` elements.
> (list/iterate 4 (fn [x] (* 2 x)) 1) => (list 1 2 4 8)"
  [n f x]
  (loop [i 0 x x acc Nil] (if (< i n) (recur (+ i 1) (f x) (Cons x acc)) (reverse acc))))

(defn unfold "Elements that `f` makes of a state, each with the next state, until it gives none.
> (list/unfold (fn [n] (if (= n 0) None (Some (Pair n (- n 1))))) 3) => (list 3 2 1)"
  [f state]
  (loop [state state acc Nil]
    (match (f state)
      [None (reverse acc)]
      [(Some (Pair x next)) (recur next (Cons x acc))])))

(defn range-by "From `start` in steps, up to, not including, `end`; steps may go down.
> (list/range-by 10 0 -4) => (list 10 6 2)"
  [start end step]
  (cond (= step 0) (abort "a range in steps of 0 has no end")
        :else (loop [i start acc Nil]
                (if (if (> step 0) (< i end) (> i end))
                  (recur (+ i step) (Cons i acc))
                  (reverse acc)))))

(defn index-where "Where the first element is of which `p` holds.
> (list/index-where (fn [x] (> x 1)) (list 1 2 3)) => (Some 1)"
  [p xs]
  (loop [i 0 xs xs]
    (match xs [Nil None] [(Cons x rest) (if (p x) (Some i) (recur (+ i 1) rest))])))

(defn find-map "The first thing that `f` gives for an element.
> (list/find-map string/parse-int (list \"a\" \"7\" \"8\")) => (Some 7)"
  [f xs]
  (match xs
    [Nil None]
    [(Cons x rest) (match (f x) [(Some y) (Some y)] [None (find-map f rest)])]))

(defn none? "Whether `p` holds of no element.\n> (list/none? (fn [x] (> x 2)) (list 1 2)) => true"
  [p xs]
  (not (any? p xs)))

(defn min-by "The element with the smallest key, the first of several.
> (list/min-by string/length (list \"abc\" \"d\" \"e\")) => (Some \"d\")"
  [key xs]
  (reduce (fn [best x] (if (< (key x) (key best)) x best)) xs))
(defn max-by "The element with the largest key, the first of several.
> (list/max-by string/length (list \"a\" \"bcd\" \"efg\")) => (Some \"bcd\")"
  [key xs]
  (reduce (fn [best x] (if (> (key x) (key best)) x best)) xs))

(defn sum-by "The sum of what `f` gives.\n> (list/sum-by string/length (list \"a\" \"bc\")) => 3"
  [f xs]
  (fold (fn [acc x] (+ acc (f x))) zero xs))

(defn group-by "The elements by what `key` gives, each group in its order.
> (list/group-by (fn [x] (rem x 2)) (list 1 2 3)) => {0 (list 2) 1 (list 1 3)}"
  [key xs]
  (let [put (fn [groups x]
              (let [k (key x)]
                (map-put groups k
                         (match (entry-get groups k) [(Some g) (Cons x g)] [None (list x)]))))]
    (fold put {} (reverse xs))))

(defn frequencies
  "How often each element is there.\n> (list/frequencies (list 2 1 2)) => {1 1 2 2}" [xs]
  (fold (fn [acc x] (map-put acc x (match (entry-get acc x) [(Some n) (+ n 1)] [None 1]))) {} xs))

(defn dedupe "Without elements that equal the one before.
> (list/dedupe (list 1 1 2 1)) => (list 1 2 1)"
  [xs]
  (loop [xs xs acc Nil]
    (match xs
      [Nil (reverse acc)]
      [(Cons x rest)
       (match acc
         [(Cons y _) :when (= x y) (recur rest acc)]
         [_ (recur rest (Cons x acc))])])))

(defn distinct-by "The first element of each key.
> (list/distinct-by abs (list 1 -1 2)) => (list 1 2)"
  [key xs]
  (loop [xs xs seen {} acc Nil]
    (match xs
      [Nil (reverse acc)]
      [(Cons x rest)
       (let [k (key x)]
         (match (entry-get seen k)
           [(Some _) (recur rest seen acc)]
           [None (recur rest (map-put seen k true) (Cons x acc))]))])))

(defn chunks "Pieces of `n` elements; the last may be shorter.
> (list/chunks 2 (list 1 2 3)) => (list (list 1 2) (list 3))"
  [n xs]
  (if (< n 1)
    (abort (str "pieces of " n " elements"))
    (loop [xs xs acc Nil]
      (match xs
        [Nil (reverse acc)]
        [_ (let [(Pair piece rest) (split-at n xs)] (recur rest (Cons piece acc)))]))))

(defn chunk-by "Pieces in which all elements have the same key.
> (list/chunk-by math/even? (list 2 4 1 6)) => (list (list 2 4) (list 1) (list 6))"
  [key xs]
  (loop [xs xs acc Nil]
    (match xs
      [Nil (reverse acc)]
      [(Cons x _)
       (let [k (key x) (Pair piece rest) (span (fn [y] (= (key y) k)) xs)]
         (recur rest (Cons piece acc)))])))

(defn windows "All `n` elements in a row, one further on each time.
> (list/windows 2 (list 1 2 3)) => (list (list 1 2) (list 2 3))"
  [n xs]
  (if (< n 1)
    (abort (str "windows of " n " elements"))
    (loop [xs xs left (- (length xs) n) acc Nil]
      (if (< left 0)
        (reverse acc)
        (recur (rest xs) (- left 1) (Cons (take n xs) acc))))))

(defn interleave "In turn from one and the other, up to the shorter end.
> (list/interleave (list 1 2) (list 8 9 10)) => (list 1 8 2 9)"
  [xs ys]
  (concat (zip-with (fn [x y] (list x y)) xs ys)))

(defn transpose "Rows to columns, up to the shortest row.
> (list/transpose (list (list 1 2) (list 3 4))) => (list (list 1 3) (list 2 4))"
  [rows]
  (loop [rows rows acc Nil]
    (if (or (empty? rows) (any? empty? rows))
      (reverse acc)
      (recur (map rest rows) (Cons (filter-map first rows) acc)))))

(defn product-with "`f` of each element of one with each of the other.
> (list/product-with * (list 1 2) (list 10 20)) => (list 10 20 20 40)"
  [f xs ys]
  (flat-map (fn [x] (map (fn [y] (f x y)) ys)) xs))

(defn permutations "All orders of the elements.
> (list/permutations (list 1 2)) => (list (list 1 2) (list 2 1))"
  [xs]
  (if (empty? xs)
    (list Nil)
    (flat-map (fn [i]
                (let [(Pair before from) (split-at i xs)]
                  (match from
                    [Nil Nil]
                    [(Cons x after)
                     (map (fn [others] (Cons x others)) (permutations (append before after)))])))
              (range 0 (length xs)))))

(defn combinations "All choices of `n` elements, in their order.
> (list/combinations 2 (list 1 2 3)) => (list (list 1 2) (list 1 3) (list 2 3))"
  [n xs]
  (cond (< n 1) (list Nil)
        :else (match xs
                [Nil Nil]
                [(Cons x rest)
                 (append (map (fn [others] (Cons x others)) (combinations (- n 1) rest))
                         (combinations n rest))])))

(defn update-at "With the element at an index changed by `f`; as it is where there is none.
> (list/update-at 1 inc (list 1 2 3)) => (list 1 3 3)"
  [i f xs]
  (map-indexed (fn [j x] (if (= i j) (f x) x)) xs))

(defn sorted? "Whether no element is smaller than the one before.
> (list/sorted? (list 1 2 2)) => true"
  [xs]
  (match xs
    [(Cons x rest)
     (match rest
       [(Cons y _) (if (< y x) false (sorted? rest))]
       [Nil true])]
    [Nil true]))

(defn to-vector "The elements as a vector.\n> (list/to-vector (list 1 2)) => [1 2]" [xs]
  (vector-from-list xs))
