(defn twice [n] (* 2 n))
(def answer (twice 21))
