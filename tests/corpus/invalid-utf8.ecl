(def x ÿş)
(def y "Ã")
