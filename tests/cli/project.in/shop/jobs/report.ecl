(import shop.prices)
(defn main [world] (print (str "report: " (prices/of 10))))
