; The 64 bits of an Int, in two's complement. Positions count from 0, the lowest, to 63; others
; abort.
(module std.bits)

(builtin bit-and (Fn [Int Int] Int) "Bits that are set in both.\n> (bits/bit-and 6 3) => 2")
(builtin bit-or (Fn [Int Int] Int)
  "Bits that are set in one or the other.\n> (bits/bit-or 6 3) => 7")
(builtin bit-xor (Fn [Int Int] Int) "Bits that are set in just one.\n> (bits/bit-xor 6 3) => 5")
(builtin bit-not (Fn [Int] Int) "All bits the other way.\n> (bits/bit-not 0) => -1")
(builtin shift-left (Fn [Int Int] Int)
  "Moved up; bits beyond the highest are lost.\n> (bits/shift-left 5 2) => 20")
(builtin shift-right (Fn [Int Int] Int)
  "Moved down, keeping the sign.\n> (bits/shift-right -8 1) => -4")
(builtin shift-right-zero (Fn [Int Int] Int)
  "Moved down, with zeros from above.\n> (bits/shift-right-zero -1 60) => 15")
(builtin rotate-left (Fn [Int Int] Int)
  "Moved up; what is lost there comes back below.\n> (bits/rotate-left -1 3) => -1")
(builtin rotate-right (Fn [Int Int] Int)
  "Moved down; what is lost there comes back above.\n> (bits/rotate-right 8 3) => 1")
(builtin set (Fn [Int Int] Int) "With the bit at a position set.\n> (bits/set 0 3) => 8")
(builtin clear (Fn [Int Int] Int) "With the bit at a position not set.\n> (bits/clear 15 0) => 14")
(builtin flip (Fn [Int Int] Int) "With the bit at a position changed.\n> (bits/flip 8 3) => 0")
(builtin set? (Fn [Int Int] Bool)
  "Whether the bit at a position is set.\n> (bits/set? 8 3) => true")
(builtin count (Fn [Int] Int) "How many bits are set.\n> (bits/count 7) => 3")
(builtin leading-zeros (Fn [Int] Int)
  "How many bits above the highest that is set.\n> (bits/leading-zeros 1) => 63")
(builtin trailing-zeros (Fn [Int] Int)
  "How many bits below the lowest that is set.\n> (bits/trailing-zeros 8) => 3")

(defn power-of-two? "Whether it is a power of two.\n> (bits/power-of-two? 64) => true" [n]
  (if (> n 0) (= (count n) 1) false))
(defn positions "Where bits are set, from the lowest.\n> (bits/positions 10) => [1 3]" [n]
  (loop [i 0 found []]
    (if (= i 64) found (recur (+ i 1) (if (set? n i) (vector/push found i) found)))))
(defn of-positions "With bits set there only.\n> (bits/of-positions [1 3]) => 10" [found]
  (vector/fold set 0 found))
