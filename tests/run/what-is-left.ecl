; The rest of a vector that nobody else has is not copied; one that is shared stays as it was.
; Places in texts that are not ASCII are found from the nearest known one.
(defn sum [v] (match v [[] 0] [[x & rest] (+ x (sum rest))]))
(defn each-other [v acc]
  (match v [[] acc] [[x] (vector-push acc x)] [[x _ & rest] (each-other rest (vector-push acc x))]))
(defn queue [v n] (if (= n 0) v (queue (vector-push (vector/drop 1 v) n) (- n 1))))
(defn texts [v] (match v [[] ""] [[x & rest] (str x (texts rest))]))
(defn truths [v n] (match v [[] n] [[x & rest] (truths rest (if x (+ n 1) n))]))
(defn places [s i acc]
  (if (= i (string/length s)) acc
    (places s (+ i 1) (if (= (string/slice s i (+ i 1)) "ä") (+ acc i) acc))))
(defn walk [s acc]
  (if (= s "") acc (walk (string/slice s 1 (string/length s)) (+ acc 1))))
(defn main [world]
  (let [v (vector/range 0 1000)
        parts [v (vector/drop 990 v)]
        words (vector/map (fn [i] (str "a text of many letters, number " i)) (vector/range 0 9))
        s (string/repeat "aäb€😀" 200)]
    (print (sum v) " " (vector/length v))
    (print (sum (vector/drop 990 v)) " " (vector/length (each-other v [])))
    (print (queue (vector/drop 995 v) 300))
    (print (string/length (texts words)) " " (string/length (texts words)))
    (print (truths (vector/map math/even? v) 0))
    (print (places s 0 0) " " (walk s 0) " " (places (string/slice s 101 400) 0 0))
    (print (vector/length parts))))
; => 499500 1000
; => 9945 500
; => [5 4 3 2 1]
; => 288 288
; => 500
; => 99700 1000 8850
; => 2
