; Lazy sequences: elements are made when they are asked for, one at a time, and nothing is kept in
; between. Steps are fused: `(->> (seq/from 1) (seq/map f) (seq/take 3) seq/to-vector)` runs once
; over the numbers, and stops at the third. A sequence may be gone through again: then it
; is made again.
(module std.seq
  :exports
  [Seq empty of of-list from range iterate repeat cycle unfold generate cons map map-indexed
   filter remove filter-map flat-map concat append take drop take-while drop-while zip
   zip-with enumerate chunks scan dedupe intersperse fold each to-vector to-list first rest
   next count any? all? find sum last empty? step-by])

(deftype (Step a) Done (Next a (Seq a)))
(deftype (Seq a) "A lazy sequence." :private (Seq (Fn [] (Step a))))

(defn run [s] (match s [(Seq f) (f)]))

; -------------------------------------------------------------------------------------- making

(def empty "No elements.\n> (seq/count seq/empty) => 0" (Seq (fn [] Done)))
(defn cons "With one element more in front.
> (seq/to-vector (seq/cons 1 (seq/of [2]))) => [1 2]"
  [x s]
  (Seq (fn [] (Next x s))))
(defn of-index [v i n]
  (Seq (fn [] (if (< i n) (Next (vector/at v i) (of-index v (+ i 1) n)) Done))))
(defn of "The elements of a vector.\n> (seq/to-vector (seq/of [1 2])) => [1 2]" [v]
  (of-index v 0 (vector/length v)))
(defn of-list "The elements of a list.\n> (seq/to-vector (seq/of-list (list 1 2))) => [1 2]" [xs]
  (Seq (fn [] (match xs [Nil Done] [(Cons x rest) (Next x (of-list rest))]))))
(defn from "All Ints from one on.\n> (seq/to-vector (seq/take 3 (seq/from 5))) => [5 6 7]" [n]
  (Seq (fn [] (Next n (from (+ n 1))))))
(defn range "The Ints from `start` up to, not including, `end`.
> (seq/to-vector (seq/range 1 4)) => [1 2 3]"
  [start end]
  (Seq (fn [] (if (< start end) (Next start (range (+ start 1) end)) Done))))
(defn iterate "`x`, `f` of it, `f` of that, without end.
> (seq/to-vector (seq/take 4 (seq/iterate (fn [x] (* 2 x)) 1))) => [1 2 4 8]"
  [f x]
  (Seq (fn [] (Next x (Seq (fn [] (run (iterate f (f x)))))))))
(defn repeat "The same without end.\n> (seq/to-vector (seq/take 2 (seq/repeat :a))) => [:a :a]" [x]
  (Seq (fn [] (Next x (repeat x)))))
(defn cycle "The elements again and again.
> (seq/to-vector (seq/take 5 (seq/cycle (seq/of [1 2])))) => [1 2 1 2 1]"
  [s]
  (if (empty? s) empty (append s (Seq (fn [] (run (cycle s)))))))
(defn unfold "Elements that `f` makes of a state, each with the next state, until it gives none.
> (seq/to-vector (seq/unfold (fn [n] (if (= n 0) None (Some (Pair n (- n 1))))) 3)) => [3 2 1]"
  [f state]
  (Seq (fn [] (match (f state) [None Done] [(Some (Pair x next)) (Next x (unfold f next))]))))
(defn generate "`f` of the Ints from 0 on.
> (seq/to-vector (seq/take 3 (seq/generate (fn [i] (* i i))))) => [0 1 4]"
  [f]
  (map f (from 0)))

; ------------------------------------------------------------------------------------ changing

(defn map "Every element changed by `f`.\n> (seq/to-vector (seq/map inc (seq/of [1 2]))) => [2 3]"
  [f s]
  (Seq (fn [] (match (run s) [Done Done] [(Next x rest) (Next (f x) (map f rest))]))))
(defn enumerate "The elements with their indices.
> (seq/to-vector (seq/enumerate (seq/of [:a :b]))) => [(Pair 0 :a) (Pair 1 :b)]"
  [s]
  (zip (from 0) s))
(defn map-indexed "Every element changed by `f`, which also gets its index.
> (seq/to-vector (seq/map-indexed + (seq/of [10 10]))) => [10 11]"
  [f s]
  (zip-with f (from 0) s))
