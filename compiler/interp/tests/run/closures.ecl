; What closures capture, generalised local functions, functions as data.
(defn adder [n] (fn [x] (+ x n)))
(defn counter-list [n]
  (loop [i 0 acc (list)] (if (< i n) (recur (+ i 1) (Cons (fn [x] (+ x i)) acc)) acc)))

(defn main [_]
  (let [add3 (adder 3) nested (fn [a] (fn [b] (fn [c] (+ a (* b c)))))]
    (print (add3 4))
    (print (((nested 1) 2) 3)))
  (print (list/map (fn [f] (f 10)) (counter-list 3)))
  (let [twice (fn [f x] (f (f x)))
        plus (fn [x y] (+ x y))]
    (print (twice inc 0) " " (twice (fn [s] (str s "!")) "a"))
    (print (plus 1 2) " " (plus 1.5 2.5) " " (plus 1GiB 512MiB)))
  (print (list/map Some (list 1 2)))
  (print (list/fold max 0 (list 3 9 4)))
  (print (vector/map (fn [n] (.name-length n)) [(Named {:name-length 3})])))
(defrecord Named {:name-length Int})
