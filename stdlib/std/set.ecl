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
