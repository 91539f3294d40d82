; A function keeps what it was made with.
(defn adder [n] (fn [m] (+ n m)))
(defn twice [f] (fn [x] (f (f x))))
(defn main [world]
  (let [add-3 (adder 3) n 100]
    (print (add-3 4))
    (print ((twice add-3) 4))
    (print ((twice (twice (fn [s] (str s "!")))) "hey"))))
; => 7
; => 10
; => hey!!!!
