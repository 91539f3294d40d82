; Shapes, and what is known of them:
;
;   eclexia doc --html shapes.ecl
(module shapes)

(deftype Shape "A shape in the plane."
  (Circle Float)
  (Square Float))

(def unit-square "The square of one by one." (Square 1.0))

(defn area "What a shape covers.\n> (area (Square 2.0)) => 4.0" [shape]
  (match shape
    [(Circle r) (* 3.0 (* r r))]
    [(Square a) (* a a)]))

(defn total "What all `shapes` cover." [shapes]
  (match shapes [Nil 0.0] [(Cons shape rest) (+ (area shape) (total rest))]))

(defmacro (unless-round shape e) "`e` for what has corners."
  (match shape [(Circle _) None] [_ (Some e)]))
