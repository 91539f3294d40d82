; Insertions into an immutable red-black tree (Okasaki), then look-ups.
(deftype Color Red Black)
(deftype Tree Empty (Node Color Tree Int Int Tree))

(defn balance "Two red nodes in a row below a black one become a red node with two black children."
  [color left key value right]
  (match (Node color left key value right)
    [(Node Black (Node Red (Node Red a xk xv b) yk yv c) zk zv d)
     (Node Red (Node Black a xk xv b) yk yv (Node Black c zk zv d))]
    [(Node Black (Node Red a xk xv (Node Red b yk yv c)) zk zv d)
     (Node Red (Node Black a xk xv b) yk yv (Node Black c zk zv d))]
    [(Node Black a xk xv (Node Red (Node Red b yk yv c) zk zv d))
     (Node Red (Node Black a xk xv b) yk yv (Node Black c zk zv d))]
    [(Node Black a xk xv (Node Red b yk yv (Node Red c zk zv d)))
     (Node Red (Node Black a xk xv b) yk yv (Node Black c zk zv d))]
    [other other]))

(defn ins [tree key value]
  (match tree
    [Empty (Node Red Empty key value Empty)]
    [(Node color left k v right)
     (cond (< key k) (balance color (ins left key value) k v right)
           (> key k) (balance color left k v (ins right key value))
           :else (Node color left key value right))]))

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
