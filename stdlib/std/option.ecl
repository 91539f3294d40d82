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

(defn or-else-with "This, or else what `f` gives.
> (option/or-else-with None (fn [] (Some 2))) => (Some 2)"
  [o f]
  (match o [(Some _) o] [None (f)]))
(defn get-or-else "The value, or what `f` gives.\n> (option/get-or-else None (fn [] 7)) => 7" [o f]
  (match o [(Some x) x] [None (f)]))
(defn map-with "`f` of both values, or nothing.
> (option/map-with + (Some 1) (Some 2)) => (Some 3)"
  [f a b]
  (match a [(Some x) (match b [(Some y) (Some (f x y))] [None None])] [None None]))
(defn contains? "Whether that is the value.\n> (option/contains? (Some 1) 1) => true" [o x]
  (match o [(Some y) (= x y)] [None false]))
(defn when-true "The value, if the condition holds.
> (option/when-true (> 1 2) \"yes\") => None"
  [condition x]
  (if condition (Some x) None))
(defn all "All values of a list, or nothing if one is missing.
> (option/all (list (Some 1) (Some 2))) => (Some (list 1 2))"
  [options]
  (loop [options options values Nil]
    (match options
      [Nil (Some (list/reverse values))]
      [(Cons (Some x) rest) (recur rest (Cons x values))]
      [(Cons None _) None])))
(defn values "The values that are there.
> (option/values (list (Some 1) None (Some 2))) => (list 1 2)"
  [options]
  (list/filter-map identity options))
(defn first-of "The first value that is there.
> (option/first-of (list None (Some 1) (Some 2))) => (Some 1)"
  [options]
  (list/find-map identity options))
(defn to-vector "A vector of at most one.\n> (option/to-vector (Some 1)) => [1]" [o]
  (match o [(Some x) [x]] [None []]))
(sig each (Fn [(Fn [a] b) (Option a)] Unit) :where [(Unr b)])
(defn each "Calls `f` with the value, if there is one.
> (option/each print-line None) => unit"
  [f o]
  (match o [(Some x) (do (f x) unit)] [None unit]))
