; Clocks, for who holds the capability: `(.clock world)` in `main`. `std.time` calculates with what
; they show. `(clock/at t)` is a clock that stands, which takes no capability: what tests hand to
; functions that need one.
(module std.clock :exports [now today elapsed sleep timed at])

(builtin since-1970 (Fn [Clock] Duration))
(builtin standing-at (Fn [Duration] Clock))
(builtin elapsed (Fn [Clock] Duration)
  "How long the program has run; never less than before.
> (clock/elapsed (clock/at time/epoch)) => 0s")
(builtin sleep (Fn [Clock Duration] Unit)
  "Waits, at most a day; a clock that stands does not.
> (clock/sleep (clock/at time/epoch) 1h) => unit")

(defn at "A clock that always shows this instant.
> (clock/now (clock/at time/epoch)) => time/epoch"
  [t]
  (standing-at (time/since-epoch t)))
(defn now "The instant.\n> (show (clock/now (clock/at time/epoch))) => \"1970-01-01T00:00:00Z\""
  [clock]
  (time/of-epoch (since-1970 clock)))
(defn today "The date at UTC.\n> (show (clock/today (clock/at time/epoch))) => \"1970-01-01\""
  [clock]
  (time/today-of (now clock)))
(defn timed "What `f` gives, and how long that took.
> (clock/timed (clock/at time/epoch) (fn [] 42)) => (Pair 42 0s)"
  [clock f]
  (let [start (elapsed clock) x (f)] (Pair x (- (elapsed clock) start))))
