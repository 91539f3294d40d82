(import std.gen :only [for-all])

(deftest "sums are small" (for-all [x gen/nat y gen/nat] (< (+ x y) 150)))
