(defn main [world] (print "x"))
