; Runs with limits, one inside of another, and around parts of a vector.
(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(defn forever [n] (forever (+ n 1)))
(defn grow [xs n] (if (< n 0) xs (grow (Cons n xs) (+ n 1))))
(def table [1 2 3 (fib 10)])
(defn main [world]
  (do
    (print (with-budget {:steps 1e6} (fib 10)))
    (print (with-budget {:steps 1e4} (forever 0)))
    (print (with-budget {:memory 4MiB} (grow Nil 0)))
    (print (with-budget {:time 20ms} (forever 0)))
    (print (with-budget {:steps 1e6} (with-budget {:steps 1e2} (forever 0))))
    (print (with-budget {:steps 1e2} (with-budget {:steps 1e6} (forever 0))))
    (print (with-budget {:steps 1e6} [(str "a" (show (vector-length table))) "b"]))
    (print (with-budget {:steps 1e3} (par/map fib [1 2 3 24])))
    (print (with-budget {} (with-budget {} (do (print "inside") {"a" [1.5]}))))
    (print (with-budget {:steps 1e6} (+ 1 (quot 1 (- (fib 10) 55)))))))
; => (Ok 55)
; => (Err :steps)
; => (Err :memory)
; => (Err :time)
; => (Ok (Err :steps))
; => (Err :steps)
; => (Ok ["a4" "b"])
; => (Err :steps)
; => inside
; => (Ok (Ok {"a" [1.5]}))
; error: [division-by-zero]
