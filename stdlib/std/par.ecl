; Work on the elements of a vector by several processors at once. A vector is divided into parts, by
; its length alone; each part is worked on in a run of its own, whose values are copies. So results,
; steps and printed lines are the same on any number of processors, and on one.
;
; What is left of the limits on steps and memory is divided evenly between the parts. Inside of a
; part a function may print, and has no other effects.
(module std.par
  :exports [map reduce])
(import std.vector)

(builtin over-parts (Fn [(Fn [(Vector a)] (Vector b)) (Vector a)] (Vector b)))

(sig map (Fn [(Fn [a] b) (Vector a)] (Vector b)) :where [(Unr a) (Unr b)])
(defn map "Every element changed by `f`, as by `vector/map`.\n> (par/map inc [1 2]) => [2 3]" [f v]
  (over-parts (fn [part] (vector/map f part)) v))

(sig reduce (Fn [(Fn [a a] a) a (Vector a)] a) :where [(Unr a)])
(defn reduce
  "Combines from the left, starting with `init`. Of an `f` for which it does not matter in which
order
pairs are combined, as by `vector/fold`.
> (par/reduce + 0 [1 2 3]) => 6"
  [f init v]
  (vector/fold f init (over-parts (fn [part] [(combine f part)]) v)))

(sig combine (Fn [(Fn [a a] a) (Vector a)] a) :where [(Unr a)])
(defn combine "The elements of a part, which has some." [f part]
  (let [n (vector-length part)]
    (loop [i 1 acc (vector-get part 0)]
      (if (< i n) (recur (+ i 1) (f acc (vector-get part i))) acc))))
