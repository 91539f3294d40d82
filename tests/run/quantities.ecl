; Units multiply and divide; results are shown in the largest unit that keeps the number at least 1.
(defn main [world]
  (print (* 2kW 90min))
  (print (/ 10GiB 5s))
  (print (+ 512MiB 512MiB))
  (print (* 3kWh 300gCO2e/kWh))
  (print (< 90s 1min)))
; => 3kWh
; => 2GiB/s
; => 1GiB
; => 900gCO2e
; => false
