(def x 1)(def x 2)(deftype X X X)(deftype X X)(defrecord X {:x Int :x Int})(defn f [a a] a)(sig f Int)(sig f Int)
