; Sums of a list by recursion as deep as it is long.
(def rounds 20)
(def modulus 1000003)

(defn up-to [i n] (if (> i n) (list) (Cons i (up-to (+ i 1) n))))

(defn sum "The sum modulo `modulus`; what follows the call keeps it from being a loop." [xs]
  (match xs
    [Nil 0]
    [(Cons x rest) (let [s (+ x (sum rest))] (if (>= s modulus) (- s modulus) s))]))

(defn tail [xs] (match xs [Nil Nil] [(Cons _ rest) rest]))

(defn main [world]
  (let [n (option/get-or (string/parse-int (vector/at (.args world) 0)) 1000)
        xs (up-to 1 n)]
    (loop [i 0 total 0]
      (if (= i rounds) (print total) (recur (+ i 1) (+ total (sum (Cons i (tail xs)))))))))
