; Twenty sieves of Eratosthenes.
(def rounds 20)

(sig cross-out (Fn [(Vector Bool) Int Int] (Vector Bool)))
(defn cross-out "Without the multiples of `i` above it." [prime i n]
  (loop [j (+ i i) prime prime]
    (if (< j n) (recur (+ j i) (vector/set prime j false)) prime)))

(defn primes "The number of primes below `n`." [n]
  (loop [i 2 count 0 prime (vector/repeat n true)]
    (cond (= i n) count
          (vector/at prime i) (recur (+ i 1) (+ count 1) (cross-out prime i n))
          :else (recur (+ i 1) count prime))))

(defn main [world]
  (let [n (option/get-or (string/parse-int (vector/at (.args world) 0)) 1000)]
    (loop [i 0 total 0]
      (if (= i rounds) (print total) (recur (+ i 1) (+ total (primes n)))))))
