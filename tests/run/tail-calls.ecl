; Calls in tail position take no stack, within a function, between two, and through a value.
(defn count-down [n] (if (= n 0) 0 (count-down (- n 1))))
(defn even? [n] (if (= n 0) true (odd? (- n 1))))
(defn odd? [n] (if (= n 0) false (even? (- n 1))))
(deftype (Bouncer r) (Bouncer (Fn [(Bouncer r) Int] r)))
(defn jump [b n] (match b [(Bouncer f) (if (= n 0) "landed" (f b (- n 1)))]))

(defn main [world]
  (print (count-down 1000000))
  (print (even? 1000000))
  (print (jump (Bouncer jump) 1000000)))
; => 0
; => true
; => landed
