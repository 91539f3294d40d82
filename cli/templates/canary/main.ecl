; project-name: a service whose new versions come to a part of the requests first.
;
;   eclexia test                    the tests
;   eclexia apply                   runs it
;   curl 'http://127.0.0.1:8080/hello?name=Ada'
;
; Change `answer`, say `word` to "Good day", and bring the new version about:
;
;   eclexia apply --hold 10s        a tenth of the requests, then half, then all, 10 s each
;   eclexia history project-name    versions; one that fails too often is taken back by itself
;   eclexia rollback project-name   the version before
;   eclexia destroy project-name
(import std.deploy :all)
(import std.http :as http)

; ---------------------------------------------------------------------------------- what it answers

(def word "Hello")

(sig answer (Fn [http/Request] http/Response))
(defn answer "What is answered to a request." [request]
  (match (http/segments request)
    [["hello"]
     (http/text 200 (str word ", " (map/get-or (.query request) "name" "world") "!\n"))]
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

; Old and new run side by side for a while, within twice this.
(defbudget small {:cpu 500mcpu :memory 512MiB})

(defservice greeter
  {:image    "project-name:1"
   :command  ["eclexia" "run" "main.ecl"]
   :port     8080
   :replicas 2
   :rollout  (canary [10% 50% 100%] :abort-when (above error-rate 5%))
   :requires {:cpu 250mcpu :memory 256MiB}
   :health   (http "/health" :every 5s :timeout 2s)})

(defdeployment project-name
  {:budget   small
   :regions  [here]
   :services [greeter]})
