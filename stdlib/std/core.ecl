; The prelude: every module has these names. Types and functions marked `builtin` are implemented by
; the run time; everything else is written here.
(module std.core)

; ---------------------------------------------------------------------------------------- types

(builtin-type Int)
(builtin-type Bool)
(builtin-type String)
(builtin-type Keyword)
(builtin-type Unit)
(builtin-type Never)
(builtin-type Vector [a])
(builtin-type Map [k v])
(builtin-type Set [a])
(builtin-type Files)
(builtin-type Clock)
(builtin-type Network)
(builtin-type Random)
(builtin-type Env)
(builtin-type Treasury)
(builtin-type Amounts)

(defalias Cpu (Q cpu))
(defalias Memory (Q B))
(defalias Storage (Q B))
(defalias Duration (Q s))
(defalias Energy (Q J))
(defalias Power (Q W))
(defalias Carbon (Q gCO2e))
(defalias Intensity (Q gCO2e/J))
(defalias Money (Q USD))
(defalias Throughput (Q req/s))
(defalias Bandwidth (Q B/s))

(deftype Ordering "How two values compare." Less Equal Greater)
(deftype (Option a) "A value, or none." None (Some a))
(deftype (Result a e) "A value, or why there is none." (Ok a) (Err e))
(deftype (List a) "A linked list." Nil (Cons a (List a)))
(deftype (Pair a b) "Two values." (Pair a b))
(deftype Json "A JSON value."
  JsonNull
  (JsonBool Bool)
  (JsonNumber Float)
  (JsonString String)
  (JsonArray (Vector Json))
  (JsonObject (Map String Json))
  :deriving [Eq Ord Show Hash])

(defrecord World "What `main` receives: the effects a program may use, and its arguments."
  {:files Files :clock Clock :network Network :random Random :env Env :treasury Treasury
   :args (Vector String)})

; ----------------------------------------------------------------------------------- interfaces

