(defn main [world] (print "here"))
