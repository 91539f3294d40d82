; Insertions into an immutable red-black tree (Okasaki), then look-ups.
(deftype Color Red Black)
(deftype Tree Empty (Node Color Tree Int Int Tree))

(defn balance-left "Two red nodes in a row below a black one become a red one above two black."
  [left key value right]
  (match left
    [(Node Red (Node Red a xk xv b) yk yv c)
     (Node Red (Node Black a xk xv b) yk yv (Node Black c key value right))]
    [(Node Red a xk xv (Node Red b yk yv c))
     (Node Red (Node Black a xk xv b) yk yv (Node Black c key value right))]
    [other (Node Black other key value right)]))

(defn balance-right "The same on the right."
  [left key value right]
  (match right
    [(Node Red (Node Red b yk yv c) zk zv d)
     (Node Red (Node Black left key value b) yk yv (Node Black c zk zv d))]
    [(Node Red b yk yv (Node Red c zk zv d))
     (Node Red (Node Black left key value b) yk yv (Node Black c zk zv d))]
    [other (Node Black left key value other)]))

(defn ins [tree key value]
  (match tree
    [Empty (Node Red Empty key value Empty)]
    [(Node Red left k v right)
     (cond (< key k) (Node Red (ins left key value) k v right)
           (> key k) (Node Red left k v (ins right key value))
           :else (Node Red left key value right))]
    [(Node Black left k v right)
     (cond (< key k) (balance-left (ins left key value) k v right)
           (> key k) (balance-right left k v (ins right key value))
           :else (Node Black left key value right))]))

(defn insert [tree key value]
  (match (ins tree key value)
    [(Node _ left k v right) (Node Black left k v right)]
    [Empty Empty]))

(defn lookup [tree key]
  (match tree
    [Empty 0]
    [(Node _ left k v right)
     (if (= key k) v (lookup (if (< key k) left right) key))]))

(defn size [tree]
  (match tree [Empty 0] [(Node _ left _ _ right) (+ (size left) 1 (size right))]))

(defn next-random [seed] (mod (* seed 16807) 2147483647))

(defn build [n]
  (loop [i 0 seed 42 tree Empty]
    (if (= i n)
      tree
      (let [seed (next-random seed)] (recur (+ i 1) seed (insert tree seed i))))))

(defn main [world]
  (let [n (option/get-or (string/parse-int (vector/at (.args world) 0)) 1000)
        tree (build n)
        found (loop [i 0 seed 42 total 0]
                (if (= i n)
                  total
                  (let [seed (next-random seed)]
                    (recur (+ i 1) seed
                           (+ total (lookup tree seed) (lookup tree (+ seed 1)))))))]
    (print (size tree) " " found)))
