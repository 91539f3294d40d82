; Carbon-aware batch: three jobs that run once a day, and a planner that chooses the region, the
; machine and the hour of each. Hour 0 is midnight UTC.
;
; Spare machines are cheapest at night, the British grid is cleanest before noon: with its budget
; of carbon the deployment can't train when it is cheapest. `eclexia prices` says what a gram more
; would save.
(module carbon-aware-batch)
(import std.deploy :all)

; Grid intensity on 26 April 2020, hour by hour: P. Wiesner et al., "Let's Wait Awhile", data from
; ENTSO-E, github.com/dos-group/lets-wait-awhile (data/gb_ci.csv, data/fr_ci.csv), rounded.
(def britain-26-april
  [202gCO2e/kWh 197gCO2e/kWh 193gCO2e/kWh 189gCO2e/kWh 185gCO2e/kWh 177gCO2e/kWh
   176gCO2e/kWh 168gCO2e/kWh 150gCO2e/kWh 145gCO2e/kWh 136gCO2e/kWh 143gCO2e/kWh
   153gCO2e/kWh 156gCO2e/kWh 162gCO2e/kWh 182gCO2e/kWh 201gCO2e/kWh 213gCO2e/kWh
   220gCO2e/kWh 232gCO2e/kWh 240gCO2e/kWh 227gCO2e/kWh 208gCO2e/kWh 191gCO2e/kWh])

(def france-26-april
  [24.5gCO2e/kWh 22.4gCO2e/kWh 22.7gCO2e/kWh 22.8gCO2e/kWh 23.0gCO2e/kWh 23.1gCO2e/kWh
   26.5gCO2e/kWh 27.1gCO2e/kWh 25.9gCO2e/kWh 26.4gCO2e/kWh 31.2gCO2e/kWh 32.8gCO2e/kWh
   28.9gCO2e/kWh 26.6gCO2e/kWh 25.9gCO2e/kWh 24.9gCO2e/kWh 29.3gCO2e/kWh 27.8gCO2e/kWh
   22.1gCO2e/kWh 21.7gCO2e/kWh 23.6gCO2e/kWh 27.5gCO2e/kWh 26.6gCO2e/kWh 24.5gCO2e/kWh])

; The price of spare capacity as a part of the list price, in four blocks of six hours: made for
; this example.
(def spare-capacity
  [0.35 0.35 0.35 0.35 0.35 0.35 0.55 0.55 0.55 0.55 0.55 0.55
   0.60 0.60 0.60 0.60 0.60 0.60 0.40 0.40 0.40 0.40 0.40 0.40])

(def london
  (with-fields azure/uksouth
    {:hourly-carbon britain-26-april :hourly-price spare-capacity}))

(def paris
  (with-fields azure/francecentral
    {:hourly-carbon france-26-april :hourly-price spare-capacity}))

(defbudget night-shift {:cost 60USD/month :carbon 1.6kgCO2e/month})

; The data may not leave Britain, so only the hour is open.
(defjob train
  {:image    "registry.example/batch/train:1.9"
   :command  ["train" "--epochs" "12"]
   :work     42cpu*h
   :requires {:cpu 7cpu :memory 12GiB}
   :deadline 24h
   :regions  [london]})

; Must be ready at nine.
(defjob report
  {:image    "registry.example/batch/report:1.9"
   :work     6cpu*h
   :requires {:cpu 2cpu :memory 4GiB}
   :deadline 9h})

; May not wait: runs at hour 0.
(defjob backup
  {:image      "registry.example/batch/backup:1.9"
   :work       1cpu*h
   :requires   {:cpu 1cpu :memory 2GiB}
   :deferrable false})

(defdeployment nightly
  {:budget   night-shift
   :regions  [london paris]
   :strategy (minimize {:cost 1.0 :carbon 1.0})
   :jobs     [train report backup]})
