; Quantities: numbers with units.
(module std.quantity)

(builtin value (Fn [(Q u)] Float)
  "The number of base units (cores, bytes, seconds, joules, grams of CO2e).
> (quantity/value 2min) => 120.0")
(builtin unit-of (Fn [(Q u)] String)
  "The unit it prints in.\n> (quantity/unit-of 1536MiB) => \"GiB\"")

(defn in "How many of a unit it is.\n> (quantity/in 2GiB 1MiB) => 2048.0" [x one] (/ x one))

(defn show-in "In a given unit, with so many decimals.
> (quantity/show-in 1536MiB 1GiB \"GiB\" 2) => \"1.50GiB\""
  [x one name places]
  (str (format/decimals (/ x one) places) name))

(defn round-to "The nearest multiple of a step.\n> (quantity/round-to 130ms 50ms) => 150ms" [x step]
  (* (float (round (/ x step))) step))
(defn round-up "The next multiple of a step.\n> (quantity/round-up 1.2cpu 0.5cpu) => 1.5cpu"
  [x step]
  (* (float (ceil (/ x step))) step))

(defn share "Which part of the whole it is.\n> (quantity/share 25MiB 100MiB) => 0.25" [part whole]
  (/ part whole))

(defn near?
  "Whether two are no further apart than a tolerance.\n> (quantity/near? 100ms 101ms 2ms) => true"
  [x y tolerance]
  (<= (abs (- x y)) tolerance))
