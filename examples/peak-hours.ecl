; Peak hours: four jobs of one night, three of which may stop and go on, and a licence that lets all
; of them together take eight cores in any one hour. Hour 0 is midnight UTC.
;
; `eclexia schedule --plot jobs.svg` draws when they run and what they take together; each at its
; own best hours would pass the peak. `eclexia why encode` says what the peak costs.
(module peak-hours)
(import std.deploy :all)

; Grid intensity on 26 April 2020, hour by hour: P. Wiesner et al., "Let's Wait Awhile", data from
; ENTSO-E, github.com/dos-group/lets-wait-awhile (data/gb_ci.csv), rounded.
(def britain-26-april
  [202gCO2e/kWh 197gCO2e/kWh 193gCO2e/kWh 189gCO2e/kWh 185gCO2e/kWh 177gCO2e/kWh
   176gCO2e/kWh 168gCO2e/kWh 150gCO2e/kWh 145gCO2e/kWh 136gCO2e/kWh 143gCO2e/kWh
   153gCO2e/kWh 156gCO2e/kWh 162gCO2e/kWh 182gCO2e/kWh 201gCO2e/kWh 213gCO2e/kWh
   220gCO2e/kWh 232gCO2e/kWh 240gCO2e/kWh 227gCO2e/kWh 208gCO2e/kWh 191gCO2e/kWh])

; The price of spare capacity as a part of the list price: cheap in the small hours, and again in a
; lull at noon. Made for this example.
(def spare-capacity
  [0.40 0.36 0.33 0.32 0.33 0.36 0.45 0.60 0.70 0.62 0.48 0.41
   0.39 0.42 0.50 0.62 0.75 0.85 0.90 0.85 0.75 0.62 0.52 0.45])

(def london
  (with-fields azure/uksouth
    {:hourly-carbon britain-26-april :hourly-price spare-capacity}))

; Films, scene by scene: it can stop after any.
(defjob encode
  {:image         "registry.example/batch/encode:3.2"
   :work          30cpu*h
   :requires      {:cpu 3cpu :memory 8GiB}
   :interruptible true})

; The pages that were crawled until one in the morning.
(defjob index
  {:image         "registry.example/batch/index:3.2"
   :work          18cpu*h
   :requires      {:cpu 3cpu :memory 12GiB}
   :earliest      1h
   :interruptible true})

(defjob thumbnails
  {:image         "registry.example/batch/thumbnails:3.2"
   :work          10cpu*h
   :requires      {:cpu 2cpu :memory 4GiB}
   :interruptible true})

; One long transaction: it can't stop, and must be ready at nine.
(defjob report
  {:image    "registry.example/batch/report:3.2"
   :work     12cpu*h
   :requires {:cpu 3cpu :memory 8GiB}
   :deadline 9h})

(defdeployment nightly
  {:regions  [london]
   :strategy (minimize {:cost 1.0 :carbon 1.0})
   :jobs     [encode index thumbnails report]
   :peak     {:cpu 8cpu}})
