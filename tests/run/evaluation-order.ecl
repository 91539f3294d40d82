; Strict, from left to right; only the branch that is chosen is evaluated.
(defn note [x] (do (print "got " x) x))
(defn main [world]
  (print (- (note 5) (note 3)))
  (print (if (note true) (note 1) (note 2)))
  (print (and (note false) (note true)))
  (let [a (note "a") b (note (str a "b"))] (print b)))
; => got 5
; => got 3
; => 2
; => got true
; => got 1
; => 1
; => got false
; => false
; => got a
; => got ab
; => ab