(defn next-where [p s]
  (match (run s) [Done Done] [(Next x rest) (if (p x) (Next x rest) (next-where p rest))]))
(defn filter "The elements of which `keep?` holds.
> (seq/to-vector (seq/filter (fn [x] (> x 1)) (seq/of [1 2 3]))) => [2 3]"
  [keep? s]
  (Seq (fn [] (match (next-where keep? s)
                [Done Done]
                [(Next x rest) (Next x (filter keep? rest))]))))
(defn remove "The elements of which `drop?` does not hold.
> (seq/to-vector (seq/remove (fn [x] (> x 1)) (seq/of [1 2 3]))) => [1]"
  [drop? s]
  (filter (fn [x] (not (drop? x))) s))
(defn next-some [f s]
  (match (run s)
    [Done None]
    [(Next x rest) (match (f x) [(Some y) (Some (Pair y rest))] [None (next-some f rest)])]))
(defn filter-map "What `f` gives for each element, where it gives something.
> (seq/to-vector (seq/filter-map string/parse-int (seq/of [\"1\" \"x\"]))) => [1]"
  [f s]
  (Seq (fn [] (match (next-some f s)
                [None Done]
                [(Some (Pair y rest)) (Next y (filter-map f rest))]))))
(defn next-inner [inner f s]
  (match (run inner)
    [(Next y more) (Next y (Seq (fn [] (next-inner more f s))))]
    [Done (match (run s) [Done Done] [(Next x rest) (next-inner (f x) f rest)])]))
(defn flat-map "The sequences that `f` gives, one after the other.
> (seq/to-vector (seq/flat-map (fn [n] (seq/range 0 n)) (seq/of [1 2]))) => [0 0 1]"
  [f s]
  (Seq (fn [] (next-inner empty f s))))
(defn concat "Sequences one after the other.
> (seq/to-vector (seq/concat (seq/of [(seq/of [1]) (seq/of [2])]))) => [1 2]"
  [ss]
  (flat-map identity ss))
(defn append "One sequence after the other.
> (seq/to-vector (seq/append (seq/of [1]) (seq/of [2]))) => [1 2]"
  [s t]
  (Seq (fn [] (match (run s) [Done (run t)] [(Next x rest) (Next x (append rest t))]))))
(defn take "The first `n` elements.\n> (seq/to-vector (seq/take 2 (seq/from 1))) => [1 2]" [n s]
  (Seq (fn [] (if (< n 1)
                Done
                (match (run s) [Done Done] [(Next x rest) (Next x (take (- n 1) rest))])))))
(defn dropped [n s]
  (if (< n 1) (run s) (match (run s) [Done Done] [(Next _ rest) (dropped (- n 1) rest)])))
(defn drop "Without the first `n` elements.
> (seq/to-vector (seq/drop 2 (seq/of [1 2 3]))) => [3]"
  [n s]
  (Seq (fn [] (dropped n s))))
(defn take-while "The longest start of which `p` holds.
> (seq/to-vector (seq/take-while (fn [x] (< x 3)) (seq/from 1))) => [1 2]"
  [p s]
  (Seq (fn [] (match (run s)
                [(Next x rest) :when (p x) (Next x (take-while p rest))]
                [_ Done]))))
(defn drop-while "Without the longest start of which `p` holds.
> (seq/to-vector (seq/drop-while (fn [x] (< x 3)) (seq/of [1 2 3 1]))) => [3 1]"
  [p s]
  (Seq (fn [] (next-where (fn [x] (not (p x))) s))))
(defn step-by "Every `n`th element, the first first.
> (seq/to-vector (seq/take 3 (seq/step-by 10 (seq/from 0)))) => [0 10 20]"
  [n s]
  (Seq (fn [] (match (run s)
                [Done Done]
                [(Next x rest) (Next x (step-by n (drop (- n 1) rest)))]))))
(defn zip-with "Combines elements at the same place, up to the shorter end.
> (seq/to-vector (seq/zip-with + (seq/from 0) (seq/of [10 20]))) => [10 21]"
  [f s t]
  (Seq (fn [] (match (run s)
                [Done Done]
                [(Next x xs)
                 (match (run t) [Done Done] [(Next y ys) (Next (f x y) (zip-with f xs ys))])]))))
(defn zip "Pairs of elements at the same place.
> (seq/to-vector (seq/zip (seq/of [1]) (seq/of [:a]))) => [(Pair 1 :a)]"
  [s t]
  (zip-with (fn [x y] (Pair x y)) s t))
(defn gathered [n s acc]
  (if (= n 0)
    (Pair acc s)
    (match (run s)
      [Done (Pair acc empty)]
      [(Next x rest) (gathered (- n 1) rest (vector/push acc x))])))
(defn chunks "Vectors of `n` elements; the last may be shorter.
> (seq/to-vector (seq/chunks 2 (seq/range 0 3))) => [[0 1] [2]]"
  [n s]
  (if (< n 1)
    (abort (str "pieces of " n " elements"))
    (Seq (fn [] (let [(Pair piece rest) (gathered n s [])]
                  (if (vector/empty? piece) Done (Next piece (chunks n rest))))))))
(defn scan "All that `fold` goes through, from `init`.
> (seq/to-vector (seq/take 4 (seq/scan + 0 (seq/from 1)))) => [0 1 3 6]"
  [f init s]
  (Seq (fn []
         (Next init
               (Seq (fn [] (match (run s)
                             [Done Done]
                             [(Next x rest) (run (scan f (f init x) rest))])))))))
(defn dedupe "Without elements that equal the one before.
> (seq/to-vector (seq/dedupe (seq/of [1 1 2 1]))) => [1 2 1]"
  [s]
  (Seq (fn [] (match (run s)
                [Done Done]
                [(Next x rest) (Next x (dedupe (drop-while (fn [y] (= x y)) rest)))]))))
(defn intersperse "With `x` between the elements.
> (seq/to-vector (seq/intersperse 0 (seq/of [1 2]))) => [1 0 2]"
  [x s]
  (drop 1 (flat-map (fn [y] (of [x y])) s)))

; --------------------------------------------------------------------------------------- using

(defn fold "Combines from the left.\n> (seq/fold + 0 (seq/range 1 4)) => 6" [f init s]
  (match (run s) [Done init] [(Next x rest) (fold f (f init x) rest)]))
(defn to-vector "The elements of a sequence that ends.
> (seq/to-vector (seq/range 0 2)) => [0 1]"
  [s]
  (fold vector/push [] s))
(defn to-list "The elements of a sequence that ends.
> (seq/to-list (seq/range 0 2)) => (list 0 1)"
  [s]
  (vector/to-list (to-vector s)))
(defn next "The first element, and the others.
> (option/map fst (seq/next (seq/from 1))) => (Some 1)"
  [s]
  (match (run s) [Done None] [(Next x rest) (Some (Pair x rest))]))
(defn first "The first element.\n> (seq/first (seq/from 1)) => (Some 1)" [s]
  (option/map fst (next s)))
(defn rest "Without the first element.\n> (seq/first (seq/rest (seq/from 1))) => (Some 2)" [s]
  (drop 1 s))
(defn last "The last element of a sequence that ends.\n> (seq/last (seq/range 0 3)) => (Some 2)" [s]
  (fold (fn [_ x] (Some x)) None s))
(defn count "How many elements.\n> (seq/count (seq/range 0 5)) => 5" [s]
  (fold (fn [n _] (+ n 1)) 0 s))
(defn sum "The sum; zero of none.\n> (seq/sum (seq/range 1 4)) => 6" [s] (fold + zero s))
(defn empty? "Whether there is no element.\n> (seq/empty? (seq/from 1)) => false" [s]
  (match (run s) [Done true] [_ false]))
(defn find "The first element of which `p` holds.
> (seq/find (fn [x] (> (* x x) 50)) (seq/from 1)) => (Some 8)"
  [p s]
  (match (next-where p s) [Done None] [(Next x _) (Some x)]))
(defn any? "Whether `p` holds of some element.
> (seq/any? (fn [x] (> x 9)) (seq/from 1)) => true"
  [p s]
  (option/some? (find p s)))
(defn all? "Whether `p` holds of every element.
> (seq/all? (fn [x] (< x 9)) (seq/from 1)) => false"
  [p s]
  (not (any? (fn [x] (not (p x))) s)))
(sig each (Fn [(Fn [a] b) (Seq a)] Unit) :where [(Unr a) (Unr b)])
(defn each "Calls `f` with every element, for its effect.
> (seq/each (fn [x] (print x)) (seq/range 0 2)) => unit"
  [f s]
  (fold (fn [_ x] (do (f x) unit)) unit s))
