; Products that functions give in registers: of numbers, of texts, by tail calls, through closures,
; kept whole, from ways that meet, and from records that know where they were made.
(deftype Both (Both Int Int))
(deftype Mixed (Mixed Int Float Bool String))
(defrecord Span {:from Int :text String})

(defn fibs [n]
  (if (= n 0) (Both 0 1) (match (fibs (- n 1)) [(Both a b) (Both b (+ a b))])))

(defn mixed [n text]
  (cond (= n 0)         (Mixed 0 0.5 true text)
        (= (mod n 5) 0) (mixed (- n 1) (str text "."))
        :else           (match (mixed (- n 1) text)
                          [(Mixed a b c d) (Mixed (+ a n) (+ b 1.0) (not c) (str d "x"))])))

(defn flip [n acc] (if (= n 0) (Both n acc) (flop (- n 1) (+ acc 1))))
(defn flop [n acc] (if (= n 0) (Both acc n) (flip (- n 1) (* acc 2))))

(defn spans [n text]
  (if (= n 0) (Span {:from 0 :text text})
      (let [s (spans (- n 1) text)] (Span {:from (+ (.from s) 1) :text (str (.text s) "-")}))))

(defn kept [n] (if (= n 0) [] (vector/append (kept (- n 1)) [(fibs n)])))
(defn first-of [b] (match b [(Both a _) a]))
(defn halves [n]
  (if (> n 99) (Both (quot 1 (- n n)) n) (match (halves (+ n 1)) [(Both a b) (Both b a)])))

(defn main [world]
  (print (first-of (fibs 60)))
  (print (match (mixed 12 "") [(Mixed a b c d) (str a " " b " " c " " d)]))
  (print (first-of (flip 9 1)) " " (first-of (flip 8 1)))
  (print (.from (spans 4 "")) (.text (spans 4 "")))
  (print (vector/map first-of (kept 6)))
  (print (vector/map first-of (vector/map fibs [1 2 3 10])))
  (print (first-of (halves 97))))
; => 1548008755920
; => 63 10.5 true ..xxxxxxxxxx
; => 47 0
; => 4----
; => [1 1 2 3 5 8]
; => [1 1 2 55]
; error: [division-by-zero]