(definterface (Unr a)
  "Unrestricted: values of `a` may be copied and dropped. Every type that holds nothing linear is;
  nobody implements it. An interface that extends it reads its arguments and never owns them.")

(definterface (Eq a) "Equality." :extends [Unr]
  (= (Fn [a a] Bool))
  (not= (Fn [a a] Bool))
  (defn not= [x y] (not (= x y))))

(definterface (Ord a) "A total order." :extends [Eq]
  (compare (Fn [a a] Ordering))
  (< (Fn [a a] Bool))
  (<= (Fn [a a] Bool))
  (> (Fn [a a] Bool))
  (>= (Fn [a a] Bool))
  (min (Fn [a a] a))
  (max (Fn [a a] a))
  (defn < [x y] (match (compare x y) [Less true] [_ false]))
  (defn <= [x y] (match (compare x y) [Greater false] [_ true]))
  (defn > [x y] (match (compare x y) [Greater true] [_ false]))
  (defn >= [x y] (match (compare x y) [Less false] [_ true]))
  (defn min [x y] (if (<= x y) x y))
  (defn max [x y] (if (>= x y) x y)))

(definterface (Add a) "What can be added: integers and all quantities." :extends [Unr]
  (+ (Fn [a a] a))
  (- (Fn [a a] a))
  (negate (Fn [a] a))
  (zero a))

(definterface (Num a) "What is closed under multiplication too: Int and Float." :extends [Add]
  (one a))

(definterface (Show a) "Text for people." :extends [Unr]
  (show (Fn [a] String))
  (show-nested (Fn [a] String))
  (defn show-nested [x] (show x)))

(definterface (Hash a) "A stable hash." :extends [Unr]
  (hash (Fn [a] Int)))

(definterface (Serialize a) "A JSON form." :extends [Unr]
  (to-json (Fn [a] Json)))

; ------------------------------------------------------------------------------------ arithmetic

(builtin * (Fn [a a] a) "Product; units multiply.\n> (* 6 7) => 42")
(builtin / (Fn [a a] a) "Quotient of quantities; units divide.\n> (/ 6.0 4.0) => 1.5")
(builtin int-add (Fn [Int Int] Int))
(builtin int-sub (Fn [Int Int] Int))
(builtin int-negate (Fn [Int] Int))
(builtin int-eq (Fn [Int Int] Bool))
(builtin int-lt (Fn [Int Int] Bool))
(builtin int-le (Fn [Int Int] Bool))
(builtin int-show (Fn [Int] String))
(builtin quot (Fn [Int Int] Int) "Whole division, rounded toward zero.\n> (quot -7 2) => -3")
(builtin rem (Fn [Int Int] Int)
  "Remainder of `quot`, with the sign of the first.\n> (rem -7 2) => -1")
(builtin mod (Fn [Int Int] Int) "Remainder with the sign of the second.\n> (mod -7 2) => 1")
(builtin float (Fn [Int] Float) "The Int as a Float.\n> (float 3) => 3.0")
(builtin floor (Fn [Float] Int) "The largest Int not above.\n> (floor 2.7) => 2")
(builtin ceil (Fn [Float] Int) "The smallest Int not below.\n> (ceil 2.1) => 3")
(builtin round (Fn [Float] Int) "The nearest Int, halves away from zero.\n> (round 2.5) => 3")
(builtin truncate (Fn [Float] Int) "Without its fraction.\n> (truncate -2.7) => -2")
(builtin quantity-add (Fn [(Q u) (Q u)] (Q u)))
(builtin quantity-sub (Fn [(Q u) (Q u)] (Q u)))
(builtin quantity-negate (Fn [(Q u)] (Q u)))
(builtin quantity-zero (Q u))
(builtin quantity-eq (Fn [(Q u) (Q u)] Bool))
(builtin quantity-lt (Fn [(Q u) (Q u)] Bool))
(builtin quantity-le (Fn [(Q u) (Q u)] Bool))
(builtin quantity-show (Fn [(Q u)] String))
(builtin quantity-hash (Fn [(Q u)] Int))

(implement (Eq Int) (def = int-eq))
(implement (Ord Int)
  (defn compare [x y] (cond (int-lt x y) Less (int-eq x y) Equal :else Greater))
  (def < int-lt)
  (def <= int-le)
  (defn > [x y] (int-lt y x))
  (defn >= [x y] (int-le y x)))
(implement (Add Int) (def + int-add) (def - int-sub) (def negate int-negate) (def zero 0))
(implement (Num Int) (def one 1))
(implement (Show Int) (def show int-show))

(builtin hash-combine (Fn [Int Int] Int) "A hash of a hash and one more part, in this order.")
(implement (Hash Int) (defn hash [n] (hash-combine 0 n)))
(implement (Serialize Int) (defn to-json [n] (JsonNumber (float n))))

(implement (Eq (Q u)) (def = quantity-eq))
(implement (Ord (Q u))
  (defn compare [x y] (cond (quantity-lt x y) Less (quantity-eq x y) Equal :else Greater))
  (def < quantity-lt)
  (def <= quantity-le)
  (defn > [x y] (quantity-lt y x))
  (defn >= [x y] (quantity-le y x)))
(implement (Add (Q u))
  (def + quantity-add)
  (def - quantity-sub)
  (def negate quantity-negate)
  (def zero quantity-zero))
(implement (Num Float) (def one 1.0))
(implement (Show (Q u)) (def show quantity-show))
(implement (Hash (Q u)) (def hash quantity-hash))
(implement (Serialize Float) (defn to-json [x] (JsonNumber x)))

; --------------------------------------------------------------------------------- Bool and Unit

(defn not "The other truth value.\n> (not true) => false" [b] (if b false true))

(implement (Eq Bool) (defn = [x y] (if x y (not y))))
(implement (Ord Bool)
  (defn compare [x y] (if x (if y Equal Greater) (if y Less Equal))))
(implement (Show Bool) (defn show [b] (if b "true" "false")))
(implement (Hash Bool) (defn hash [b] (hash-combine 1 (if b 1 0))))
(implement (Serialize Bool) (defn to-json [b] (JsonBool b)))

(implement (Eq Unit) (defn = [_ _] true))
(implement (Ord Unit) (defn compare [_ _] Equal))
(implement (Show Unit) (defn show [_] "unit"))
(implement (Hash Unit) (defn hash [_] 0))
(implement (Serialize Unit) (defn to-json [_] JsonNull))

; Of Never there is no value; what is empty holds it where nothing says what it holds: `(show [])`.
(implement (Eq Never) (defn = [_ _] true))
(implement (Ord Never) (defn compare [_ _] Equal))
(implement (Show Never) (defn show [_] "never"))
(implement (Hash Never) (defn hash [_] 0))
(implement (Serialize Never) (defn to-json [_] JsonNull))

; ---------------------------------------------------------------------------- String and Keyword

(builtin string-append (Fn [String String] String))
(builtin string-eq (Fn [String String] Bool))
(builtin string-lt (Fn [String String] Bool))
(builtin string-quote (Fn [String] String))
(builtin string-hash (Fn [String] Int))
(builtin keyword-eq (Fn [Keyword Keyword] Bool))
(builtin keyword-name (Fn [Keyword] String)
  "The keyword's text without its colon.\n> (keyword-name :cpu) => \"cpu\"")

(implement (Eq String) (def = string-eq))
(implement (Ord String)
  (defn compare [x y] (cond (string-lt x y) Less (string-eq x y) Equal :else Greater))
  (def < string-lt)
  (defn > [x y] (string-lt y x)))
(implement (Hash String) (def hash string-hash))
(implement (Serialize String) (defn to-json [s] (JsonString s)))
(implement (Show String) (defn show [s] s) (def show-nested string-quote))

(implement (Eq Keyword) (def = keyword-eq))
(implement (Ord Keyword) (defn compare [x y] (compare (keyword-name x) (keyword-name y))))
(implement (Show Keyword) (defn show [k] (string-append ":" (keyword-name k))))
(implement (Hash Keyword) (defn hash [k] (hash-combine 2 (hash (keyword-name k)))))
(implement (Serialize Keyword) (defn to-json [k] (JsonString (keyword-name k))))

(defmacro (str)
  "The text of some values, one after the other.
> (str 1 \"+\" 2) => \"1+2\""
  "")
(defmacro (str x) (show x))
(defmacro (str x rest ...) (str-onto (show x) rest ...))

(defmacro (str-onto text)
  "A text with those of some values behind it.
> (str-onto \"a\" 1 2) => \"a12\""
  text)
(defmacro (str-onto text x rest ...) (str-onto (string-append text (show x)) rest ...))

; -------------------------------------------------------------------------------- data structures

(defmacro (list)
  "A list of the given items.
> (list 1 2) => (list 1 2)"
  Nil)
;; Long ones at once: expanding them item by item would nest as deep as they are long.
(defmacro (list a b c d e f g h rest ...) (vector-to-list [a b c d e f g h rest ...]))
(defmacro (list x rest ...) (Cons x (list rest ...)))

(implement (Eq Ordering)
  (defn = [x y]
    (match x
      [Less (match y [Less true] [_ false])]
      [Equal (match y [Equal true] [_ false])]
      [Greater (match y [Greater true] [_ false])])))
(implement (Ord Ordering)
  (defn compare [x y]
    (match x
      [Less (match y [Less Equal] [_ Less])]
      [Equal (match y [Less Greater] [Equal Equal] [Greater Less])]
      [Greater (match y [Greater Equal] [_ Greater])])))
(implement (Show Ordering)
  (defn show [o] (match o [Less "Less"] [Equal "Equal"] [Greater "Greater"])))

(implement (Eq (Option a)) :where [(Eq a)]
  (defn = [x y]
    (match x
      [None (match y [None true] [_ false])]
      [(Some a) (match y [(Some b) (= a b)] [_ false])])))
(implement (Ord (Option a)) :where [(Ord a)]
  (defn compare [x y]
    (match x
      [None (match y [None Equal] [_ Less])]
      [(Some a) (match y [(Some b) (compare a b)] [_ Greater])])))
(implement (Show (Option a)) :where [(Show a)]
  (defn show [x] (match x [None "None"] [(Some a) (str "(Some " (show-nested a) ")")])))

(implement (Hash (Option a)) :where [(Hash a)]
  (defn hash [x] (match x [None 3] [(Some a) (hash-combine 4 (hash a))])))
(implement (Serialize (Option a)) :where [(Serialize a)]
  (defn to-json [x] (match x [None JsonNull] [(Some a) (to-json a)])))

(implement (Eq (Result a e)) :where [(Eq a) (Eq e)]
  (defn = [x y]
    (match x
      [(Ok a) (match y [(Ok b) (= a b)] [_ false])]
      [(Err a) (match y [(Err b) (= a b)] [_ false])])))
(implement (Show (Result a e)) :where [(Show a) (Show e)]
  (defn show [x]
    (match x [(Ok a) (str "(Ok " (show-nested a) ")")]
           [(Err e) (str "(Err " (show-nested e) ")")])))

(implement (Ord (Result a e)) :where [(Ord a) (Ord e)]
  (defn compare [x y]
    (match x
      [(Ok a) (match y [(Ok b) (compare a b)] [(Err _) Less])]
      [(Err a) (match y [(Ok _) Greater] [(Err b) (compare a b)])])))
(implement (Hash (Result a e)) :where [(Hash a) (Hash e)]
  (defn hash [x] (match x [(Ok a) (hash-combine 7 (hash a))] [(Err e) (hash-combine 8 (hash e))])))

(implement (Eq (Pair a b)) :where [(Eq a) (Eq b)]
  (defn = [x y]
    (match x [(Pair a b) (match y [(Pair c d) (and (= a c) (= b d))])])))
(implement (Ord (Pair a b)) :where [(Ord a) (Ord b)]
  (defn compare [x y]
    (match x
      [(Pair a b)
       (match y [(Pair c d) (match (compare a c) [Equal (compare b d)] [other other])])])))
(implement (Show (Pair a b)) :where [(Show a) (Show b)]
  (defn show [x]
    (match x [(Pair a b) (str "(Pair " (show-nested a) " " (show-nested b) ")")])))

(implement (Hash (Pair a b)) :where [(Hash a) (Hash b)]
  (defn hash [x] (match x [(Pair a b) (hash-combine (hash a) (hash b))])))
(implement (Serialize (Pair a b)) :where [(Serialize a) (Serialize b)]
  (defn to-json [x] (match x [(Pair a b) (JsonArray [(to-json a) (to-json b)])])))

(defn list-eq [xs ys]
  (match xs
    [Nil (match ys [Nil true] [_ false])]
    [(Cons x xs)
     (match ys [Nil false] [(Cons y ys) (if (= x y) (list-eq xs ys) false)])]))
(defn list-compare [xs ys]
  (match xs
    [Nil (match ys [Nil Equal] [_ Less])]
    [(Cons x xs)
     (match ys
       [Nil Greater]
       [(Cons y ys) (match (compare x y) [Equal (list-compare xs ys)] [other other])])]))
(defn list-show [xs text]
  (match xs [Nil (str text ")")] [(Cons x xs) (list-show xs (str text " " (show-nested x)))]))

(implement (Eq (List a)) :where [(Eq a)] (defn = [x y] (list-eq x y)))
(implement (Ord (List a)) :where [(Ord a)] (defn compare [x y] (list-compare x y)))
(implement (Show (List a)) :where [(Show a)] (defn show [xs] (list-show xs "(list")))

(builtin vector-length (Fn [(Vector a)] Int))
(builtin vector-get (Fn [(Vector a) Int] a) "The element at an index from 0; aborts outside.")

(defn vector-eq [x y i]
  (cond (= i (vector-length x)) true
        (= (vector-get x i) (vector-get y i)) (vector-eq x y (+ i 1))
        :else false))
(defn vector-compare [x y i]
  (cond (= i (vector-length x)) (if (= i (vector-length y)) Equal Less)
        (= i (vector-length y)) Greater
        :else (match (compare (vector-get x i) (vector-get y i))
                [Equal (vector-compare x y (+ i 1))]
                [other other])))
(defn vector-show [x i text]
  (if (= i (vector-length x))
    (str text "]")
    (vector-show x (+ i 1) (str text (if (= i 0) "" " ") (show-nested (vector-get x i))))))

(implement (Eq (Vector a)) :where [(Eq a)]
  (defn = [x y] (and (= (vector-length x) (vector-length y)) (vector-eq x y 0))))
(implement (Ord (Vector a)) :where [(Ord a)] (defn compare [x y] (vector-compare x y 0)))
(implement (Show (Vector a)) :where [(Show a)] (defn show [x] (vector-show x 0 "[")))

(builtin vector-push (Fn [(Vector a) a] (Vector a)))
(builtin map-entries (Fn [(Map k v)] (Vector (Pair k v))))
(builtin vector-from-list (Fn [(List a)] (Vector a)))
(builtin vector-to-list (Fn [(Vector a)] (List a)))
(builtin entry-get (Fn [(Map k v) k] (Option v)))
(builtin map-put (Fn [(Map k v) k v] (Map k v)))
(builtin set-to-vector (Fn [(Set a)] (Vector a)))

(defn list-hash [xs h] (match xs [Nil h] [(Cons x xs) (list-hash xs (hash-combine h (hash x)))]))
(implement (Hash (List a)) :where [(Hash a)] (defn hash [xs] (list-hash xs 5)))
(defn vector-hash [v i h]
  (if (= i (vector-length v)) h (vector-hash v (+ i 1) (hash-combine h (hash (vector-get v i))))))
(implement (Hash (Vector a)) :where [(Hash a)] (defn hash [v] (vector-hash v 0 6)))

(defn list-to-json [xs items]
  (match xs [Nil (JsonArray items)]
         [(Cons x xs) (list-to-json xs (vector-push items (to-json x)))]))
(implement (Serialize (List a)) :where [(Serialize a)] (defn to-json [xs] (list-to-json xs [])))
(defn vector-to-json [v i items]
  (if (= i (vector-length v))
    (JsonArray items)
    (vector-to-json v (+ i 1) (vector-push items (to-json (vector-get v i))))))
(implement (Serialize (Vector a)) :where [(Serialize a)] (defn to-json [v] (vector-to-json v 0 [])))

(defn entries-show [v i text]
  (if (= i (vector-length v))
    (str text "}")
    (match (vector-get v i)
      [(Pair k x)
       (entries-show v (+ i 1)
                     (str text (if (= i 0) "" " ") (show-nested k) " " (show-nested x)))])))
(implement (Eq (Map k v)) :where [(Eq k) (Eq v)]
  (defn = [x y] (= (map-entries x) (map-entries y))))
(implement (Ord (Map k v)) :where [(Ord k) (Ord v)]
  (defn compare [x y] (compare (map-entries x) (map-entries y))))
(implement (Show (Map k v)) :where [(Show k) (Show v)]
  (defn show [m] (entries-show (map-entries m) 0 "{")))
(implement (Hash (Map k v)) :where [(Hash k) (Hash v)] (defn hash [m] (hash (map-entries m))))
(defn entries-to-json [v i object]
  (if (= i (vector-length v))
    (JsonObject object)
    (match (vector-get v i)
      [(Pair k x) (entries-to-json v (+ i 1) (map-put object (show k) (to-json x)))])))
(implement (Serialize (Map k v)) :where [(Show k) (Serialize v)]
  (defn to-json [m] (entries-to-json (map-entries m) 0 {})))

(implement (Eq (Set a)) :where [(Eq a)] (defn = [x y] (= (set-to-vector x) (set-to-vector y))))
(implement (Ord (Set a)) :where [(Ord a)]
  (defn compare [x y] (compare (set-to-vector x) (set-to-vector y))))
(implement (Show (Set a)) :where [(Show a)]
  (defn show [s] (str "(set/of " (set-to-vector s) ")")))
(implement (Hash (Set a)) :where [(Hash a)] (defn hash [s] (hash (set-to-vector s))))
(implement (Serialize (Set a)) :where [(Serialize a)]
  (defn to-json [s] (to-json (set-to-vector s))))

(implement (Serialize Json) (defn to-json [j] j))

; -------------------------------------------------------------------------------------- functions

(defn identity "The argument.\n> (identity 3) => 3" [x] x)
(defn constantly "A function that always gives `x`.\n> ((constantly 3) 7) => 3" [x] (fn [_] x))
(defn compose "First `g`, then `f`.\n> ((compose (fn [x] (+ x 1)) (fn [x] (* x 2))) 5) => 11" [f g]
  (fn [x] (f (g x))))
(defn inc "One more.\n> (inc 41) => 42" [n] (+ n 1))
(defn dec "One less.\n> (dec 43) => 42" [n] (- n 1))
(defn abs "Without its sign.\n> (abs -3) => 3" [x] (if (< x zero) (negate x) x))
(defn fst "The first of a pair.\n> (fst (Pair 1 2)) => 1" [p] (match p [(Pair a _) a]))
(defn snd "The second of a pair.\n> (snd (Pair 1 2)) => 2" [p] (match p [(Pair _ b) b]))

; ---------------------------------------------------------------------------------------- effects

(builtin print-line (Fn [String] Unit))
(defmacro (print x ...)
  "Prints the text of some values on a line."
  (print-line (str x ...)))

(builtin read-file (Fn [Files String] (Result String String)) "The text of a file, or why not.")
(builtin write-file (Fn [Files String String] (Result Unit String))
  "Writes a file whole, or says why not.")
(builtin now (Fn [Clock] Duration) "Time since 1970-01-01 UTC.")
(builtin random-int (Fn [Random Int] Int) "A random Int from 0 up to, not including, the bound.")
(builtin env-variable (Fn [Env String] (Option String)) "An environment variable.")

; ---------------------------------------------------------------------------------------- budgets

; The checker gives calls of these more exact types: amounts are part of a budget's type. What is
; declared here is what they are where amounts are known at run time only.
(builtin budget (Fn [Treasury Amounts] (Budget))
  "Grants a budget; only who holds the treasury may: (budget treasury {:cpu 4cpu}), or without the
treasury where it, or the world, is in scope.")
(builtin draw (Fn [a Amounts] (Budget))
  "Takes a budget from an account declared by `defbudget`: (draw team {:cpu 2cpu}).")
(builtin split (Fn [(Budget) Amounts] (Pair (Budget) (Budget)))
  "A part of a budget, and the rest: (split b {:cpu 1cpu}).")
(builtin split? (Fn [(Budget) Amounts] (Result (Pair (Budget) (Budget)) (Budget)))
  "The part and the rest, or the budget again where it has less: (split? b {:cpu n}).")
(builtin merge (Fn [(Budget) (Budget)] (Budget)) "Both budgets as one: (merge a b).")
(builtin spend (Fn [(Budget) Amounts] (Budget))
  "Consumes so much of a budget and gives the rest: (spend b {:cpu 1cpu}).")
(builtin release (Fn [(Budget)] Unit)
  "Gives a budget back to the account that it came from: (release b).")
(builtin leave (Fn [(Budget) Amounts] (Budget))
  "Keeps exactly so much and gives the surplus back: (leave b {:cpu 1cpu}).")
(builtin at-least (Fn [(Budget) Amounts] (Result (Budget) (Budget)))
  "Exactly so much, the surplus given back, or the budget again where it has less:
(at-least b {:cpu 1cpu}).")
(builtin amounts-from-map (Fn [(Map Keyword a)] Amounts) "Amounts computed by a program.")
(builtin amounts-with (Fn [Amounts Keyword a] Amounts) "Amounts and one more, computed.")
(builtin amounts-of (Fn [(& (Budget))] Amounts) "What a budget holds: (amounts-of &b).")
(builtin amounts-show (Fn [Amounts] String))
(builtin amounts-eq (Fn [Amounts Amounts] Bool))
(builtin budget-show (Fn [(Budget)] String))
(implement (Show Amounts) (def show amounts-show))
(implement (Show (Budget)) (def show budget-show))
(implement (Eq Amounts) (def = amounts-eq))

; --------------------------------------------------------------------------------- runs with limits

(defrecord RunLimits "What `run-within` gives a run at most; what is not named is not limited."
  {:steps  (Option Float)    := None :from Some
   :memory (Option Memory)   := None :from Some
   :time   (Option Duration) := None :from Some})

(builtin run-limited (Fn [Float Float Float (Fn [Unit] (Vector a))] (Result (Vector a) Keyword)))

(sig run-within (Fn [RunLimits (Fn [] a)] (Result a Keyword)) :where [(Unr a)])
(defn run-within
  "What a function gives, or `:steps`, `:memory` or `:time` where it needs more of that than it may.
> (run-within (RunLimits {:steps 100.0}) (fn [] 5)) => (Ok 5)"
  [limits f]
  (let [steps (match (.steps limits) [(Some n) n] [None 1e30])
        memory (match (.memory limits) [(Some b) (/ b 1B)] [None 1e30])
        time (match (.time limits) [(Some t) (/ t 1s)] [None 1e30])]
    (match (run-limited steps memory time (fn [_] [(f)]))
      [(Ok made) (Ok (vector-get made 0))]
      [(Err limit) (Err limit)])))

(defmacro (with-budget limits e)
  "Computes `e` with at most so many steps, so much memory or time.
> (with-budget {:steps 1e6} (* 6 7)) => (Ok 42)"
  (run-within (RunLimits limits) (fn [] e)))

; ------------------------------------------------------------------------------------------ tests

(builtin check-that (Fn [Bool String] Unit))
(defmacro (check e)
  "What a test says; shows its expression when it does not hold."
  (check-that e (source-of e)))
