(module parts.figures)
(import std.vector)
(def sizes [1 2 3])
(defn twice [xs] (vector/map (fn [x] (* 2 x)) xs))
