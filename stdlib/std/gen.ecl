; Property tests: generators of random values that know how to shrink them, and `for-all`, which
; checks a property of a hundred of them inside a `deftest`:
;
;     (deftest "reversing twice changes nothing"
;       (for-all [xs (gen/vector-of gen/int)]
;         (= (vector/reverse (vector/reverse xs)) xs)))
;
; The seed is fixed, so a test that fails fails again; `eclexia test --seed 7 --cases 1000` checks
; others, and more of them. What it shows is the smallest case that was found by shrinking. A
; generator makes a tree: a value, and the smaller ones to try where the property fails of it, each
; with those smaller still; so what is made of generators shrinks too.
(module std.gen
  :exports [Gen int nat between small-int float float-between boolean char char-of string string-of
            keyword constant one-of elements weighted option-of result-of pair triple list-of
            vector-of vector-between set-of map-of map bind such-that sized resize sample
            for-all for-all-of run-property])

(deftype (Tree a) (Tree a (Fn [] (List (Tree a)))))
(deftype (Gen a) "Makes random values, of at most some size, and knows smaller ones." :private
  (Gen (Fn [Generator Int] (Tree a))))
(import std.random :only [Generator])

(defn grow [gen g size] (match gen [(Gen f) (f g size)]))
(defn value [tree] (match tree [(Tree x _) x]))
(defn smaller [tree] (match tree [(Tree _ more) (more)]))
(defn leaf [x] (Tree x (fn [] Nil)))
(defn map-tree [f tree]
  (Tree (f (value tree)) (fn [] (list/map (fn [t] (map-tree f t)) (smaller tree)))))

; ------------------------------------------------------------------------------------- combining

(defn constant "Always the same.\n> (gen/sample 2 (gen/constant 1)) => [1 1]" [x]
  (Gen (fn [_ _] (leaf x))))
(defn map "Values changed by `f`.\n> (gen/sample 2 (gen/map inc (gen/constant 1))) => [2 2]" [f gen]
  (Gen (fn [g size] (map-tree f (grow gen g size)))))
(defn bind-tree [tree f g size]
  (let [inner (grow (f (value tree)) g size)]
    (Tree (value inner)
          (fn [] (list/append (list/map (fn [t] (bind-tree t f g size)) (smaller tree))
                              (smaller inner))))))
(defn bind "Values of a generator that `f` makes of each value.
> (gen/sample 2 (gen/bind (fn [n] (gen/constant (+ n 1))) (gen/constant 1))) => [2 2]"
  [f gen]
  (Gen (fn [g size]
         (let [(Pair one two) (random/split g)] (bind-tree (grow gen one size) f two size)))))
(defn sized "What `f` makes of the size that is asked for, from 0 to 100.
> (gen/sample 3 (gen/sized gen/constant)) => [0 1 2]"
  [f]
  (Gen (fn [g size] (grow (f size) g size))))
(defn resize "With another size.\n> (gen/sample 2 (gen/resize 9 (gen/sized gen/constant))) => [9 9]"
  [size gen]
  (Gen (fn [g _] (grow gen g size))))
(defn prune [p tree]
  (Tree (value tree)
        (fn []
          (list/map (fn [t] (prune p t)) (list/filter (fn [t] (p (value t))) (smaller tree))))))
(defn such-that "The values of which `p` holds; aborts where a hundred in a row are none.
> (vector/all? math/even? (gen/sample 9 (gen/such-that math/even? gen/int))) => true"
  [p gen]
  (Gen (fn [g size]
         (loop [tries 0 g g]
           (let [(Pair one two) (random/split g) tree (grow gen one (+ size tries))]
             (cond (p (value tree)) (prune p tree)
                   (> tries 100) (abort "gen/such-that: the condition holds of too few values")
                   :else (recur (+ tries 1) two)))))))

; --------------------------------------------------------------------------------------- numbers

; Towards a number: it itself, then halves of the way back.
(defn towards [to x]
  (loop [step (- x to) acc Nil]
    (if (= step 0) (list/reverse acc) (recur (quot step 2) (Cons (- x step) acc)))))
(defn int-tree [to x] (Tree x (fn [] (list/map (fn [y] (int-tree to y)) (towards to x)))))
(defn between "Ints from `low` up to, not including, `high`; they shrink towards `low`, or 0.
> (vector/all? (fn [n] (and (>= n 3) (< n 6))) (gen/sample 20 (gen/between 3 6))) => true"
  [low high]
  (let [to (cond (> low 0) low (< high 1) (- high 1) :else 0)]
    (Gen (fn [g _] (int-tree to (fst (random/between low high g)))))))
(def int "Ints around 0, the further away the larger the size.
> (vector/length (gen/sample 5 gen/int)) => 5"
  (sized (fn [size] (between (negate size) (+ size 1)))))
(def nat "Ints from 0.\n> (vector/all? (fn [n] (>= n 0)) (gen/sample 9 gen/nat)) => true"
  (sized (fn [size] (between 0 (+ size 1)))))
