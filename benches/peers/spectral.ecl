; The spectral norm of an n by n matrix that is computed on the fly.
(defn a [i j] (/ 1.0 (float (+ (quot (* (+ i j) (+ i j 1)) 2) i 1))))

(sig product (Fn [(Vector Float)] (Vector Float)))
(defn product [v]
  (let [n (vector/length v)]
    (loop [i 0 out v]
      (if (= i n)
        out
        (recur (+ i 1)
               (vector/set out i
                           (loop [j 0 sum 0.0]
                             (if (= j n) sum
                                 (recur (+ j 1) (+ sum (* (a i j) (vector/at v j))))))))))))

(sig transposed-product (Fn [(Vector Float)] (Vector Float)))
(defn transposed-product [v]
  (let [n (vector/length v)]
    (loop [i 0 out v]
      (if (= i n)
        out
        (recur (+ i 1)
               (vector/set out i
                           (loop [j 0 sum 0.0]
                             (if (= j n) sum
                                 (recur (+ j 1) (+ sum (* (a j i) (vector/at v j))))))))))))

(sig dot (Fn [(Vector Float) (Vector Float)] Float))
(defn dot [u v]
  (loop [i 0 sum 0.0]
    (if (= i (vector/length u))
      sum
      (recur (+ i 1) (+ sum (* (vector/at u i) (vector/at v i)))))))

(defn main [world]
  (let [n (option/get-or (string/parse-int (vector/at (.args world) 0)) 100)]
    (loop [i 0 u (vector/repeat n 1.0) v (vector/repeat n 0.0)]
      (if (= i 10)
        (print (floor (* 1e9 (math/sqrt (/ (dot u v) (dot v v))))))
        (let [v (transposed-product (product u))]
          (recur (+ i 1) (transposed-product (product v)) v))))))
