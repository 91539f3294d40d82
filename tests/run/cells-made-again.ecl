; Cells made in the memory of others, of one constructor or another, held once and several times.
(deftype Tree Leaf (Node Int Tree Int Tree))
(deftype Shape (Square Int Int) (Disc Int Int) (Dot Int) :deriving [Show])
(defn put [tree key]
  (match tree
    [Leaf (Node 1 Leaf key Leaf)]
    [(Node n left k right)
     (cond (< key k) (Node (+ n 1) (put left key) k right)
           (> key k) (Node (+ n 1) left k (put right key))
           :else (Node n left k right))]))
(defn turned "Left and right change their places." [tree]
  (match tree [Leaf Leaf] [(Node n left k right) (Node n (turned right) k (turned left))]))
(defn listed [tree rest]
  (match tree
    [Leaf rest]
    [(Node n left k right) (listed left (Cons (+ k (* 100 n)) (listed right rest)))]))
(defn other "One constructor in the memory of the other." [shape]
  (match shape
    [(Square a b) (Disc b a)]
    [(Disc a b) (Square (+ a 1) b)]
    [(Dot a) (Dot (+ a 1))]))
(defn all-of [n tree] (if (= n 0) tree (all-of (- n 1) (put tree (mod (* n 7) 11)))))
(defn others [n shapes] (if (= n 0) shapes (others (- n 1) (list/map other shapes))))
(defn main [world]
  (let [tree (all-of 20 Leaf)
        more (put (put tree 50) 3)
        shapes (list (Square 1 2) (Disc 3 4) (Dot 5))]
    (do
      (print (listed tree Nil))
      (print (listed more Nil))
      (print (listed (turned more) Nil))
      (print (listed (turned (all-of 20 Leaf)) Nil))
      (print (others 3 shapes) " " shapes)
      (print (others 4 (list (Square 1 2) (Disc 3 4) (Dot 5)))))))
; => (list 100 1301 402 203 104 1005 306 107 1908 309 110)
; => (list 100 1401 502 203 104 1105 306 107 2108 409 210 150)
; => (list 150 210 409 2108 107 306 1105 104 203 502 1401 100)
; => (list 110 309 1908 107 306 1005 104 203 402 1301 100)
; => (list (Disc 1 3) (Square 5 4) (Dot 8)) (list (Square 1 2) (Disc 3 4) (Dot 5))
; => (list (Square 2 3) (Disc 4 5) (Dot 9))
