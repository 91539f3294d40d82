; Builds and counts very many short-lived trees.
(deftype Tree Empty (Node Tree Tree))

(defn make [depth]
  (if (= depth 0) (Node Empty Empty) (Node (make (- depth 1)) (make (- depth 1)))))

(defn nodes [tree] (match tree [Empty 0] [(Node l r) (+ 1 (nodes l) (nodes r))]))

(defn many "The nodes of `count` trees." [count depth]
  (loop [i 0 total 0] (if (= i count) total (recur (+ i 1) (+ total (nodes (make depth)))))))

(defn main [world]
  (let [n (option/get-or (string/parse-int (vector/at (.args world) 0)) 10)
        first (nodes (make (+ n 1)))
        kept (make n)]
    (loop [depth 4 total first]
      (if (<= depth n)
        (recur (+ depth 2) (+ total (many (math/power 2 (+ (- n depth) 4)) depth)))
        (print (+ total (nodes kept)))))))
