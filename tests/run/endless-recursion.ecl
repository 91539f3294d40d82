; Past the limit is a diagnostic with a trace, never a crash.
(defn down [n] (+ 1 (down (+ n 1))))
(defn main [world]
  (print "before")
  (print (down 0)))
; => before
; error: [stack-exhausted]
