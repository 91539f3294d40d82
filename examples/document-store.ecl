; Document store: a store for documents, a processor that reads them from a queue, the queue and the
; database. The main example: `eclexia plan examples/document-store.ecl`.
;
; Open are the replicas of the processor, the region and the machines; the demand, the budget and
; the strategy decide.
(module document-store)
(import std.deploy :all)
(import std.string)

; ----------------------------------------------------------------------------------------- figures

(def storage-path "/var/lib/documents")
(def maximal-size 10MB)
(def allowed-types ["pdf" "docx" "xlsx"])
(def queue-name "document_processing")
(def worker-threads 4)

(deftest "the largest document has ten million bytes" (check (= maximal-size 10000000B)))

; ---------------------------------------------------------------------------------------- services

(defbudget team {:cpu 3cpu :memory 4GiB :storage 60GiB :cost 110USD/month :carbon 2kgCO2e/month})

(defvolume documents 50GiB)

(defservice db
  {:image    "postgres:16"
   :port     5432
   :protocol "postgres"
   :stateful true
   :secrets  {"POSTGRES_PASSWORD" (secret "documents-db" :key "password")}
   :volumes  [(volume "db-data" 10GiB :at "/var/lib/postgresql/data")]
   :requires {:cpu 500mcpu :memory 1GiB}
   :health   (exec ["pg_isready" "-U" "postgres"] :every 30s)})

(defservice queue
  {:image    "rabbitmq:3.13"
   :port     5672
   :protocol "amqp"
   :requires {:cpu 250mcpu :memory 512MiB}
   :health   (exec ["rabbitmq-diagnostics" "-q" "ping"] :every 30s :timeout 10s)})

(defservice store
  {:image    "registry.example/documents/store:1.4"
   :port     8081
   :public   true
   :needs    [db queue]
   :env      {"STORAGE_PATH" storage-path
              "MAX_SIZE_BYTES" (show (bytes maximal-size))
              "ALLOWED_TYPES" (string/join "," allowed-types)
              "QUEUE" queue-name}
   :secrets  {"DATABASE_URL" (secret "documents-db" :key "url")}
   :volumes  [(mount documents :at storage-path)]
   :requires {:cpu 250mcpu :memory 256MiB}
   :health   (http "/health" :every 15s)
   :rollout  recreate})

(defservice document-processor
  {:image    "registry.example/documents/processor:1.4"
   :port     8080
   :needs    [store queue db]
   :replicas (between 2 6)
   :demand   45req/s
   :env      {"LOG_LEVEL" "info"
              "WORKER_THREADS" (show worker-threads)
              "QUEUE" queue-name}
   :secrets  {"DATABASE_URL" (secret "documents-db" :key "url")}
   :requires {:cpu 0.5cpu :memory 512MiB}
   :provides {:latency 120ms :throughput 20req/s}
   :health   (http "/health" :every 15s)
   :ready    (http "/ready" :every 10s)
   :rollout  (canary [10% 50% 100%] :abort-when (above error-rate 1%))})

(defn bytes "A size as a whole number of bytes." [size] (round (/ size 1B)))

(defdeployment prod
  {:budget   team
   :regions  [aws/eu-north-1 gcp/europe-north1]
   :nodes    ["m6i.large" "m6i.xlarge" "m6g.large" "m6g.xlarge" "e2-standard-2" "e2-standard-4"]
   :strategy (minimize {:cost 0.7 :carbon 0.2 :latency 0.1})
   :services [db queue store document-processor]})
