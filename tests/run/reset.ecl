; Memory that is used again gives up all that was in it.
(deftype (Tree a) Leaf (Node (Tree a) a (Tree a)) :deriving [Show])
(sig size (Fn [(List (Tree String)) Int] Int))
(defn size [trees n] (if (<= n 0) 0 (+ 1 (size trees (- n 1)))))
(defn tree [n] (Node (Node Leaf (str "a" n) Leaf) (str "b" n) Leaf))
(defn main [world]
  (let [n (vector/length (.args world))]
    (print (size (list (tree n) (tree (+ n 1))) 3))
    (print (size (list (tree (+ n 2))) 4))))
; => 3
; => 4
