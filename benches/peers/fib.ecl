; Naive recursion.
(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))

(defn main [world]
  (let [n (option/get-or (string/parse-int (vector/at (.args world) 0)) 30)] (print (fib n))))
