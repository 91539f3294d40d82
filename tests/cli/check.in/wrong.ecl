(def total (+ cout 1))
(def wrong (+ 2kWh 5s))
(def count 2)
