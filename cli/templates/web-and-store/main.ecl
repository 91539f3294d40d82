; project-name: a page that counts its visitors, and the store that remembers how many. In this
; folder, with a password that only this machine knows:
;
;   S=${ECLEXIA_DATA_DIR:-~/.local/state/eclexia}/secrets/store
;   mkdir -p $S && head -c 18 /dev/urandom | base64 > $S/password
;
;   eclexia test
;   eclexia apply                   the store first: the page needs it
;   curl http://127.0.0.1:8080/
;   eclexia apply                   after a change: the new page takes over when all of it is well
;   eclexia destroy project-name    the store's volume stays
(import std.deploy :all)

(def machine
  (NodeType {:name "this" :cpu 2cpu :memory 4GiB :idle 20W :power-per-core 5W/cpu}))

(def here
  (Region {:name "here" :zones 1 :carbon 300gCO2e/kWh
           :offers [(Offer {:node machine :price 0USD/h :limit 1})]
           :source "the machine that you sit at"}))

(defbudget small {:cpu 1cpu :memory 1GiB})

(def password (secret "store" :key "password"))

(defservice store
  {:image    "store:1"
   :command  ["eclexia" "run" "store.ecl"]
   :port     8081
   :requires {:cpu 250mcpu :memory 256MiB}
   :secrets  {"PASSWORD" password}
   :volumes  [(volume "data" 1MiB :at "data")]
   :health   (http "/health" :every 5s :timeout 2s)
   :rollout  recreate})

(defservice web
  {:image    "web:1"
   :command  ["eclexia" "run" "web.ecl"]
   :port     8080
   :replicas 2
   :requires {:cpu 250mcpu :memory 256MiB}
   :needs    [store]
   :secrets  {"PASSWORD" password}
   :health   (http "/health" :every 5s :timeout 2s)
   :rollout  blue-green})

(defdeployment project-name
  {:budget   small
   :regions  [here]
   :services [web store]})
