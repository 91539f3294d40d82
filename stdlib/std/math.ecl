; Functions of numbers beyond arithmetic. Angles are in radians.
(module std.math)

(def pi "Half a circle of radius 1: 180 degrees.\n> math/pi => 3.141592653589793" 3.141592653589793)
(def e "The base of natural logarithms.\n> math/e => 2.718281828459045" 2.718281828459045)
(def tau "A circle of radius 1: 360 degrees.\n> math/tau => 6.283185307179586" 6.283185307179586)

(builtin sqrt (Fn [Float] Float) "Square root.\n> (math/sqrt 9.0) => 3.0")
(builtin cbrt (Fn [Float] Float) "Cube root.\n> (math/cbrt 27.0) => 3.0")
(builtin exp (Fn [Float] Float) "e to that power.\n> (math/exp 0.0) => 1.0")
(builtin ln (Fn [Float] Float) "Natural logarithm.\n> (math/ln 1.0) => 0.0")
(builtin log2 (Fn [Float] Float) "Logarithm to base 2.\n> (math/log2 8.0) => 3.0")
(builtin log10 (Fn [Float] Float) "Logarithm to base 10.\n> (math/log10 100.0) => 2.0")
(builtin sin (Fn [Float] Float) "Sine.\n> (math/sin 0.0) => 0.0")
(builtin cos (Fn [Float] Float) "Cosine.\n> (math/cos 0.0) => 1.0")
(builtin tan (Fn [Float] Float) "Tangent.\n> (math/tan 0.0) => 0.0")
(builtin asin (Fn [Float] Float) "Arc sine.\n> (math/asin 0.0) => 0.0")
(builtin acos (Fn [Float] Float) "Arc cosine.\n> (math/acos 1.0) => 0.0")
(builtin atan (Fn [Float] Float) "Arc tangent.\n> (math/atan 0.0) => 0.0")
(builtin atan2 (Fn [Float Float] Float)
  "The angle of the point (x, y), y first.\n> (math/atan2 0.0 1.0) => 0.0")
(builtin pow (Fn [Float Float] Float)
  "The first to the power of the second.\n> (math/pow 2.0 0.5) => 1.4142135623730951")
(builtin hypot (Fn [Float Float] Float)
  "The long side of a right triangle.\n> (math/hypot 3.0 4.0) => 5.0")
(builtin nan? (Fn [Float] Bool) "Whether it is no number.\n> (math/nan? (/ 0.0 0.0)) => true")
(builtin finite? (Fn [Float] Bool)
  "Whether it is neither infinite nor no number.\n> (math/finite? (/ 1.0 0.0)) => false")
(builtin power (Fn [Int Int] Int)
  "The first to the power of the second, which is not negative.\n> (math/power 2 10) => 1024")
(builtin bit-and (Fn [Int Int] Int) "Bits that are set in both.\n> (math/bit-and 6 3) => 2")
(builtin bit-or (Fn [Int Int] Int)
  "Bits that are set in one or the other.\n> (math/bit-or 6 3) => 7")
(builtin bit-xor (Fn [Int Int] Int) "Bits that are set in just one.\n> (math/bit-xor 6 3) => 5")

(defn even? "Whether 2 divides it.\n> (math/even? -4) => true" [n] (= (rem n 2) 0))
(defn odd? "Whether 2 does not divide it.\n> (math/odd? -3) => true" [n] (not (even? n)))
(defn square "Times itself.\n> (math/square 1.5) => 2.25" [x] (* x x))
(defn clamp "The nearest to `x` between two bounds.\n> (math/clamp 0 10 12) => 10" [low high x]
  (max low (min high x)))
(defn sign "-1, 0 or 1.\n> (math/sign -5) => -1" [x] (cond (< x zero) -1 (> x zero) 1 :else 0))
(defn gcd "The greatest common divisor.\n> (math/gcd 12 -18) => 6" [a b]
  (if (= b 0) (abs a) (gcd b (rem a b))))
