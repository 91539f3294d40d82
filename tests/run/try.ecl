; `try` leaves the function with the first error.
(defn half [n] (if (= (rem n 2) 0) (Ok (quot n 2)) (Err (str n " is odd"))))
(defn eighth [n] (let [a (try (half n)) b (try (half a))] (half b)))
(defn main [world]
  (print (eighth 40))
  (print (eighth 12)))
; => (Ok 5)
; => (Err "3 is odd")
