; The least program that says something.
(defn main [world] (print "Hello, " "world"))
; => Hello, world