(defn lcm "The least common multiple.\n> (math/lcm 4 6) => 12" [a b]
  (if (or (= a 0) (= b 0)) 0 (abs (* (quot a (gcd a b)) b))))
(defn ceil-div "Whole division, rounded up; for positive divisors.\n> (math/ceil-div 7 2) => 4"
  [a b]
  (negate (quot (- (negate a) (mod (negate a) b)) b)))
(defn degrees "Radians in degrees.\n> (math/degrees math/pi) => 180.0" [x] (/ (* x 180.0) pi))
(defn radians "Degrees in radians.\n> (math/radians 180.0) => 3.141592653589793" [x]
  (/ (* x pi) 180.0))
(defn cube "Three times multiplied.\n> (math/cube 3) => 27" [x] (* x (* x x)))
(defn divides? "Whether the first divides the second.\n> (math/divides? 3 12) => true" [a b]
  (if (= a 0) (= b 0) (= (rem b a) 0)))
(defn prime? "Whether it is a prime number.\n> (math/prime? 97) => true" [n]
  (and (> n 1)
       (loop [d 2]
         (cond (> d (quot n d)) true
               (= (rem n d) 0) false
               :else (recur (+ d 1))))))
(defn factorial "The product of 1 to `n`, up to 20.\n> (math/factorial 5) => 120" [n]
  (if (< n 0)
    (abort (str "the factorial of " n))
    (loop [i 1 acc 1] (if (> i n) acc (recur (+ i 1) (* acc i))))))
(defn binomial "How many ways there are to choose `k` of `n`.\n> (math/binomial 5 2) => 10" [n k]
  (if (or (< k 0) (> k n))
    0
    (loop [i 1 acc 1] (if (> i k) acc (recur (+ i 1) (quot (* acc (+ (- n k) i)) i))))))
(defn int-sqrt "The largest Int whose square is not above.\n> (math/int-sqrt 17) => 4" [n]
  (cond (< n 0) (abort (str "the square root of " n))
        (< n 2) n
        :else (loop [x (quot n 2)]
                (let [next (quot (+ x (quot n x)) 2)] (if (>= next x) x (recur next))))))
(defn digits "The digits to base 10, without the sign.\n> (math/digits 305) => [3 0 5]" [n]
  (loop [n n acc []]
    (let [acc (vector/push-front acc (abs (rem n 10)))]
      (if (= (quot n 10) 0) acc (recur (quot n 10) acc)))))
(defn mean "The arithmetic mean.\n> (math/mean [1.0 2.0 6.0]) => (Some 3.0)" [v]
  (if (vector/empty? v) None (Some (/ (vector/sum v) (float (vector/length v))))))
(defn median "The middle of the sorted numbers, or the mean of both that are.
> (math/median [3.0 1.0 2.0 10.0]) => (Some 2.5)"
  [v]
  (let [sorted (vector/sort v) n (vector/length v) half (quot n 2)]
    (cond (= n 0) None
          (odd? n) (vector/get sorted half)
          :else (Some (/ (+ (vector/at sorted half) (vector/at sorted (- half 1))) 2.0)))))
(defn variance "The mean of the squared distances from the mean.
> (math/variance [1.0 3.0]) => (Some 1.0)"
  [v]
  (option/and-then (fn [m] (mean (vector/map (fn [x] (square (- x m))) v))) (mean v)))
(defn deviation "The standard deviation: the square root of the variance.
> (math/deviation [1.0 3.0]) => (Some 1.0)"
  [v]
  (option/map sqrt (variance v)))
(defn lerp "What lies a part of the way from `a` to `b`.\n> (math/lerp 10.0 20.0 0.25) => 12.5"
  [a b t]
  (+ a (* (- b a) t)))
(defn near? "Whether two are no further apart than a tolerance.
> (math/near? 0.30000000000000004 0.3 1e-9) => true"
  [x y tolerance]
  (<= (abs (- x y)) tolerance))
