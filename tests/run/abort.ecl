; A bug ends the program with its message and a trace.
(defn must-be-positive [n] (if (> n 0) n (abort (str "not positive: " n))))
(defn main [world]
  (print (must-be-positive 1))
  (print (must-be-positive 0)))
; => 1
; error: [aborted]
