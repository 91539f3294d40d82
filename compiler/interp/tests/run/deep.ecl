; A million calls that wait for each other, a million-long list built and dropped, closures nested
; a million deep.
(defn sum-to [n] (if (= n 0) 0 (+ n (sum-to (- n 1)))))

(defn build [n] (if (= n 0) Nil (Cons n (build (- n 1)))))

(defn compose-many [n f] (if (= n 0) f (compose-many (- n 1) (fn [x] (+ 1 (f x))))))

(defn main [_]
  (print (sum-to 1000000))
  (print (list/sum (list/map inc (build 1000000))))
  (print ((compose-many 1000000 identity) 0))
  (print (list/length (list/sort (list/map (fn [n] (rem (* n 7919) 10007)) (list/range 0 20000))))))
