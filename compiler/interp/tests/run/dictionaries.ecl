; Interfaces: context, defaults, super-interfaces, methods that are constants or return the type,
; interfaces on generic types, deriving.
(definterface (Shape a) :extends [Unr]
  (area (Fn [a] Float))
  (name (Fn [a] String))
  (describe (Fn [a] String))
  (unit-shape a)
  (defn name [_] "shape")
  (defn describe [x] (str (name x) " of " (area x))))

(defrecord Square {:side Float})
(defrecord Circle {:radius Float})
(implement (Shape Square)
  (defn area [s] (* (.side s) (.side s)))
  (defn name [_] "square")
  (def unit-shape (Square {:side 1.0})))
(implement (Shape Circle)
  (defn area [c] (* 3.0 (* (.radius c) (.radius c))))
  (def unit-shape (Circle {:radius 1.0})))

(deftype (Twice a) (Twice a a))
(implement (Shape (Twice a)) :where [(Shape a)]
  (defn area [t] (match t [(Twice x y) (+ (area x) (area y))]))
  (def unit-shape (Twice unit-shape unit-shape)))

(sig area-of-unit (Fn [(Option a)] Float) :where [(Shape a)])
(defn area-of-unit [like]
  (match like [(Some x) (area x)] [None (area (first-of (list unit-shape) like))]))
(sig first-of (Fn [(List a) (Option a)] a) :where [(Unr a)])
(defn first-of [xs like]
  (match xs [(Cons x _) x] [Nil (match like [(Some y) y] [None (abort "none")])]))

(sig largest (Fn [(List a) a] a) :where [(Ord a)])
(defn largest [xs start] (list/fold max start xs))

(defn same-as-first [xs]
  (match xs [Nil true] [(Cons x rest) (list/all? (fn [y] (= x y)) rest)]))

(deftype Color Red Green (Mixed Int Int) :deriving [Eq Ord Show Hash Serialize])
(defrecord Point {:x Int :y Int} :deriving [Eq Ord Show Serialize])

(defn main [_]
  (print (describe (Square {:side 2.0})))
  (print (describe (Circle {:radius 1.0})))
  (print (describe (Twice (Square {:side 1.0}) (Square {:side 2.0}))))
  (print (area-of-unit (the (Option (Twice Circle)) None)))
  (print (largest (list 3 9 2) 0) " " (largest (list "b" "c") "a") " " (largest (list 2GiB) 1MiB))
  (print (same-as-first (list (Some 1) (Some 1))) " " (same-as-first (list [1] [2])))
  (print (compare (Mixed 1 2) (Mixed 1 3)) " " (< Red Green) " " (= (Mixed 1 2) (Mixed 1 2)))
  (print (Mixed 1 2) " " (Point {:x 1 :y 2}) " " (json/print (to-json (Point {:x 1 :y 2}))))
  (print (= (hash Red) (hash Green)) " " (= (hash (Mixed 1 2)) (hash (Mixed 1 2))))
  (print (list/sort (list (Point {:x 2 :y 1}) (Point {:x 1 :y 5}))))
  (print {:a [1 2] :b []} " " (= {"k" 1} {"k" 1}) " " (set/of [3 1 2]))
  (print (list/sum (list 1 2 3)) " " (list/sum (list 1.5 2.5)) " " (list/sum (list 1s 1min))))
