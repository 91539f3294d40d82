(defn area "Width times height.\n> (area 2.0 1.5) => 3.0" [w h] (* w h))
(deftest "a square" (check (= (area 2.0 2.0) 4.0)))
(deftest "not a square" (check (= (area 2.0 1.0) 4.0)))
