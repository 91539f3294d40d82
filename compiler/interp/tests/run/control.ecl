; try, return, with and for: every exit edge.
(defn parse [text]
  (match (string/parse-int text) [(Some n) (Ok n)] [None (Err (str "no number: " text))]))

(defn add-all [a b] (Ok (+ (try (parse a)) (try (parse b)))))

(sig first-big (Fn [(Vector Int)] (Option Int)))
(defn first-big [xs]
  (for [x xs] (when (> x 10) (return (Some x))))
  None)

(defn release [name] (print "release " name))

(defn nested [how]
  (with [a (do (print "acquire a") "a") :release release]
    (with [b (do (print "acquire b") "b") :release release]
      (match how
        [0 (Ok (str a b))]
        [1 (return (Ok "returned"))]
        [2 (Ok (str "tried " (try (parse "x"))))]
        [_ (Ok ((fn [y] (return (str "inner " y))) 5))]))))

(defn main [_]
  (print (add-all "1" "2"))
  (print (add-all "1" "x"))
  (print (first-big [1 20 30]))
  (print (first-big [1 2]))
  (for [i [0 1 2 3]] (print (nested i)))
  (for [(Pair a b) (list (Pair 1 "x") (Pair 2 "y"))] (print a b))
  (times [i 3] (print i)))
