; Ancient compute: a site that runs programs in eight languages. Its language services come out of
; one function over a list; each is cut off from the network but for the backend that calls it.
;
; The services ask for 9 cores together, all that the budget has; of the two regions only Stockholm
; has machines for them at under 300 dollars a month.
(module ancient-compute)
(import std.deploy :all)
(import std.vector)

(defbudget museum {:cpu 9cpu :memory 6GB :cost 300USD/month})

; ------------------------------------------------------------------------------- language services

(defrecord Language
  {:name String :image String :cpu Cpu := 0.5cpu :memory Memory := 256MB})

(def languages
  [(Language {:name "c" :image "ancient/lang-c:1.0"})
   (Language {:name "python" :image "ancient/lang-python:1.0"})
   (Language {:name "assembly" :image "ancient/lang-assembly:1.0"})
   (Language {:name "lisp" :image "ancient/lang-lisp:1.0"})
   (Language {:name "java" :image "ancient/lang-java:1.0"})
   (Language {:name "system-f" :image "ancient/lang-system-f:1.0"})
   (Language {:name "haskell" :image "ancient/lang-haskell:1.0" :cpu 1cpu :memory 512MB})
   (Language {:name "idris2" :image "ancient/lang-idris2:1.0" :cpu 1cpu :memory 512MB})])

(defn language-service "The service that runs programs of one language." [language]
  (service (str "lang-" (.name language))
    {:image    (.image language)
     :port     8080
     :isolated true
     :requires {:cpu (.cpu language) :memory (.memory language)}
     :health   (http "/capabilities" :every 30s)
     :rollout  (rolling 1)
     :labels   {"language" (.name language)}}))

(def language-services (vector/map language-service languages))

(deftest "eight languages" (check (= (vector-length language-services) 8)))

; ---------------------------------------------------------------------------------- the site itself

(defservice postgresql
  {:image    "postgres:16"
   :port     5432
   :protocol "postgres"
   :stateful true
   :secrets  {"POSTGRES_PASSWORD" (secret "museum-db" :key "password")}
   :volumes  [(volume "museum-data" 20GiB :at "/var/lib/postgresql/data")]
   :requires {:cpu 2cpu :memory 2GB}
   :health   (exec ["psql" "-U" "postgres" "-c" "SELECT 1"] :every 30s)
   :rollout  recreate})

(defservice redis
  {:image    "redis:7"
   :port     6379
   :protocol "redis"
   :requires {:cpu 0.5cpu :memory 512MB}
   :health   (exec ["redis-cli" "ping"] :every 30s)
   :rollout  (rolling 1)})

(defservice backend
  {:image    "ancient/backend:1.0"
   :port     8000
   :needs    (vector/append [postgresql redis] language-services)
   :secrets  {"DATABASE_URL" (secret "museum-db" :key "url")}
   :requires {:cpu 1cpu :memory 512MB}
   :health   (http "/health" :every 15s)
   :rollout  (rolling 1)})

(defservice frontend
  {:image    "ancient/frontend:1.0"
   :port     3000
   :public   true
   :needs    [backend]
   :requires {:cpu 0.5cpu :memory 256MB}
   :health   (http "/" :every 30s)
   :rollout  (rolling 1)})

(defdeployment prod
  {:budget   museum
   :regions  [aws/eu-west-1 aws/eu-north-1]
   :nodes    ["m6g.large" "m6g.xlarge" "m6g.2xlarge" "m6i.xlarge" "m6i.2xlarge"]
   :strategy (minimize {:cost 0.8 :carbon 0.2})
   :services (vector/append [frontend backend postgresql redis] language-services)
   :alerts   [(alert "error-rate-critical" :critical (above error-rate 1%))
              (alert "latency-critical" :critical (above latency-p95 500ms))
              (alert "error-rate-warning" :warning (above error-rate 0.5%))
              (alert "latency-warning" :warning (above latency-p95 250ms))
              (alert "memory-warning" :warning (above memory-use 80%))
              (alert "cpu-warning" :warning (above cpu-use 90%))]})
