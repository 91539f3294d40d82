(defadaptive encode [size]
  {}
  (variant "fast" {:energy 2J :latency 1ms} size)
  (variant "good" {:energy 9J :latency 4ms} size))

(defadaptive thumbnail [size has-gpu]
  {:requires {:energy (at-most 50J) :latency (at-most 1s)}}
  (variant "gpu" :when has-gpu {:energy 40J :latency 20ms} (encode size))
  (variant "cpu" {:energy 30J :latency 400ms} (encode size))
  (variant "raw" {:energy 0.06kJ} size))

(defn main [world]
  (for [has-gpu [true false true]]
    (print (str (thumbnail 64 has-gpu)))))
