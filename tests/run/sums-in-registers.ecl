; Sums come back in registers where they are asked for at once: numbers, truths, floats and
; references in one place, constructors without fields, and cells that somebody keeps.
(deftype Answer (Whole Int) (Part Float) (Sure Bool) (Text String) (Both String (List Int)) Never
  (Long Int Int Int String)
  :deriving [Show])

(deftype Tree Leaf (Node Tree Int Tree))

(defn build [n] (if (= n 0) Leaf (Node (build (- n 1)) n (build (- n 1)))))

(defn answer [n]
  (cond (< n 0) Never
        (= (mod n 6) 0) (Whole n)
        (= (mod n 6) 1) (Part (/ (float n) 2.0))
        (= (mod n 6) 2) (Sure (> n 10))
        (= (mod n 6) 3) (Text (str "the number " n " in words"))
        (= (mod n 6) 4) (Both (str "a list from " n) (list n (+ n 1)))
        (= n 5) (Long n (* n 2) (* n 3) (str "long " n))
        :else (answer (- n 1))))

(defn value [n]
  (match (answer n)
    [(Whole i) i]
    [(Part f) (truncate f)]
    [(Sure true) 1]
    [(Sure false) 0]
    [(Text t) (string/length t)]
    [(Both t xs) (+ (string/length t) (list/length xs))]
    [(Long a b _ t) (+ a b (string/length t))]
    [Never -1]))

; One end gives what it was given, a part of something that others hold.
(defn first-or [n known]
  (match known [(Cons a _) a] [Nil (answer n)]))

(defn is-text [n known] (match (first-or n known) [(Text _) true] [(Both _ _) true] [_ false]))

(defn checked-sum [tree limit]
  (match tree
    [Leaf (Ok 0)]
    [(Node left here right)
     (match (checked-sum left limit)
       [(Err e) (Err e)]
       [(Ok l)
        (match (checked-sum right limit)
          [(Err e) (Err e)]
          [(Ok r)
           (let [s (+ l r here)]
             (if (> s limit) (Err (str "more than " limit " at " here)) (Ok s)))])])]))

(defn main [world]
  (print (list (value -1) (value 12) (value 13) (value 14) (value 15) (value 16) (value 5) (value 2)))
  (let [texts (list (Text "kept by two") Never)]
    (print (is-text 3 texts) (is-text 4 (list)) (is-text 0 (list)) " " texts))
  (print (checked-sum (build 10) 100000) " " (checked-sum (build 10) 100))
  ; The cell is kept: nothing is taken apart.
  (print (answer 16) " " (answer 5)))
----
; => (list -1 12 6 1 22 16 21 0)
; => truetruefalse (list (Text "kept by two") Never)
; => (Ok 2036) (Err "more than 100 at 6")
; => (Both "a list from 16" (list 16 17)) (Long 5 10 15 "long 5")
