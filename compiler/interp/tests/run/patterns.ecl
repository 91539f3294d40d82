; Patterns of every kind.
(deftype Shape (Rect Int Int) (Dot Int) Empty)
(defn describe [x]
  (match x
    [(Rect 0 _) "flat"]
    [(Rect w h) :when (= w h) (str "square " w)]
    [(as r (Rect w _)) (match r [(Rect _ h) (str w "x" h)] [_ "?"])]
    [(Dot n) :when (< n 0) "negative"]
    [(Dot -0) "zero"]
    [(Dot _) "dot"]
    [Empty "empty"]))
(defn vectors [v]
  (match v
    [[] "none"]
    [[x] (str "one " x)]
    [[x y] (str "two " x y)]
    [[x _ & rest] (str "many " x " and " rest)]))
(defn literals [x]
  (match x ["a" 1] ["b" 2] [_ 3]))
(defn floats [x] (match x [1.5 "one and a half"] [0.0 "zero"] [_ "other"]))
(defn amounts [x] (match x [512MiB "half"] [1GiB "one"] [_ "other"]))
(defn keys [x] (match x [:a "A"] [:b "B"] [_ "?"]))
(defn bools [x y] (match (Pair x y) [(Pair true false) 1] [(Pair false _) 2] [(Pair true true) 3]))
(defn main [_]
  (for [s (list (Rect 0 1) (Rect 2 2) (Rect 2 3) (Dot -1) (Dot 0) (Dot 5) Empty)]
    (print (describe s)))
  (for [v [[] [1] [1 2] [1 2 3 4]]] (print (vectors v)))
  (print (literals "a") (literals "b") (literals "z"))
  (print (floats 1.5) " " (floats -0.0) " " (floats 2.0))
  (print (amounts 0.5GiB) " " (amounts 1024MiB) " " (amounts 3B))
  (print (keys :b) (keys :c))
  (print (bools true false) (bools false true) (bools true true)))
