; CIM: an instance of a composable information machine, as one function of its scale. An instance
; has capabilities (workflow, agent, graph), one domain service for each, a NATS leaf node of its
; own, an agent that reads documents and a service that reads invoices. Two deployments: a minimal
; one, and a fast one whose agents run on a GPU.
(module cim)
(import std.deploy :all)
(import std.string)

(def capabilities ["workflow" "agent" "graph"])

(defrecord Scale "What the parts of an instance are given."
  {:small     Requires := (Requires {:cpu 100mcpu :memory 128MiB})
   :graph     Requires
   :workflow  Requires
   :agent     Requires
   :documents Requires
   :gpu-model (Option String) := None :from Some})

; Each part waits for what it stands on:
;   base ← network, security ← NATS leaf ← domains ← instance
(defn instance "All services of the instance `name`." [name scale]
  (let [part (fn [suffix] (str name "-" suffix))
        base (service (part "base")
               {:image    "registry.example/cim/base:0.9"
                :port     8080
                :requires (.small scale)
                :health   (http "/health")})
        network (service (part "network")
                  {:image    "registry.example/cim/network:0.9"
                   :port     8080
                   :needs    [base]
                   :requires (.small scale)
                   :health   (http "/health")})
        security (service (part "security")
                   {:image    "registry.example/cim/security:0.9"
                    :port     8443
                    :protocol "https"
                    :needs    [base]
                    :secrets  {"SIGNING_KEY" (secret "cim-operator" :key "seed")}
                    :requires (.small scale)
                    :health   (tcp 8443)})
        leaf (service (part "nats-leaf")
               {:image    "nats:2.10"
                :command  ["nats-server" "-c" "/etc/nats/leaf.conf"]
                :port     4222
                :protocol "nats"
                :ports    [(port 8222 :name "monitor")]
                :files    {"/etc/nats/leaf.conf" (leaf-configuration name)}
                :needs    [network security]
                :requires (.small scale)
                :health   (http "/healthz" :port 8222)})
        graph (service (part "graph")
                {:image    "registry.example/cim/graph:0.9"
                 :port     8080
                 :stateful true
                 :needs    [leaf]
                 :env      {"MAX_NODES" "100000" "STORE" "rocksdb" "STORE_PATH" "/data"}
                 :volumes  [(volume (part "graph-data") 20GiB :at "/data")]
                 :requires (.graph scale)
                 :health   (http "/health")})
        workflow (service (part "workflow")
                   {:image    "registry.example/cim/workflow:0.9"
                    :port     8080
                    :needs    [leaf]
                    :env      {"MAX_CONCURRENT" "50" "TIMEOUT_SECONDS" (seconds 30min)}
                    :requires (.workflow scale)
                    :health   (http "/health")})
        agent (service (part "agent")
                {:image     "registry.example/cim/agent:0.9"
                 :port      8080
                 :needs     [leaf]
                 :env       {"MAX_AGENTS" "100"}
                 :requires  (.agent scale)
                 :gpu-model (.gpu-model scale)
                 :health    (http "/health")})
        front (service (part "instance")
                {:image    "registry.example/cim/instance:0.9"
                 :port     8080
                 :public   true
                 :needs    [graph workflow agent]
                 :env      {"CAPABILITIES" (string/join "," capabilities)}
                 :requires (.small scale)
                 :health   (http "/health")})
        documents (service (part "doc-processor")
                    {:image    "registry.example/cim/doc-processor:0.9"
                     :port     8080
                     :needs    [agent]
                     :requires (.documents scale)
                     :health   (http "/health")})
        invoices (service (part "invoice-processor")
                   {:image    "registry.example/cim/invoice-processor:0.9"
                    :port     8080
                    :needs    [workflow]
                    :requires {:cpu 2cpu :memory 4GiB}
                    :health   (http "/health")})]
    [base network security leaf graph workflow agent front documents invoices]))

(defn leaf-configuration "What the NATS leaf node of an instance reads." [name]
  (str "server_name: " name "\nport: 4222\nhttp: 8222\n"
       "leafnodes { remotes: [ { url: \"nats://hub.example:7422\" } ] }\n"))

(defn seconds "A duration as a whole number of seconds." [time] (show (round (/ time 1s))))

(deftest "half an hour is 1800 seconds" (check (= (seconds 30min) "1800")))

; ----------------------------------------------------------------------------------------- minimal

(def small
  (Scale {:graph     {:cpu 500mcpu :memory 1GiB}
          :workflow  {:cpu 250mcpu :memory 512MiB}
          :agent     {:cpu 500mcpu :memory 1GiB}
          :documents {:cpu 250mcpu :memory 512MiB}}))

(defbudget workshop {:cpu 4500mcpu :memory 8GiB :cost 180USD/month})

(defdeployment minimal
  {:budget   workshop
   :regions  [aws/eu-north-1]
   :nodes    ["m6g.large" "m6g.xlarge" "m6g.2xlarge" "m6i.large" "m6i.xlarge"]
   :strategy (minimize {:cost 1.0})
   :services (instance "small" small)})

; -------------------------------------------------------------------------------- high performance

(def fast
  (Scale {:small     {:cpu 250mcpu :memory 256MiB}
          :graph     {:cpu 2cpu :memory 8GiB}
          :workflow  {:cpu 1cpu :memory 2GiB}
          :agent     {:cpu 3cpu :memory 12GiB :gpu 1gpu}
          :documents {:cpu 1cpu :memory 2GiB}
          :gpu-model "T4"}))

(defbudget plant {:gpu 1gpu :cost 650USD/month :carbon 7kgCO2e/month})

(defdeployment high-performance
  {:budget   plant
   :regions  [aws/eu-north-1]
   :nodes    ["m6i.xlarge" "m6g.2xlarge" "m6i.2xlarge" "c6i.2xlarge" "g4dn.xlarge"]
   :strategy (minimize {:cost 0.9 :carbon 0.1})
   :services (instance "fast" fast)})
