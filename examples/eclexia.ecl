; Eclexia itself as a service: three replicas with state of their own, so a StatefulSet.
;
; The service has two kinds of budget. What one replica may spend on one use (10000 J, 1000 ms,
; 1000 MB) is the budget that its programs run in: it is handed to the replica as environment, and
; the deployment `trial`, of one replica, is funded from it. What the cluster may cost is an account
; of its own, for a budget of a deployment counts all replicas: three of 512 MiB are 1611 MB and
; would never fit 1000 MB.
(module eclexia)
(import std.deploy :all)

(def energy-per-use 10000J)
(def time-per-use 1000ms)
(def memory-per-use 1000MB)

(defbudget use {:energy energy-per-use :time time-per-use :memory memory-per-use})
(defbudget cluster {:cpu 1cpu :memory 2GiB :storage 45GiB :cost 180USD/month :carbon 4kgCO2e/month})

; A tonne of carbon dioxide costs 50 dollars, in the plan and at run time.
(def carbon-price 50USD/tCO2e)

(defn whole "How many times `one` an amount is, as text." [amount one]
  (show (round (/ amount one))))

(defn node "The service with so many replicas." [name replicas]
  (service name
    {:image        "eclexia:0.1"
     :command      ["eclexia" "serve"]
     :stateful     true
     :replicas     replicas
     :port         8080
     :ports        [(port 9090 :name "metrics")]
     :env          {"ECLEXIA_ENERGY_J" (whole energy-per-use 1J)
                    "ECLEXIA_TIME_MS" (whole time-per-use 1ms)
                    "ECLEXIA_MEMORY_MB" (whole memory-per-use 1MB)
                    "ECLEXIA_CARBON_PRICE_USD_PER_TONNE" (whole carbon-price 1USD/tCO2e)}
     :volumes      [(volume "data" 10GiB :at "/var/lib/eclexia")
                    (volume "shadow-prices" 5GiB :at "/var/lib/eclexia/prices")]
     :requires     {:cpu 250mcpu :memory 512MiB :energy 9000J :time 900ms}
     :limits       (Requires {:cpu 1cpu :memory 1GiB})
     :health       (http "/health" :every 30s)
     :ready        (http "/ready" :every 10s)
     :min-zones    (.min replicas)
     :max-per-node 1
     :rollout      (rolling 1)}))

(deftest "the budgets as the replicas read them"
  (check (= (whole energy-per-use 1J) "10000"))
  (check (= (whole time-per-use 1ms) "1000"))
  (check (= (whole memory-per-use 1MB) "1000")))

(defdeployment prod
  {:budget   cluster
   :regions  [aws/eu-north-1]
   :strategy (minimize {:cost 1.0 :carbon 1.0 :carbon-price carbon-price})
   :services [(node "eclexia" (exactly 3))]})

(defdeployment trial
  {:budget   use
   :regions  [aws/eu-north-1]
   :strategy (minimize {:cost 1.0 :carbon 1.0 :carbon-price carbon-price})
   :services [(node "eclexia-trial" (exactly 1))]})
