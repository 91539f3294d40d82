; Values, or the reasons why there are none. `(try r)` leaves the function with the error.
(module std.result)

(defn ok? "Whether it is a value.\n> (result/ok? (the (Result Int String) (Ok 1))) => true" [r]
  (match r [(Ok _) true] [(Err _) false]))

(defn err? "Whether it is an error.\n> (result/err? (the (Result Int String) (Ok 1))) => false" [r]
  (match r [(Ok _) false] [(Err _) true]))

(defn map "The value changed by `f`.\n> (result/map inc (the (Result Int String) (Ok 1))) => (Ok 2)"
  [f r]
  (match r [(Ok x) (Ok (f x))] [(Err e) (Err e)]))

(defn map-err """The error changed by `f`.
> (result/map-err (fn [e] (str "no: " e)) (the (Result Int String) (Err "x"))) => (Err "no: x")"""
  [f r]
  (match r [(Ok x) (Ok x)] [(Err e) (Err (f e))]))

(defn and-then "What `f` makes of the value, which may be an error.
> (result/and-then (fn [x] (if (> x 0) (Ok x) (Err \"low\"))) (Ok 0)) => (Err \"low\")"
  [f r]
  (match r [(Ok x) (f x)] [(Err e) (Err e)]))

(defn or-else "The result, or what `f` makes of its error.
> (result/or-else (fn [_] (the (Result Int String) (Ok 0))) (Err \"x\")) => (Ok 0)"
  [f r]
  (match r [(Ok x) (Ok x)] [(Err e) (f e)]))

(defn get-or "The value, or the default.\n> (result/get-or (Err \"x\") 7) => 7" [r default]
  (match r [(Ok x) x] [(Err _) default]))

(defn expect "The value; aborts with the message and the error where there is none.
> (result/expect (the (Result Int String) (Ok 1)) \"no number\") => 1"
  [r message]
  (match r [(Ok x) x] [(Err e) (abort (str message ": " e))]))

(defn to-option "The value, without the reason.
> (result/to-option (the (Result Int String) (Ok 1))) => (Some 1)"
  [r]
  (match r [(Ok x) (Some x)] [(Err _) None]))

(defn to-error "The error, if it is one.
> (result/to-error (the (Result Int String) (Err \"x\"))) => (Some \"x\")"
  [r]
  (match r [(Ok _) None] [(Err e) (Some e)]))

(defn all "All values of a list, or the first error.
> (result/all (list (the (Result Int String) (Ok 1)) (Ok 2))) => (Ok (list 1 2))"
  [rs]
  (loop [rs rs values Nil]
    (match rs
      [Nil (Ok (list/reverse values))]
      [(Cons (Ok x) rest) (recur rest (Cons x values))]
      [(Cons (Err e) _) (Err e)])))

(defn all-vector "All values of a vector, or the first error.
> (result/all-vector [(the (Result Int String) (Ok 1)) (Ok 2)]) => (Ok [1 2])"
  [rs]
  (vector/fold-while (fn [acc r] (map (fn [x] (vector/push acc x)) r)) [] rs))

(defn traverse "What `f` makes of every element, or the first error.
> (result/traverse (fn [s] (option/ok-or (string/parse-int s) s)) (list \"x\")) => (Err \"x\")"
  [f xs]
  (loop [xs xs values Nil]
    (match xs
      [Nil (Ok (list/reverse values))]
      [(Cons x rest) (match (f x) [(Ok y) (recur rest (Cons y values))] [(Err e) (Err e)])])))

(defn partition "The values, and the errors.
> (result/partition (list (Ok 1) (Err \"x\") (Ok 2))) => (Pair (list 1 2) (list \"x\"))"
  [rs]
  (Pair (list/filter-map to-option rs) (list/filter-map to-error rs)))

(defn get-or-else "The value, or what `f` makes of the error.
> (result/get-or-else (Err \"abc\") string/length) => 3"
  [r f]
  (match r [(Ok x) x] [(Err e) (f e)]))

(defn map-with "`f` of both values, or the first error.
> (result/map-with + (the (Result Int String) (Ok 1)) (Ok 2)) => (Ok 3)"
  [f a b]
  (match a
    [(Ok x) (match b [(Ok y) (Ok (f x y))] [(Err e) (Err e)])]
    [(Err e) (Err e)]))

(defn flatten "One layer less.
> (result/flatten (the (Result (Result Int String) String) (Ok (Err \"x\")))) => (Err \"x\")"
  [r]
  (match r [(Ok inner) inner] [(Err e) (Err e)]))

(defn fold "`f` of the value, or `g` of the error.
> (result/fold inc string/length (the (Result Int String) (Ok 1))) => 2"
  [f g r]
  (match r [(Ok x) (f x)] [(Err e) (g e)]))

(defn ensure "The value if `p` holds of it, else the error.
> (result/ensure (fn [x] (> x 0)) \"not positive\" (Ok -1)) => (Err \"not positive\")"
  [p error r]
  (match r [(Ok x) (if (p x) (Ok x) (Err error))] [(Err e) (Err e)]))

(defn context "With a text before the error.
> (result/context \"a\" (the (Result Int String) (Err \"none\"))) => (Err \"a: none\")"
  [what r]
  (map-err (fn [e] (str what ": " e)) r))
