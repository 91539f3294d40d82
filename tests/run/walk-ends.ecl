; A run that ends in a walk gives back what the walk holds, also where it is part of something that
; nobody else needs any more.
(defn first-wide [xs limit]
  (match xs
    [Nil "none"]
    [(Cons x rest) (if (> (string/length x) limit) x (first-wide rest limit))]))
(defn made [n] (if (= n 0) Nil (Cons (str "text " n) (made (- n 1)))))
(defn cut [steps]
  (match (run-within (RunLimits {:steps (Some steps)}) (fn [] (first-wide (made 8) 30)))
    [(Ok text) text]
    [(Err why) "cut"]))
(defn main [_]
  (loop [n 1.0]
    (if (< n 40.0) (do (print (cut n)) (recur (+ n 3.0))) unit)))
; => cut
; => cut
; => cut
; => cut
; => cut
; => cut
; => cut
; => cut
; => cut
; => none
; => none
; => none
; => none
