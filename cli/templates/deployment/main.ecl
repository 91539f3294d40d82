; project-name: a service that greets, and its deployment on the machine that you sit at.
;
;   eclexia test                    the tests
;   eclexia plan                    what would run, and within which budget
;   eclexia apply                   runs it: two replicas behind one port
;   curl 'http://127.0.0.1:8080/hello?name=Ada'
;   eclexia status                  how it is; `eclexia logs greeter` is what it wrote
;   eclexia destroy project-name   stops it
(import std.deploy :all)
(import std.http :as http)

; ---------------------------------------------------------------------------------- what it answers

(sig answer (Fn [http/Request] http/Response))
(defn answer "What is answered to a request." [request]
  (match (http/segments request)
    [["hello"]
     (http/text 200 (str "Hello, " (map/get-or (.query request) "name" "world") "!\n"))]
    [["health"] (http/text 200 "well\n")]
    [_ http/not-found]))

(defn main [world]
  (let [port (try (env/int-or (.env world) "PORT" 8080))
        address (str "127.0.0.1:" port)]
    (print "listening at " address)
    (http/serve (network/listen-only (.network world) [address]) address answer)))

; ------------------------------------------------------------------------------------ where it runs

(def machine
  (NodeType {:name "this" :cpu 2cpu :memory 4GiB :idle 20W :power-per-core 5W/cpu}))

(def here
  (Region {:name "here" :zones 1 :carbon 300gCO2e/kWh
           :offers [(Offer {:node machine :price 0USD/h :limit 1})]
           :source "the machine that you sit at"}))

(defbudget small {:cpu 500mcpu :memory 512MiB})

(defservice greeter
  {:image    "project-name:1"
   :command  ["eclexia" "run" "main.ecl"]
   :port     8080
   :replicas 2
   :requires {:cpu 250mcpu :memory 256MiB}
   :health   (http "/health" :every 5s :timeout 2s)})

(defdeployment project-name
  {:budget   small
   :regions  [here]
   :services [greeter]})
