; Sets: each element once. Elements are data, held and listed in their structural order, as the keys
; of maps are.
(module std.set)

(builtin empty (Set a) "No elements.\n> (set/size set/empty) => 0")
(builtin of (Fn [(Vector a)] (Set a))
  "The elements of a vector.\n> (set/size (set/of [1 2 1])) => 2")
(builtin size (Fn [(Set a)] Int) "How many elements.\n> (set/size (set/of [1 2])) => 2")
(builtin contains? (Fn [(Set a) a] Bool)
  "Whether the element is there.\n> (set/contains? (set/of [1 2]) 2) => true")
(builtin insert (Fn [(Set a) a] (Set a))
  "With an element.\n> (set/insert (set/of [1]) 2) => (set/of [1 2])")
(builtin remove (Fn [(Set a) a] (Set a))
  "Without an element.\n> (set/remove (set/of [1 2]) 1) => (set/of [2])")
(builtin union (Fn [(Set a) (Set a)] (Set a))
  "What is in one or the other.\n> (set/union (set/of [1]) (set/of [2])) => (set/of [1 2])")
(builtin intersection (Fn [(Set a) (Set a)] (Set a))
  "What is in both.\n> (set/intersection (set/of [1 2]) (set/of [2 3])) => (set/of [2])")
(builtin difference (Fn [(Set a) (Set a)] (Set a))
  "What is in the first only.\n> (set/difference (set/of [1 2]) (set/of [2 3])) => (set/of [1])")
(builtin subset? (Fn [(Set a) (Set a)] Bool)
  "Whether all of the first is in the second.\n> (set/subset? (set/of [1]) (set/of [1 2])) => true")

(builtin first (Fn [(Set a)] (Option a))
  "The smallest element.\n> (set/first (set/of [2 1])) => (Some 1)")
(builtin last (Fn [(Set a)] (Option a))
  "The largest element.\n> (set/last (set/of [2 1])) => (Some 2)")

(defn to-vector "The elements in order.\n> (set/to-vector (set/of [2 1])) => [1 2]" [s]
  (set-to-vector s))
(defn empty? "Whether there is no element.\n> (set/empty? (set/of [1])) => false" [s]
  (= (size s) 0))
(defn fold "Combines the elements in order.\n> (set/fold + 0 (set/of [1 2])) => 3" [f init s]
  (vector/fold f init (set-to-vector s)))
(defn map "What `f` gives for each element.\n> (set/map inc (set/of [1 2])) => (set/of [2 3])" [f s]
  (fold (fn [acc x] (insert acc (f x))) empty s))
(defn filter "The elements of which `keep?` holds.
> (set/filter (fn [x] (> x 1)) (set/of [1 2])) => (set/of [2])"
  [keep? s]
  (fold (fn [acc x] (if (keep? x) (insert acc x) acc)) empty s))
(defn singleton "A set of one element.\n> (set/singleton 1) => (set/of [1])" [x] (insert empty x))
(defn of-list
  "The elements of a list.\n> (set/of-list (list 2 1 2)) => (set/of [1 2])" [xs]
  (of (vector/from-list xs)))
(defn to-list "The elements in order.\n> (set/to-list (set/of [2 1])) => (list 1 2)" [s]
  (vector/to-list (set-to-vector s)))
(defn remove-if "The elements of which `drop?` does not hold.
> (set/remove-if (fn [x] (> x 1)) (set/of [1 2])) => (set/of [1])"
  [drop? s]
  (filter (fn [x] (not (drop? x))) s))
(defn partition "The elements of which `p` holds, and the others.
> (set/partition (fn [x] (> x 1)) (set/of [1 2])) => (Pair (set/of [2]) (set/of [1]))"
  [p s]
  (Pair (filter p s) (remove-if p s)))
(defn any? "Whether `p` holds of some element.
> (set/any? (fn [x] (> x 1)) (set/of [1 2])) => true"
  [p s]
  (vector/any? p (set-to-vector s)))
(defn all? "Whether `p` holds of every element.
> (set/all? (fn [x] (> x 1)) (set/of [1 2])) => false"
  [p s]
  (vector/all? p (set-to-vector s)))
(defn find "The first element of which `p` holds.
> (set/find (fn [x] (> x 1)) (set/of [1 2 3])) => (Some 2)"
  [p s]
  (vector/find p (set-to-vector s)))
(defn superset? "Whether all of the second is in the first.
> (set/superset? (set/of [1 2]) (set/of [1])) => true"
  [s t]
  (subset? t s))
(defn disjoint? "Whether nothing is in both.
> (set/disjoint? (set/of [1]) (set/of [2])) => true"
  [s t]
  (empty? (intersection s t)))
(defn symmetric-difference "What is in just one of the two.
> (set/symmetric-difference (set/of [1 2]) (set/of [2 3])) => (set/of [1 3])"
  [s t]
  (union (difference s t) (difference t s)))
(defn union-all "What is in any of them.
> (set/union-all [(set/of [1]) (set/of [2])]) => (set/of [1 2])"
  [sets]
  (vector/fold union empty sets))
(defn toggle "Without the element if it is there, else with it.
> (set/toggle (set/of [1 2]) 2) => (set/of [1])"
  [s x]
  (if (contains? s x) (remove s x) (insert s x)))
(defn subsets "All sets of some of the elements; 2 to the power of how many there are.
> (set/size (set/subsets (set/of [1 2 3]))) => 8"
  [s]
  (fold (fn [acc x] (union acc (map (fn [t] (insert t x)) acc))) (singleton empty) s))
(sig each (Fn [(Fn [a] b) (Set a)] Unit) :where [(Unr a) (Unr b)])
(defn each "Calls `f` with every element, for its effect.
> (set/each (fn [x] (print x)) (set/of [1])) => unit"
  [f s]
  (for [x (set-to-vector s)] (f x)))