(def small-int "Ints from -10 to 10.\n> (vector/length (gen/sample 5 gen/small-int)) => 5"
  (between -10 11))
(defn float-between "Floats, or quantities, from `low` up to `high`; they shrink towards `low`.
> (vector/all? (fn [x] (>= x 1.0)) (gen/sample 9 (gen/float-between 1.0 2.0))) => true"
  [low high]
  (map (fn [n] (+ low (* (- high low) (* n 0.000001)))) (between 0 1000000)))
(def float "Floats around 0.\n> (vector/all? math/finite? (gen/sample 9 gen/float)) => true"
  (map (fn [(Pair n part)] (+ (* 1.0 n) (/ (* 1.0 part) 1000.0))) (pair int (between 0 1000))))
(def boolean "True or false.\n> (vector/length (gen/sample 3 gen/boolean)) => 3"
  (map (fn [n] (= n 1)) (between 0 2)))

; --------------------------------------------------------------------------------------- choices

(defn elements "One of the elements of a vector; they shrink towards the first.
> (vector/all? (fn [x] (vector/contains? [:a :b] x)) (gen/sample 9 (gen/elements [:a :b]))) => true"
  [v]
  (map (fn [i] (vector/at v i)) (between 0 (vector/length v))))
(defn one-of "What one of some generators makes; it shrinks towards the first.
> (gen/sample 2 (gen/one-of [(gen/constant 1)])) => [1 1]"
  [gens]
  (bind identity (elements gens)))
(defn weighted "What one of some generators makes, each with its weight.
> (gen/sample 2 (gen/weighted [(Pair 3 (gen/constant 1))])) => [1 1]"
  [choices]
  (bind (fn [n]
          (loop [i 0 n n]
            (let [(Pair weight gen) (vector/at choices i)]
              (if (< n weight) gen (recur (+ i 1) (- n weight))))))
        (between 0 (vector/sum-by fst choices))))
(defn option-of
  "Nothing, or a value.\n> (vector/length (gen/sample 3 (gen/option-of gen/int))) => 3"
  [gen]
  (weighted [(Pair 1 (constant None)) (Pair 4 (map Some gen))]))
(defn result-of "A value, or an error.
> (vector/length (gen/sample 3 (gen/result-of gen/int gen/string))) => 3"
  [gen errors]
  (weighted [(Pair 3 (map Ok gen)) (Pair 1 (map Err errors))]))

; ------------------------------------------------------------------------------------- structures

(defn pair-tree [a b]
  (Tree (Pair (value a) (value b))
        (fn [] (list/append (list/map (fn [t] (pair-tree t b)) (smaller a))
                            (list/map (fn [t] (pair-tree a t)) (smaller b))))))
(defn pair "Both.\n> (gen/sample 1 (gen/pair (gen/constant 1) (gen/constant 2))) => [(Pair 1 2)]"
  [a b]
  (Gen (fn [g size]
         (let [(Pair one two) (random/split g)] (pair-tree (grow a one size) (grow b two size))))))
(defn triple "Three, as nested pairs.
> (gen/sample 0 (gen/triple gen/int gen/int gen/int)) => []"
  [a b c]
  (pair a (pair b c)))

; A vector shrinks by leaving out halves, quarters … single elements, then by shrinking one.
(defn vector-tree [trees least]
  (Tree (vector/map value trees)
        (fn [] (list/append (shorter trees least) (simpler trees least)))))
(defn shorter [trees least]
  (let [n (vector/length trees)]
    (loop [size n acc Nil]
      (if (< size 1)
        (list/reverse acc)
        (let [cuts (list/filter-map
                    (fn [i]
                      (if (and (<= (+ i size) n) (>= (- n size) least))
                        (Some (vector-tree (vector/append (vector/take i trees)
                                                          (vector/drop (+ i size) trees))
                                           least))
                        None))
                    (list/range-by 0 n size))]
          (recur (quot size 2) (list/reverse-onto cuts acc)))))))
(defn simpler [trees least]
  (list/flat-map
   (fn [i]
     (list/map (fn [t] (vector-tree (vector/set trees i t) least)) (smaller (vector/at trees i))))
   (list/range 0 (vector/length trees))))
(defn vector-between "Vectors of at least `least` and fewer than `most` elements.
> (gen/sample 1 (gen/vector-between 2 3 (gen/constant 1))) => [[1 1]]"
  [least most gen]
  (Gen (fn [g size]
         (let [(Pair n g) (random/between least most g)]
           (loop [i 0 trees [] g g]
             (if (< i n)
               (let [(Pair one two) (random/split g)]
                 (recur (+ i 1) (vector/push trees (grow gen one size)) two))
               (vector-tree trees least)))))))
(defn vector-of "Vectors of any length.
> (vector/length (gen/sample 3 (gen/vector-of gen/int))) => 3"
  [gen]
  (sized (fn [size] (vector-between 0 (+ size 1) gen))))
(defn list-of "Lists of any length.\n> (vector/length (gen/sample 3 (gen/list-of gen/int))) => 3"
  [gen]
  (map vector/to-list (vector-of gen)))
