(defn f [x] (match x [[a & b & c] 1] [(as) 2] [(as y) 3] [{:a} 4] [{a 1} 5] [& 6] [] [(Some) 7]))
