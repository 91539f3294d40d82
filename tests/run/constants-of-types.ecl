; The first day, nothing, and no time are one word: to a built-in each is what it is.
(import std.time)
(defn main [world]
  (print (show (time/next-weekday time/Monday (time/today-of time/epoch))))
  (print (show 0.0) " " (show 0s) " " (show 0)))
; => 1970-01-05
; => 0.0 0s 0