(defn set-of "Sets.\n> (vector/length (gen/sample 3 (gen/set-of gen/int))) => 3" [gen]
  (map set/of (vector-of gen)))
(defn map-of "Maps.\n> (vector/length (gen/sample 3 (gen/map-of gen/string gen/int))) => 3"
  [keys values]
  (map map/of (vector-of (pair keys values))))

; ------------------------------------------------------------------------------------------ text

(defn char-of "Characters of a text.\n> (gen/sample 2 (gen/char-of \"a\")) => [\"a\" \"a\"]" [text]
  (elements (string/chars text)))
(def char "Characters: letters and digits often, and some that surprise.
> (vector/all? char/char? (gen/sample 9 gen/char)) => true"
  (weighted [(Pair 8 (char-of "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789"))
             (Pair 2 (char-of " _-.,:;/\\\"'(){}[]<>\n\t"))
             (Pair 1 (char-of "äßéλжあ中😀\u{301}\u{0}"))]))
(defn string-of "Texts of such characters.
> (vector/length (gen/sample 9 (gen/string-of (gen/char-of \"ab\")))) => 9"
  [gen]
  (map string/concat (vector-of gen)))
(def string "Texts.\n> (vector/length (gen/sample 3 gen/string)) => 3" (string-of char))
(def keyword "Keywords.\n> (vector/length (gen/sample 3 gen/keyword)) => 3"
  (map (fn [cs] (string/keyword (string/concat cs)))
       (vector-between 1 8 (char-of "abcdefghijklmnopqrstuvwxyz"))))

; --------------------------------------------------------------------------------------- testing

(defn sample
  "`n` values, the sizes growing from 0.\n> (gen/sample 3 (gen/constant :x)) => [:x :x :x]"
  [n gen]
  (loop [i 0 g (random/seeded 1) acc []]
    (if (< i n)
      (let [(Pair one two) (random/split g)]
        (recur (+ i 1) two (vector/push acc (value (grow gen one (min i 100))))))
      acc)))

; The smallest value, that at most a thousand steps lead to, of which the property does not hold.
(defn shrunk [tree holds? steps]
  (if (> steps 1000)
    (Pair (value tree) steps)
    (match (list/find (fn [t] (not (holds? (value t)))) (smaller tree))
      [None (Pair (value tree) steps)]
      [(Some t) (shrunk t holds? (+ steps 1))])))

(defn run-property "Whether a property holds of `runs` values, else the smallest that was found of
which it does not, and how many times it was shrunk.
> (gen/run-property 100 7 (gen/between 0 1000) (fn [n] (< n 42))) => (Err (Pair 42 6))
> (gen/run-property 100 7 gen/int (fn [n] (= n n))) => (Ok 100)"
  [runs seed gen holds?]
  (loop [i 0 g (random/seeded seed)]
    (if (>= i runs)
      (Ok runs)
      (let [(Pair one two) (random/split g) tree (grow gen one (rem i 101))]
        (if (holds? (value tree)) (recur (+ i 1) two) (Err (shrunk tree holds? 0)))))))

(defn passed? [result] (match result [(Ok _) true] [(Err _) false]))
(defn told [result case source seed]
  (match result
    [(Ok _) source]
    [(Err (Pair x _)) (str "from seed " seed ", where " (case x) ", " source)]))

; What `eclexia test --cases` and `--seed` put others in place of.
(def usual-cases 100)
(def usual-seed 2026)

(defmacro (for-all-of runs seed gen x body)
  "Checks that the expression holds of so many values, from this seed.
> (gen/for-all-of 10 1 gen/int x (= x x)) => unit"
  (let [result (run-property runs seed gen (fn [x] body))]
    (check-that (passed? result)
                (told result
                      (fn [v] (str (source-of x) " = " (show-nested v)))
                      (source-of body)
                      seed))))

(defmacro (for-all [x gen] body)
  "Checks that the expression holds of a hundred values of a generator, or of two or three; shows
the smallest case that was found of which it does not.
> (gen/for-all [x gen/int y gen/int] (= (+ x y) (+ y x))) => unit"
  (for-all-of usual-cases usual-seed gen x body))
(defmacro (for-all [x gen y other] body)
  (let [result (run-property usual-cases usual-seed (pair gen other) (fn [(Pair x y)] body))]
    (check-that (passed? result)
                (told result
                      (fn [(Pair v w)]
                        (str (source-of x) " = " (show-nested v) ", "
                             (source-of y) " = " (show-nested w)))
                      (source-of body)
                      usual-seed))))
(defmacro (for-all [x gen y other z third] body)
  (let [result (run-property usual-cases usual-seed (triple gen other third)
                             (fn [(Pair x (Pair y z))] body))]
    (check-that (passed? result)
                (told result
                      (fn [(Pair u (Pair v w))]
                        (str (source-of x) " = " (show-nested u) ", "
                             (source-of y) " = " (show-nested v) ", "
                             (source-of z) " = " (show-nested w)))
                      (source-of body)
                      usual-seed))))
