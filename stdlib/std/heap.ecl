; Heaps: priority queues that give their smallest element first, by `Ord`. Persistent leftist heaps:
; the shorter way down is always to the right, so that merging takes logarithmic time. For another
; order, or for values without one, put `(Pair priority value)` in.
(module std.heap
  :exports [Heap empty of of-list singleton push pop peek size empty? merge to-list to-vector
            push-all take-smallest])

(deftype (Heap a) "A heap; the smallest first." :private Empty (Node Int Int a (Heap a) (Heap a)))

(implement (Eq (Heap a)) :where [(Ord a)] (defn = [g h] (= (to-list g) (to-list h))))
(implement (Show (Heap a)) :where [(Show a) (Ord a)]
  (defn show [h] (str "(heap/of " (to-vector h) ")")))
(implement (Serialize (Heap a)) :where [(Serialize a) (Ord a)]
  (defn to-json [h] (to-json (to-vector h))))

(defn rank [h] (match h [Empty 0] [(Node rank _ _ _ _) rank]))
(defn node [x a b]
  (let [n (+ 1 (+ (size a) (size b)))]
    (if (>= (rank a) (rank b)) (Node (+ 1 (rank b)) n x a b) (Node (+ 1 (rank a)) n x b a))))

(def empty "No elements.\n> (heap/size heap/empty) => 0" Empty)
(defn singleton "One element.\n> (heap/singleton 1) => (heap/of [1])" [x] (Node 1 1 x Empty Empty))
(defn size "How many elements.\n> (heap/size (heap/of [3 1])) => 2" [h]
  (match h [Empty 0] [(Node _ n _ _ _) n]))
(defn empty? "Whether there is no element.\n> (heap/empty? (heap/of [1])) => false" [h]
  (match h [Empty true] [_ false]))
(defn merge "The elements of both.
> (heap/merge (heap/of [1 4]) (heap/of [2])) => (heap/of [1 2 4])"
  [g h]
  (match g
    [Empty h]
    [(Node _ _ x a b)
     (match h
       [Empty g]
       [(Node _ _ y c d) (if (<= x y) (node x a (merge b h)) (node y c (merge g d)))])]))
(defn push "With one element more.\n> (heap/push (heap/of [3]) 1) => (heap/of [1 3])" [h x]
  (merge (singleton x) h))
(defn peek "The smallest element.\n> (heap/peek (heap/of [3 1])) => (Some 1)" [h]
  (match h [Empty None] [(Node _ _ x _ _) (Some x)]))
(defn pop "The smallest element, and the others.
> (heap/pop (heap/of [3 1])) => (Some (Pair 1 (heap/of [3])))"
  [h]
  (match h [Empty None] [(Node _ _ x a b) (Some (Pair x (merge a b)))]))

(defn pairs [hs]
  (loop [hs hs acc Nil]
    (match hs
      [Nil acc]
      [(Cons h Nil) (Cons h acc)]
      [(Cons g (Cons h rest)) (recur rest (Cons (merge g h) acc))])))
(defn merged [hs] (match hs [Nil Empty] [(Cons h Nil) h] [_ (merged (pairs hs))]))
(defn of-list "A list's elements, in linear time.
> (heap/of-list (list 2 1)) => (heap/of [1 2])"
  [xs]
  (merged (list/map singleton xs)))
(defn of "A vector's elements, in linear time.\n> (heap/peek (heap/of [2 1])) => (Some 1)" [v]
  (of-list (vector/to-list v)))
(defn push-all "With the elements of a vector.
> (heap/push-all (heap/of [2]) [3 1]) => (heap/of [1 2 3])"
  [h v]
  (merge h (of v)))

(defn to-vector "The elements, the smallest first.\n> (heap/to-vector (heap/of [3 1])) => [1 3]" [h]
  (loop [h h acc []]
    (match (pop h) [None acc] [(Some (Pair x rest)) (recur rest (vector/push acc x))])))
(defn to-list "The elements, the smallest first.
> (heap/to-list (heap/of [3 1])) => (list 1 3)"
  [h]
  (vector/to-list (to-vector h)))
(defn take-smallest "The `n` smallest elements, and the heap of the others.
> (heap/take-smallest 2 (heap/of [3 1 2])) => (Pair [1 2] (heap/of [3]))"
  [n h]
  (loop [n n h h acc []]
    (if (<= n 0)
      (Pair acc h)
      (match (pop h)
        [None (Pair acc h)]
        [(Some (Pair x rest)) (recur (- n 1) rest (vector/push acc x))]))))
