(module night)
(import std.deploy :all)

; Made for this session: half a day that repeats.
(def grid
  [90gCO2e/kWh 40gCO2e/kWh 85gCO2e/kWh 35gCO2e/kWh 80gCO2e/kWh 60gCO2e/kWh
   90gCO2e/kWh 90gCO2e/kWh 90gCO2e/kWh 30gCO2e/kWh 90gCO2e/kWh 90gCO2e/kWh
   90gCO2e/kWh 40gCO2e/kWh 85gCO2e/kWh 35gCO2e/kWh 80gCO2e/kWh 60gCO2e/kWh
   90gCO2e/kWh 90gCO2e/kWh 90gCO2e/kWh 30gCO2e/kWh 90gCO2e/kWh 90gCO2e/kWh])

(def site
  (Region {:name "cellar" :zones 1 :carbon 74gCO2e/kWh :hourly-carbon grid
           :offers [(Offer {:node (NodeType {:name "box" :cpu 8cpu :memory 32GiB :idle 60W
                                             :power-per-core 6W/cpu})
                            :price 0.2USD/h})]}))

(defjob encode
  {:image "encode:3" :work 9cpu*h :requires {:cpu 3cpu :memory 8GiB} :deadline 12h
   :interruptible true})

(defjob index
  {:image "index:3" :work 4cpu*h :requires {:cpu 2cpu :memory 8GiB} :earliest 1h :deadline 12h
   :interruptible true})

(defjob report {:image "report:3" :work 4cpu*h :requires {:cpu 2cpu :memory 4GiB} :deadline 6h})

(defdeployment nightly
  {:regions  [site]
   :strategy (minimize {:carbon 1.0})
   :jobs     [encode index report]
   :peak     {:cpu 4cpu}})
