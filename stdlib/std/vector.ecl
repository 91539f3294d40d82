; Vectors: any element in almost constant time; cheap at both ends; changed in place where no one
; else has them. Functions take the vector last; what looks up in or changes one takes it first.
(module std.vector)

(builtin get (Fn [(Vector a) Int] (Option a))
  "The element at an index from 0.\n> (vector/get [5 6] 1) => (Some 6)")
(builtin set (Fn [(Vector a) Int a] (Vector a))
  "With another element at an index; aborts outside.\n> (vector/set [1 2] 0 9) => [9 2]")
(builtin push-front (Fn [(Vector a) a] (Vector a))
  "With one element more at the front.\n> (vector/push-front [2] 1) => [1 2]")
(builtin append (Fn [(Vector a) (Vector a)] (Vector a))
  "One vector after the other.\n> (vector/append [1] [2 3]) => [1 2 3]")
(builtin slice (Fn [(Vector a) Int Int] (Vector a))
  "The elements from an index up to, not including, another.
> (vector/slice [1 2 3 4] 1 3) => [2 3]")
(builtin reverse (Fn [(Vector a)] (Vector a))
  "Back to front.\n> (vector/reverse [1 2 3]) => [3 2 1]")
(builtin from-list (Fn [(List a)] (Vector a))
  "A list's elements.\n> (vector/from-list (list 1 2)) => [1 2]")
(builtin to-list (Fn [(Vector a)] (List a))
  "The elements as a list.\n> (vector/to-list [1 2]) => (list 1 2)")

(defn length "How many elements.\n> (vector/length [5 6 7]) => 3" [v] (vector-length v))
(defn at "The element at an index from 0; aborts outside.\n> (vector/at [5 6] 1) => 6" [v i]
  (vector-get v i))
(defn push "With one element more at the end.\n> (vector/push [1] 2) => [1 2]" [v x]
  (vector-push v x))
(defn empty? "Whether there is no element.\n> (vector/empty? []) => true" [v]
  (= (vector-length v) 0))
(defn first "The first element.\n> (vector/first [1 2]) => (Some 1)" [v] (get v 0))
(defn last "The last element.\n> (vector/last [1 2]) => (Some 2)" [v]
  (get v (- (vector-length v) 1)))
(defn rest "Without the first element.\n> (vector/rest [1 2]) => [2]" [v]
  (slice v 1 (vector-length v)))
(defn take "The first `n` elements.\n> (vector/take 2 [1 2 3]) => [1 2]" [n v] (slice v 0 n))
(defn drop "Without the first `n` elements.\n> (vector/drop 2 [1 2 3]) => [3]" [n v]
  (slice v n (vector-length v)))

(defn update "With the element at an index changed by `f`; aborts outside.
> (vector/update [1 2] 0 inc) => [2 2]"
  [v i f]
  (set v i (f (vector-get v i))))

(defn fold "Combines from the left, starting with `init`.\n> (vector/fold + 0 [1 2 3]) => 6"
  [f init v]
  (list/fold f init (to-list v)))

(defn fold-right "Combines from the right.
> (vector/fold-right (fn [x text] (str x text)) \"\" [1 2 3]) => \"123\""
  [f init v]
  (loop [i (- (vector-length v) 1) acc init]
    (if (< i 0) acc (recur (- i 1) (f (vector-get v i) acc)))))

(defn map "Every element changed by `f`.\n> (vector/map inc [1 2]) => [2 3]" [f v]
  (fold (fn [acc x] (vector-push acc (f x))) [] v))

(defn map-indexed "Every element changed by `f`, which also gets its index.
> (vector/map-indexed (fn [i x] (+ i x)) [10 10]) => [10 11]"
  [f v]
  (let [n (vector-length v)]
    (loop [i 0 acc []] (if (< i n) (recur (+ i 1) (vector-push acc (f i (vector-get v i)))) acc))))

(defn filter
  "The elements of which `keep?` holds.\n> (vector/filter (fn [x] (> x 1)) [1 2 3]) => [2 3]"
  [keep? v]
  (fold (fn [acc x] (if (keep? x) (vector-push acc x) acc)) [] v))

(defn remove
  "The elements of which `drop?` does not hold.\n> (vector/remove (fn [x] (> x 1)) [1 2 3]) => [1]"
  [drop? v]
  (filter (fn [x] (not (drop? x))) v))

(defn filter-map "What `f` gives for each element, where it gives something.
> (vector/filter-map (fn [x] (if (> x 1) (Some (* x 10)) None)) [1 2]) => [20]"
  [f v]
  (fold (fn [acc x] (match (f x) [(Some y) (vector-push acc y)] [None acc])) [] v))

(builtin concat (Fn [(Vector (Vector a))] (Vector a))
  "Vectors one after the other.\n> (vector/concat [[1] [] [2 3]]) => [1 2 3]")
(builtin insert-at (Fn [(Vector a) Int a] (Vector a))
  "With one element more at an index; aborts outside.\n> (vector/insert-at [1 3] 1 2) => [1 2 3]")
(builtin remove-at (Fn [(Vector a) Int] (Vector a))
  "Without the element at an index; aborts outside.\n> (vector/remove-at [1 2 3] 0) => [2 3]")

(defn flat-map "The vectors that `f` gives, one after the other.
> (vector/flat-map (fn [x] [x x]) [1 2]) => [1 1 2 2]"
  [f v]
  (fold (fn [acc x] (append acc (f x))) [] v))

(defn partition "The elements of which `p` holds, and the others.
> (vector/partition (fn [x] (> x 1)) [1 2 3]) => (Pair [2 3] [1])"
  [p v]
  (Pair (filter p v) (remove p v)))

(defn index-where "Where the first element is of which `p` holds.
> (vector/index-where (fn [x] (> x 1)) [1 2 3]) => (Some 1)"
  [p v]
  (let [n (vector-length v)]
    (loop [i 0] (cond (= i n) None (p (vector-get v i)) (Some i) :else (recur (+ i 1))))))

(defn index-of "Where the element is first.\n> (vector/index-of [5 6] 6) => (Some 1)" [v x]
  (index-where (fn [y] (= x y)) v))

(defn any? "Whether `p` holds of some element.\n> (vector/any? (fn [x] (> x 1)) [1 2]) => true"
  [p v]
  (match (index-where p v) [(Some _) true] [None false]))

(defn all? "Whether `p` holds of every element.\n> (vector/all? (fn [x] (> x 1)) [1 2]) => false"
  [p v]
  (not (any? (fn [x] (not (p x))) v)))

(defn contains? "Whether the element is there.\n> (vector/contains? [1 2] 2) => true" [v x]
  (any? (fn [y] (= x y)) v))

(defn find
  "The first element of which `p` holds.\n> (vector/find (fn [x] (> x 1)) [1 2 3]) => (Some 2)"
  [p v]
  (match (index-where p v) [(Some i) (get v i)] [None None]))

(defn count "Of how many elements `p` holds.\n> (vector/count (fn [x] (> x 1)) [1 2 3]) => 2" [p v]
  (fold (fn [n x] (if (p x) (+ n 1) n)) 0 v))

(defn sum "The sum; zero of none.\n> (vector/sum [1GiB 512MiB]) => 1.5GiB" [v] (fold + zero v))

(defn product "The product; one of none.\n> (vector/product [2 3]) => 6" [v] (fold * one v))

(defn reduce "Combines from the left without a start; nothing of nothing.
> (vector/reduce max [3 7 5]) => (Some 7)"
  [f v]
  (match (first v) [(Some x) (Some (fold f x (rest v)))] [None None]))

(defn maximum "The largest element.\n> (vector/maximum [3 7 5]) => (Some 7)" [v] (reduce max v))
(defn minimum "The smallest element.\n> (vector/minimum [3 7 5]) => (Some 3)" [v] (reduce min v))

(defn zip-with "Combines elements at the same place, up to the shorter end.
> (vector/zip-with + [1 2] [10 20 30]) => [11 22]"
  [f v w]
  (let [n (min (vector-length v) (vector-length w))]
    (loop [i 0 acc []]
      (if (< i n) (recur (+ i 1) (vector-push acc (f (vector-get v i) (vector-get w i)))) acc))))

(defn zip "Pairs of elements at the same place.
> (vector/zip [1 2] [\"a\" \"b\"]) => [(Pair 1 \"a\") (Pair 2 \"b\")]"
  [v w]
  (zip-with (fn [x y] (Pair x y)) v w))

(defn range "The Ints from `start` up to, not including, `end`.\n> (vector/range 1 4) => [1 2 3]"
  [start end]
  (loop [i start acc []] (if (< i end) (recur (+ i 1) (vector-push acc i)) acc)))

(builtin repeat (Fn [Int a] (Vector a))
  "`n` times the same.\n> (vector/repeat 3 \"x\") => [\"x\" \"x\" \"x\"]")

(defn generate
  "`f` of the Ints from 0 up to `n`.\n> (vector/generate 3 (fn [i] (* i i))) => [0 1 4]" [n f]
  (map f (range 0 n)))

(defn distinct "Each element once, where it is first. Each is compared with all before it; of many,
`(distinct-by identity v)` is faster.\n> (vector/distinct [2 1 2]) => [2 1]" [v]
  (fold (fn [acc x] (if (contains? acc x) acc (vector-push acc x))) [] v))

(defn chunks
  "Pieces of `n` elements; the last may be shorter.\n> (vector/chunks 2 [1 2 3]) => [[1 2] [3]]"
  [n v]
  (if (< n 1)
    (abort (str "pieces of " n " elements"))
    (map (fn [i] (slice v i (+ i n))) (range-by 0 (vector-length v) n))))

(defn sort-with
  "Sorted so that no element is `before?` one that stands earlier; equals keep their order.
> (vector/sort-with > [1 3 2]) => [3 2 1]"
  [before? v]
  (from-list (list/sort-with before? (to-list v))))

(defn sort "From the smallest; equals keep their order.\n> (vector/sort [3 1 2]) => [1 2 3]" [v]
  (sort-with < v))

(defn sort-by "Sorted by what `key` gives.\n> (vector/sort-by negate [1 3 2]) => [3 2 1]" [key v]
  (sort-with (fn [x y] (< (key x) (key y))) v))

(sig each (Fn [(Fn [a] b) (Vector a)] Unit) :where [(Unr b)])
(defn each "Calls `f` with every element, for its effect.\n> (vector/each print-line []) => unit"
  [f v]
  (for [x v] (f x)))

(defn flatten
  "Vectors one after the other, as `concat`.\n> (vector/flatten [[1] [2 3]]) => [1 2 3]" [vs]
  (concat vs))

(defn init "Without the last element.\n> (vector/init [1 2 3]) => [1 2]" [v] (drop-last 1 v))
(defn pop "The last element, and the others.\n> (vector/pop [1 2]) => (Some (Pair 2 [1]))" [v]
  (match (last v) [(Some x) (Some (Pair x (init v)))] [None None]))
(defn take-last "The last `n` elements.\n> (vector/take-last 2 [1 2 3]) => [2 3]" [n v]
  (drop (- (vector-length v) (max n 0)) v))
(defn drop-last "Without the last `n` elements.\n> (vector/drop-last 2 [1 2 3]) => [1]" [n v]
  (take (- (vector-length v) (max n 0)) v))
(defn split-at "The first `n` elements, and the others.
> (vector/split-at 1 [1 2 3]) => (Pair [1] [2 3])"
  [n v]
  (Pair (take n v) (drop n v)))
(defn swap "With two elements in each other's places; aborts outside.
> (vector/swap [1 2 3] 0 2) => [3 2 1]"
  [v i j]
  (let [x (vector-get v i) y (vector-get v j)] (set (set v i y) j x)))

(defn span "The longest start of which `p` holds, and the others.
> (vector/span (fn [x] (< x 3)) [1 2 3 1]) => (Pair [1 2] [3 1])"
  [p v]
  (split-at (option/get-or (index-where (fn [x] (not (p x))) v) (vector-length v)) v))
(defn take-while "The longest start of which `p` holds.
> (vector/take-while (fn [x] (< x 3)) [1 2 3 1]) => [1 2]"
  [p v]
  (fst (span p v)))
(defn drop-while "Without the longest start of which `p` holds.
> (vector/drop-while (fn [x] (< x 3)) [1 2 3 1]) => [3 1]"
  [p v]
  (snd (span p v)))

(defn fold-while "As `fold`, until `f` gives an `Err`, which is then the result.
> (vector/fold-while (fn [n x] (if (< x 0) (Err x) (Ok (+ n x)))) 0 [1 -2 3]) => (Err -2)"
  [f init v]
  (let [n (vector-length v)]
    (loop [i 0 acc init]
      (if (< i n)
        (match (f acc (vector-get v i)) [(Ok next) (recur (+ i 1) next)] [(Err e) (Err e)])
        (Ok acc)))))

(defn scan
  "All that `fold` goes through, from `init`.\n> (vector/scan + 0 [1 2 3]) => [0 1 3 6]" [f init v]
  (let [n (vector-length v)]
    (loop [i 0 last init acc [init]]
      (if (< i n)
        (let [next (f last (vector-get v i))] (recur (+ i 1) next (vector-push acc next)))
        acc))))

(defn range-by "From `start` in steps, up to, not including, `end`; steps may go down.
> (vector/range-by 10 0 -4) => [10 6 2]"
  [start end step]
  (cond (= step 0) (abort "a range in steps of 0 has no end")
        :else (loop [i start acc []]
                (if (if (> step 0) (< i end) (> i end))
                  (recur (+ i step) (vector-push acc i))
                  acc))))

(defn find-map "The first thing that `f` gives for an element.
> (vector/find-map string/parse-int [\"a\" \"7\" \"8\"]) => (Some 7)"
  [f v]
  (let [n (vector-length v)]
    (loop [i 0]
      (if (= i n)
        None
        (match (f (vector-get v i)) [(Some y) (Some y)] [None (recur (+ i 1))])))))

(defn last-index-of "Where the element is last.\n> (vector/last-index-of [5 6 5] 5) => (Some 2)"
  [v x]
  (loop [i (- (vector-length v) 1)]
    (cond (< i 0) None (= (vector-get v i) x) (Some i) :else (recur (- i 1)))))

(defn none? "Whether `p` holds of no element.\n> (vector/none? (fn [x] (> x 2)) [1 2]) => true"
  [p v]
  (not (any? p v)))

(defn min-by "The element with the smallest key, the first of several.
> (vector/min-by string/length [\"abc\" \"d\" \"e\"]) => (Some \"d\")"
  [key v]
  (reduce (fn [best x] (if (< (key x) (key best)) x best)) v))
(defn max-by "The element with the largest key, the first of several.
> (vector/max-by string/length [\"a\" \"bcd\" \"efg\"]) => (Some \"bcd\")"
  [key v]
  (reduce (fn [best x] (if (> (key x) (key best)) x best)) v))
(defn sum-by
  "The sum of what `f` gives.\n> (vector/sum-by string/length [\"a\" \"bc\"]) => 3" [f v]
  (fold (fn [acc x] (+ acc (f x))) zero v))

(defn group-by "The elements by what `key` gives, each group in its order.
> (vector/group-by (fn [x] (rem x 2)) [1 2 3]) => {0 [2] 1 [1 3]}"
  [key v]
  (let [put (fn [groups x]
              (let [k (key x)]
                (map-put groups k
                         (match (entry-get groups k) [(Some g) (vector-push g x)] [None [x]]))))]
    (fold put {} v)))
(defn frequencies
  "How often each element is there.\n> (vector/frequencies [2 1 2]) => {1 1 2 2}" [v]
  (fold (fn [acc x] (map-put acc x (match (entry-get acc x) [(Some n) (+ n 1)] [None 1]))) {} v))

(defn dedupe "Without elements that equal the one before.
> (vector/dedupe [1 1 2 1]) => [1 2 1]"
  [v]
  (fold (fn [acc x] (if (= (last acc) (Some x)) acc (vector-push acc x))) [] v))
(defn distinct-by
  "The first element of each key.\n> (vector/distinct-by abs [1 -1 2]) => [1 2]" [key v]
  (from-list (list/distinct-by key (to-list v))))

(defn chunk-by "Pieces in which all elements have the same key.
> (vector/chunk-by math/even? [2 4 1 6]) => [[2 4] [1] [6]]"
  [key v]
  (map from-list (from-list (list/chunk-by key (to-list v)))))

(defn windows "All `n` elements in a row, one further on each time.
> (vector/windows 2 [1 2 3]) => [[1 2] [2 3]]"
  [n v]
  (if (< n 1)
    (abort (str "windows of " n " elements"))
    (map (fn [i] (slice v i (+ i n))) (range 0 (- (+ (vector-length v) 1) n)))))

(defn unzip "The firsts and the seconds.
> (vector/unzip [(Pair 1 \"a\") (Pair 2 \"b\")]) => (Pair [1 2] [\"a\" \"b\"])"
  [pairs]
  (Pair (map fst pairs) (map snd pairs)))

(defn interleave "In turn from one and the other, up to the shorter end.
> (vector/interleave [1 2] [8 9 10]) => [1 8 2 9]"
  [v w]
  (concat (zip-with (fn [x y] [x y]) v w)))

(defn intersperse "With `x` between the elements.\n> (vector/intersperse 0 [1 2]) => [1 0 2]" [x v]
  (drop 1 (flat-map (fn [y] [x y]) v)))

(defn transpose "Rows to columns, up to the shortest row.
> (vector/transpose [[1 2] [3 4]]) => [[1 3] [2 4]]"
  [rows]
  (let [width (option/get-or (minimum (map vector-length rows)) 0)]
    (generate width (fn [i] (map (fn [row] (vector-get row i)) rows)))))

(defn rotate "The first `n` elements moved to the end; the last ones to the front where `n` < 0.
> (vector/rotate 1 [1 2 3]) => [2 3 1]"
  [n v]
  (if (empty? v)
    v
    (let [(Pair front back) (split-at (mod n (vector-length v)) v)] (append back front))))

(defn sorted? "Whether no element is smaller than the one before.
> (vector/sorted? [1 2 2]) => true"
  [v]
  (all? (fn [i] (<= (vector-get v (- i 1)) (vector-get v i))) (range 1 (vector-length v))))

(defn binary-search
  "Where an element is in a sorted vector: `Ok` its index, else `Err` the index to insert it at.
> (vector/binary-search [10 20 30] 20) => (Ok 1)
> (vector/binary-search [10 20 30] 25) => (Err 2)"
  [v x]
  (loop [low 0 high (vector-length v)]
    (if (>= low high)
      (Err low)
      (let [middle (quot (+ low high) 2)]
        (match (compare (vector-get v middle) x)
          [Equal (Ok middle)]
          [Less (recur (+ middle 1) high)]
          [Greater (recur low middle)])))))
