; All solutions for an n-wide board as lists that share tails.
(defn safe? [queen diag placed]
  (match placed
    [Nil true]
    [(Cons q rest)
     (and (not= queen q) (not= queen (+ q diag)) (not= queen (- q diag))
          (safe? queen (+ diag 1) rest))]))

(defn extend [queen placed found]
  (cond (= queen 0) found
        (safe? queen 1 placed) (extend (- queen 1) placed (Cons (Cons queen placed) found))
        :else (extend (- queen 1) placed found)))

(defn solve "All solutions for the first `k` rows of an `n`-wide board." [n k]
  (if (= k 0)
    (list (list))
    (list/fold (fn [found placed] (extend n placed found)) (list) (solve n (- k 1)))))

(defn main [world]
  (let [n (option/get-or (string/parse-int (vector/at (.args world) 0)) 8)]
    (print (list/length (solve n n)))))
