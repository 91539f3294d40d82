; A library for C and Rust: `eclexia build shop.ecl --library` makes libshop.a and libshop.h. Their
; functions are those of this file that take and give numbers, truths and texts.
(def discounts {"friend" 0.9 "staff" 0.5})

(sig price (Fn [Int Float] Float))
(defn price "Ten or more are cheaper." [count each]
  (let [whole (* (float count) each)]
    (if (>= count 10) (* 0.95 whole) whole)))

(sig price-for (Fn [String Int Float] Float))
(defn price-for "With the discount of a customer." [who count each]
  (* (map/get-or discounts who 1.0) (price count each)))

(sig label (Fn [String Int] String))
(defn label "What is written on the box." [what count]
  (if (= count 1) (str "one " what) (str count " " what "s")))

(sig share (Fn [Int Int] Int))
(defn share "How many each of so many customers gets." [count customers] (quot count customers))

(deftest "labels"
  (check (= (label "cup" 1) "one cup"))
  (check (= (label "cup" 3) "3 cups")))
