; Random numbers. A `Generator` is a value: whoever has the same draws the same, and each draw gives
; the generator to draw the next from. `(random/seeded 42)` makes one out of nothing;
; `(random/from-world (.random world))` makes one that differs from run to run. SplitMix64.
(module std.random
  :exports [Generator seeded from-world split bits below between float-unit float-between boolean
            chance choose shuffle sample many normal weighted])

(deftype Generator "The state of a pseudo-random generator: of its place, and of its steps."
  :private
  (Generator Int Int)
  :deriving [Eq Hash])
(implement (Show Generator)
  (defn show [g]
    (match g
      [(Generator state step) (str "(generator " (format/hex state) " " (format/hex step) ")")])))

(builtin add-wrapped (Fn [Int Int] Int))
(builtin mix (Fn [Int] Int))
(builtin mix-gamma (Fn [Int] Int))
(builtin scale (Fn [Int Int] Int))
(builtin unit-float (Fn [Int] Float))

; 2^64 divided by the golden ratio, as an Int.
(def golden -7046029254386353131)

(defn seeded "The generator of a seed.
> (= (random/seeded 1) (random/seeded 1)) => true"
  [seed]
  (Generator seed golden))
(defn from-world "A generator seeded by the world: another one in every run, unless the run is given
its seed (`ECLEXIA_SEED`).
> (fn [source] (random/below 6 (random/from-world source)))"
  [source]
  (let [half (fn [] (random-int source 4294967296))]
    (seeded (add-wrapped (half) (* (- (half) 2147483648) 4294967296)))))

(defn bits "64 random bits, as an Int of any sign.
> (fst (random/bits (random/seeded 42))) => -4767286540954276203"
  [g]
  (match g
    [(Generator state step)
     (let [next (add-wrapped state step)] (Pair (mix next) (Generator next step)))]))
(defn split "Two generators whose draws have nothing to do with each other.
> (let [(Pair g h) (random/split (random/seeded 1))] (= g h)) => false"
  [g]
  (match g
    [(Generator state step)
     (let [one (add-wrapped state step) two (add-wrapped one step)]
       (Pair (Generator two step) (Generator (mix one) (mix-gamma two))))]))

(defn below "An Int from 0 up to, not including, the bound; aborts where it is not positive.
> (fst (random/below 6 (random/seeded 42))) => 4"
  [bound g]
  (let [(Pair n g) (bits g)] (Pair (scale n bound) g)))
(defn between "An Int from `low` up to, not including, `high`.
> (fst (random/between 10 20 (random/seeded 42))) => 17"
  [low high g]
  (let [(Pair n g) (below (- high low) g)] (Pair (+ low n) g)))
(defn float-unit "A Float from 0 up to, not including, 1.
> (format/decimals (fst (random/float-unit (random/seeded 42))) 3) => \"0.742\""
  [g]
  (let [(Pair n g) (bits g)] (Pair (unit-float n) g)))
(defn float-between "A Float, or a quantity, from `low` up to, not including, `high`.
> (let [t (fst (random/float-between 1s 2s (random/seeded 1)))] (and (>= t 1s) (< t 2s))) => true"
  [low high g]
  (let [(Pair t g) (float-unit g)] (Pair (+ low (* t (- high low))) g)))
(defn boolean "True or false.\n> (fst (random/boolean (random/seeded 42))) => false" [g]
  (let [(Pair n g) (bits g)] (Pair (>= n 0) g)))
(defn chance "True with a probability.\n> (fst (random/chance 0.9 (random/seeded 42))) => true"
  [p g]
  (let [(Pair t g) (float-unit g)] (Pair (< t p) g)))
(defn normal "Normally distributed around `mean`.
> (math/finite? (fst (random/normal 0.0 1.0 (random/seeded 42)))) => true"
  [mean deviation g]
  (let [(Pair t g) (float-unit g) (Pair u g) (float-unit g)
        radius (math/sqrt (* -2.0 (math/ln (- 1.0 t))))]
    (Pair (+ mean (* deviation (* radius (math/cos (* math/tau u))))) g)))

(defn choose "One element of a vector, each as likely.
> (fst (random/choose [:a :b :c] (random/seeded 42))) => (Some :c)"
  [v g]
  (if (vector/empty? v)
    (Pair None g)
    (let [(Pair i g) (below (vector/length v) g)] (Pair (vector/get v i) g))))
(defn weighted "One of several values, each with its weight, which is positive.
> (fst (random/weighted [(Pair :rare 1) (Pair :often 99)] (random/seeded 42))) => (Some :often)"
  [choices g]
  (if (vector/empty? choices)
    (Pair None g)
    (let [(Pair n g) (below (vector/sum-by snd choices) g)]
      (loop [i 0 n n]
        (let [(Pair x weight) (vector/at choices i)]
          (if (< n weight) (Pair (Some x) g) (recur (+ i 1) (- n weight))))))))
(defn shuffle "The elements in a random order, each order as likely.
> (fst (random/shuffle [1 2 3 4] (random/seeded 42))) => [2 4 1 3]"
  [v g]
  (loop [i (- (vector/length v) 1) v v g g]
    (if (< i 1)
      (Pair v g)
      (let [(Pair j g) (below (+ i 1) g)] (recur (- i 1) (vector/swap v i j) g)))))
(defn sample "`n` elements of different places, or all, in a random order.
> (vector/length (fst (random/sample 2 [1 2 3] (random/seeded 42)))) => 2"
  [n v g]
  (let [(Pair v g) (shuffle v g)] (Pair (vector/take n v) g)))
(defn many "`n` draws.
> (fst (random/many 3 (fn [g] (random/below 10 g)) (random/seeded 42))) => [7 1 2]"
  [n draw g]
  (loop [i 0 acc [] g g]
    (if (< i n)
      (let [(Pair x g) (draw g)] (recur (+ i 1) (vector/push acc x) g))
      (Pair acc g))))
