; Trees, guards, and the first arm that fits.
(deftype (Tree a) Leaf (Node (Tree a) a (Tree a)))
(defn insert [x t]
  (match t
    [Leaf (Node Leaf x Leaf)]
    [(Node l y r) :when (< x y) (Node (insert x l) y r)]
    [(Node l y r) :when (> x y) (Node l y (insert x r))]
    [_ t]))
(defn walk [t] (match t [Leaf ""] [(Node l x r) (str (walk l) x " " (walk r))]))
(defn main [world]
  (print (walk (insert 2 (insert 5 (insert 1 (insert 3 (insert 2 Leaf))))))))
; => 1 2 3 5 
