; Which constructor it is is asked before the cell is given up.
(deftype Kind (One Int) (Two Int) (Three Int))
(sig made (Fn [Int] Kind))
(defn made [n] (if (= n 1) (One n) (if (= n 2) (Two n) (Three n))))
(defn within [n]
  (match (with-budget {:steps 1e4} (made n)) [(Ok _) "ok"] [_ "cut"]))
(defn main [world]
  (let [n (vector/length (.args world))]
    (do
      (print (within 1) (within 2) (within 3))
      (print (match (made (+ n 1)) [(One _) 1] [(Two _) 2] [(Three _) 3]))
      (print (match (made (+ n 3)) [(One _) 1] [_ 0])))))
; => okokok
; => 1
; => 0
