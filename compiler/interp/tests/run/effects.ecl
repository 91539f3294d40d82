; Effects need a capability; the hermetic world refuses.
(defn main [world]
  (print (.args world))
  (print (read-file (.files world) "x"))
  (print (env-variable (.env world) "HOME"))
  (print (now (.clock world)))
  (print (random-int (.random world) 6)))
