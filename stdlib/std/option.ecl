; Values that may be missing.
(module std.option)

(defn some? "Whether there is a value.\n> (option/some? (Some 1)) => true" [o]
  (match o [(Some _) true] [None false]))

(defn none? "Whether there is no value.\n> (option/none? (Some 1)) => false" [o]
  (match o [(Some _) false] [None true]))

(defn map "The value changed by `f`.\n> (option/map inc (Some 1)) => (Some 2)" [f o]
  (match o [(Some x) (Some (f x))] [None None]))

(defn and-then "What `f` makes of the value, which may again be nothing.
> (option/and-then (fn [x] (if (> x 0) (Some x) None)) (Some 3)) => (Some 3)"
  [f o]
  (match o [(Some x) (f x)] [None None]))

(defn or-else "This, or else the other.\n> (option/or-else None (Some 2)) => (Some 2)" [o other]
  (match o [(Some _) o] [None other]))

(defn get-or "The value, or the default.\n> (option/get-or None 7) => 7" [o default]
  (match o [(Some x) x] [None default]))

(defn expect "The value; aborts with the message where there is none.
> (option/expect (Some 1) \"no number\") => 1"
  [o message]
  (match o [(Some x) x] [None (abort message)]))

(defn filter
  "The value, if `keep?` holds of it.\n> (option/filter (fn [x] (> x 5)) (Some 3)) => None"
  [keep? o]
  (match o [(Some x) (if (keep? x) o None)] [None None]))

(defn flatten "One layer less.\n> (option/flatten (Some (Some 1))) => (Some 1)" [o]
  (match o [(Some inner) inner] [None None]))

(defn zip "Both values, or nothing.\n> (option/zip (Some 1) (Some 2)) => (Some (Pair 1 2))" [a b]
  (match a
    [(Some x) (match b [(Some y) (Some (Pair x y))] [None None])]
    [None None]))

(defn fold "`f` of the value, or the default.\n> (option/fold inc 0 (Some 4)) => 5" [f default o]
  (match o [(Some x) (f x)] [None default]))

(defn ok-or "As a Result, with an error for nothing.\n> (option/ok-or (Some 1) \"none\") => (Ok 1)"
  [o error]
  (match o [(Some x) (Ok x)] [None (Err error)]))

(defn to-list "A list of at most one.\n> (option/to-list (Some 1)) => (list 1)" [o]
  (match o [(Some x) (list x)] [None (list)]))
