; A call that is not in tail position may go a million deep.
(defn sum-to [n] (if (= n 0) 0 (+ n (sum-to (- n 1)))))
(defn main [world] (print (sum-to 1000000)))
; => 500000500000
