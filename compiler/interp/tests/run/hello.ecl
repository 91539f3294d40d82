(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(defn main [world]
  (print "hello")
  (print (fib 20)))
