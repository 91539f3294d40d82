(module shop.prices)
(defn of "> (of 2) => 14" [count] (* 7 count))
