; Adaptive: a function with three ways to run. At each call the cheapest way that applies and keeps
; within the limits is taken: on the GPU if there is one and the grid is not too dirty, else on the
; CPU, and where the grid is dirtiest by sampling, whose loss of quality has a price.
;
; The deployment below puts the same choice to the planner: the service has three variants and the
; budget of carbon decides between them.
(module adaptive)
(import std.deploy :all)

; ------------------------------------------------------------------------------------ the function

(sig mean-of-every (Fn [Int (Vector Float)] Float))
(defn mean-of-every "The mean of every `step`th sample." [step samples]
  (loop [i 0 sum 0.0 count 0]
    (if (< i (vector-length samples))
      (recur (+ i step) (+ sum (vector-get samples i)) (+ count 1))
      (/ sum (float count)))))

; At 30 cents a kWh, 10 cents a kg and a dollar an hour of waiting, the GPU's 100 ms are worth more
; than the CPU's saving of 20 J.
(defadaptive mean [samples has-gpu grid]
  {:requires {:energy (at-most 100J) :latency (at-most 500ms) :carbon (at-most 0.005gCO2e)}
   :minimize {:energy 1.0 :latency 1.0 :carbon 1.0}}
  (variant "gpu" :when has-gpu
    {:energy 50J :latency 100ms :carbon (* 50J grid)}
    (Pair "gpu" (mean-of-every 1 samples)))
  (variant "cpu"
    {:energy 30J :latency 400ms :carbon (* 30J grid)}
    (Pair "cpu" (mean-of-every 1 samples)))
  (variant "sample"
    {:energy 3J :latency 40ms :carbon (* 3J grid) :money 0.0002USD}
    (Pair "sample" (mean-of-every 2 samples))))

(def readings [1.0 2.0 3.0 6.0])
(def hydro "Norway and Sweden, about." 30gCO2e/kWh)
(def mixed "Japan, 2024." 452.85gCO2e/kWh)
(def coal "A grid of lignite." 900gCO2e/kWh)

(deftest "the GPU where there is one" (check (= (fst (mean readings true hydro)) "gpu")))
(deftest "the CPU without one" (check (= (fst (mean readings false hydro)) "cpu")))
(deftest "the CPU where the GPU would emit too much"
  (check (= (fst (mean readings true mixed)) "cpu")))
(deftest "a sample where even the CPU would" (check (= (fst (mean readings true coal)) "sample")))
(deftest "a sample is near the mean"
  (check (= (mean readings true hydro) (Pair "gpu" 3.0)))
  (check (= (mean readings true coal) (Pair "sample" 2.0))))

(defn report [name grid]
  (match (mean readings true grid)
    [(Pair way value) (print name ": mean " value " by " way)]))

(defn main [world]
  (report "hydro" hydro)
  (report "mixed" mixed)
  (report "coal" coal))

; ---------------------------------------------------------------------------------- the deployment

; The GPU variant is the cheapest by 12 dollars, but its machine emits 4.3 kg a month, most of it
; from its making: too much for this budget. The CPU variant, at twice the latency, emits 3.7 kg.
(defbudget lab {:cost 450USD/month :carbon 4kgCO2e/month})

(defservice averages
  {:image    "registry.example/lab/averages:2.0"
   :port     8080
   :demand   150req/s
   :health   (http "/health")
   :replicas (between 1 10)
   :variants
   [(variant "gpu"
      {:requires  {:cpu 2cpu :memory 4GiB :gpu 1gpu}
       :gpu-model "T4"
       :provides  {:latency 100ms :throughput 160req/s}})
    (variant "cpu"
      {:requires {:cpu 1500mcpu :memory 2GiB}
       :provides {:latency 200ms :throughput 20req/s}})
    (variant "sample"
      {:requires {:cpu 500mcpu :memory 1GiB}
       :provides {:latency 40ms :throughput 100req/s}
       :penalty  400USD/month})]})

(defdeployment prod
  {:budget   lab
   :regions  [aws/eu-north-1]
   :strategy (minimize {:cost 1.0 :carbon 1.0 :latency 0.5})
   :services [averages]})
