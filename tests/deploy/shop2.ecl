; The shop with another API, and then all as before: a database that everything needs, an API that
; comes as a canary, a page that needs the API, and a backup each night.
(module shop2)
(import std.deploy :all)

(def small
  (NodeType {:name "small" :cpu 2cpu :memory 4GiB :idle 20W :power-per-core 10W/cpu}))

(def cheap-at-night
  [0.5 0.5 0.5 0.5 0.5 0.5 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.0 1.5 1.5 1.5 1.5 1.0 1.0])

(def cellar
  (Region {:name "cellar" :zones 1 :carbon 300gCO2e/kWh :hourly-price cheap-at-night
           :offers [(Offer {:node small :price 0.05USD/h :limit 3})]}))

(defbudget team {:cpu 4.5cpu :cost 120USD/month :carbon 20kgCO2e/month})

(defservice db
  {:image    "postgres:17"
   :port     5432
   :protocol "postgres"
   :volumes  [(volume "data" 10GiB :at "/var/lib/postgresql/data")]
   :requires {:cpu 1cpu :memory 1GiB}
   :health   (tcp 5432 :every 10s)})

(defservice api
  {:image    "api:2"
   :port     8080
   :needs    [db]
   :replicas 2
   :demand   30req/s
   :requires {:cpu 500mcpu :memory 512MiB}
   :provides {:latency 20ms :throughput 20req/s}
   :health   (http "/health" :every 5s)
   :rollout  (canary [10% 50% 100%] :abort-when (above error-rate 1%))})

(defservice page
  {:image    "page:1"
   :port     80
   :needs    [api]
   :replicas 2
   :requires {:cpu 500mcpu :memory 512MiB}
   :ready    (http "/ready" :every 5s)
   :rollout  blue-green})

(defjob backup
  {:image    "backup:1"
   :work     1cpu*h
   :requires {:cpu 1cpu :memory 1GiB}
   :deadline 6h})

(defdeployment prod
  {:budget   team
   :regions  [cellar]
   :services [db api page]
   :jobs     [backup]})
