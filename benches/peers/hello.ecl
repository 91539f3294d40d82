; Prints a line: the time of starting.
(defn main [_] (print "hello"))
