; Two values: `(Pair a b)`. `fst` and `snd` are in the prelude.
(module std.pair)

(defn swap "The other way round.\n> (pair/swap (Pair 1 2)) => (Pair 2 1)" [p]
  (match p [(Pair a b) (Pair b a)]))
(defn map-first "The first changed by `f`.\n> (pair/map-first inc (Pair 1 2)) => (Pair 2 2)" [f p]
  (match p [(Pair a b) (Pair (f a) b)]))
(defn map-second "The second changed by `f`.\n> (pair/map-second inc (Pair 1 2)) => (Pair 1 3)"
  [f p]
  (match p [(Pair a b) (Pair a (f b))]))
(defn map-both "Both changed by `f`.\n> (pair/map-both inc (Pair 1 2)) => (Pair 2 3)" [f p]
  (match p [(Pair a b) (Pair (f a) (f b))]))
(defn bimap "The first changed by `f`, the second by `g`.
> (pair/bimap inc dec (Pair 1 2)) => (Pair 2 1)"
  [f g p]
  (match p [(Pair a b) (Pair (f a) (g b))]))
(defn fold "`f` of both.\n> (pair/fold + (Pair 1 2)) => 3" [f p] (match p [(Pair a b) (f a b)]))
(defn duplicate "Twice the same.\n> (pair/duplicate 1) => (Pair 1 1)" [x] (Pair x x))
(defn curry "A function of a pair as one of two arguments.
> ((pair/curry fst) 1 2) => 1"
  [f]
  (fn [a b] (f (Pair a b))))
(defn uncurry "A function of two arguments as one of a pair.
> ((pair/uncurry +) (Pair 1 2)) => 3"
  [f]
  (fn [p] (match p [(Pair a b) (f a b)])))
(defn to-vector "Both as a vector.\n> (pair/to-vector (Pair 1 2)) => [1 2]" [p]
  (match p [(Pair a b) [a b]]))
