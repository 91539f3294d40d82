(defrecord R {:a Int := (.a (R {}))})
(def x (R {}))
