(def most 5J)

(defadaptive thumbnail [size]
  {:requires {:energy (at-most most) :latency (at-most 10ms)}}
  (variant "gpu" {:energy 2kJ :latency 1ms} size)
  (variant "cpu" {:energy 1J :latency 5s} size)
  (variant "none" :when (< most 1J) {} size))
