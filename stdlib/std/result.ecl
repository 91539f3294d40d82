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

(defn all-onto [rs values]
  (match rs
    [Nil (Ok (list-reverse-onto values Nil))]
    [(Cons (Ok x) rs) (all-onto rs (Cons x values))]
    [(Cons (Err e) _) (Err e)]))

(defn list-reverse-onto [xs ys]
  (match xs [Nil ys] [(Cons x xs) (list-reverse-onto xs (Cons x ys))]))

(defn all "All values of a list, or the first error.
> (result/all (list (the (Result Int String) (Ok 1)) (Ok 2))) => (Ok (list 1 2))"
  [rs]
  (all-onto rs Nil))
