(import std.deploy :all)

(def rate 2)
(defn cost "What n cost." [n inner-rate] (* n inner-rate))
(defn both [a _b]
  (print a)
      (let [c a]
        c))
(defn sign [n] (cond (< n 0) -1 (= n n) 0 :else 1))
(defn tell [n] (cond (< n 0) (print "less") :else (print "more")))
(defn rebound [n] (let [n (+ n 1)] n))

(defbudget team {:cpu 8cpu :memory 8GiB})
(defservice search
  {:image    "search:3"
   :replicas (between 1 2)
   :variants [(variant "large" {:requires {:cpu 4cpu :memory 4GiB}})
              (variant "small" {:requires {:cpu 1cpu :memory 4GiB}})]})
(defdeployment prod {:budget team :regions [aws/eu-west-1] :services [search]})
