; Literals of many items are made piece by piece: from left to right, each item once, and nothing is
; left over where an item ends the run.
(defn seen [n] (when (= (rem n 23) 0) (print "item " n)) n)
(sig total (Fn [Int Int] Int))
(defn total [from n] (loop [i from sum 0] (if (< i n) (recur (+ i 1) (+ sum i)) sum)))
(defn items []
  [(seen 0) (seen 1) (seen 2) (seen 3) (seen 4) (seen 5) (seen 6) (seen 7) (seen 8) (seen 9)
   (seen 10) (seen 11) (seen 12) (seen 13) (seen 14) (seen 15) (seen 16) (seen 17) (seen 18)
   (seen 19) (seen 20) (seen 21) (seen 22) (seen 23) (seen 24) (seen 25) (seen 26) (seen 27)
   (seen 28) (seen 29) (seen 30) (seen 31) (seen 32) (seen 33) (seen 34) (seen 35) (seen 36)
   (seen 37) (seen 38) (seen 39) (seen 40) (seen 41) (seen 42) (seen 43) (seen 44) (seen 45)
   (seen 46) (seen 47) (seen 48) (seen 49) (seen 50) (seen 51) (seen 52) (seen 53) (seen 54)
   (seen 55) (seen 56) (seen 57) (seen 58) (seen 59) (seen 60) (seen 61) (seen 62) (seen 63)
   (seen 64) (seen 65) (seen 66) (seen 67) (seen 68) (seen 69)])
(defn pairs [n]
  [(Pair (+ n 0) 0) (Pair (+ n 1) 1) (Pair (+ n 2) 2) (Pair (+ n 3) 0) (Pair (+ n 4) 1)
   (Pair (+ n 5) 2) (Pair (+ n 6) 0) (Pair (+ n 7) 1) (Pair (+ n 8) 2) (Pair (+ n 9) 0)
   (Pair (+ n 10) 1) (Pair (+ n 11) 2) (Pair (+ n 12) 0) (Pair (+ n 13) 1) (Pair (+ n 14) 2)
   (Pair (+ n 15) 0) (Pair (+ n 16) 1) (Pair (+ n 17) 2) (Pair (+ n 18) 0) (Pair (+ n 19) 1)
   (Pair (+ n 20) 2) (Pair (+ n 21) 0) (Pair (+ n 22) 1) (Pair (+ n 23) 2) (Pair (+ n 24) 0)
   (Pair (+ n 25) 1) (Pair (+ n 26) 2) (Pair (+ n 27) 0) (Pair (+ n 28) 1) (Pair (+ n 29) 2)
   (Pair (+ n 30) 0) (Pair (+ n 31) 1) (Pair (+ n 32) 2) (Pair (+ n 33) 0) (Pair (+ n 34) 1)
   (Pair (+ n 35) 2) (Pair (+ n 36) 0) (Pair (+ n 37) 1) (Pair (+ n 38) 2) (Pair (+ n 39) 0)
   (Pair (+ n 40) 1) (Pair (+ n 41) 2) (Pair (+ n 42) 0) (Pair (+ n 43) 1) (Pair (+ n 44) 2)
   (Pair (+ n 45) 0) (Pair (+ n 46) 1) (Pair (+ n 47) 2) (Pair (+ n 48) 0) (Pair (+ n 49) 1)
   (Pair (+ n 50) 2) (Pair (+ n 51) 0) (Pair (+ n 52) 1) (Pair (+ n 53) 2) (Pair (+ n 54) 0)
   (Pair (+ n 55) 1) (Pair (+ n 56) 2) (Pair (+ n 57) 0) (Pair (+ n 58) 1) (Pair (+ n 59) 2)
   (Pair (+ n 60) 0) (Pair (+ n 61) 1) (Pair (+ n 62) 2) (Pair (+ n 63) 0) (Pair (+ n 64) 1)
   (Pair (+ n 65) 2) (Pair (+ n 66) 0) (Pair (+ n 67) 1) (Pair (+ n 68) 2) (Pair (+ n 69) 0)])
(defn branches [n]
  [(if (< n 0) 0 (vector/length (vector/repeat 0 n)))
   (if (< n 1) 1 (vector/length (vector/repeat 1 n)))
   (if (< n 2) 2 (vector/length (vector/repeat 2 n)))
   (if (< n 3) 3 (vector/length (vector/repeat 3 n)))
   (if (< n 4) 4 (vector/length (vector/repeat 4 n)))
   (if (< n 5) 5 (vector/length (vector/repeat 0 n)))
   (if (< n 6) 6 (vector/length (vector/repeat 1 n)))
   (if (< n 7) 7 (vector/length (vector/repeat 2 n)))
   (if (< n 8) 8 (vector/length (vector/repeat 3 n)))
   (if (< n 9) 9 (vector/length (vector/repeat 4 n)))
   (if (< n 10) 10 (vector/length (vector/repeat 0 n)))
   (if (< n 11) 11 (vector/length (vector/repeat 1 n)))
   (if (< n 12) 12 (vector/length (vector/repeat 2 n)))
   (if (< n 13) 13 (vector/length (vector/repeat 3 n)))
   (if (< n 14) 14 (vector/length (vector/repeat 4 n)))
   (if (< n 15) 15 (vector/length (vector/repeat 0 n)))
   (if (< n 16) 16 (vector/length (vector/repeat 1 n)))
   (if (< n 17) 17 (vector/length (vector/repeat 2 n)))
   (if (< n 18) 18 (vector/length (vector/repeat 3 n)))
   (if (< n 19) 19 (vector/length (vector/repeat 4 n)))
   (if (< n 20) 20 (vector/length (vector/repeat 0 n)))
   (if (< n 21) 21 (vector/length (vector/repeat 1 n)))
   (if (< n 22) 22 (vector/length (vector/repeat 2 n)))
   (if (< n 23) 23 (vector/length (vector/repeat 3 n)))
   (if (< n 24) 24 (vector/length (vector/repeat 4 n)))
   (if (< n 25) 25 (vector/length (vector/repeat 0 n)))
   (if (< n 26) 26 (vector/length (vector/repeat 1 n)))
   (if (< n 27) 27 (vector/length (vector/repeat 2 n)))
   (if (< n 28) 28 (vector/length (vector/repeat 3 n)))
   (if (< n 29) 29 (vector/length (vector/repeat 4 n)))
   (if (< n 30) 30 (vector/length (vector/repeat 0 n)))
   (if (< n 31) 31 (vector/length (vector/repeat 1 n)))
   (if (< n 32) 32 (vector/length (vector/repeat 2 n)))
   (if (< n 33) 33 (vector/length (vector/repeat 3 n)))
   (if (< n 34) 34 (vector/length (vector/repeat 4 n)))
   (if (< n 35) 35 (vector/length (vector/repeat 0 n)))
   (if (< n 36) 36 (vector/length (vector/repeat 1 n)))
   (if (< n 37) 37 (vector/length (vector/repeat 2 n)))
   (if (< n 38) 38 (vector/length (vector/repeat 3 n)))
   (if (< n 39) 39 (vector/length (vector/repeat 4 n)))
   (if (< n 40) 40 (vector/length (vector/repeat 0 n)))
   (if (< n 41) 41 (vector/length (vector/repeat 1 n)))
   (if (< n 42) 42 (vector/length (vector/repeat 2 n)))
   (if (< n 43) 43 (vector/length (vector/repeat 3 n)))
   (if (< n 44) 44 (vector/length (vector/repeat 4 n)))
   (if (< n 45) 45 (vector/length (vector/repeat 0 n)))
   (if (< n 46) 46 (vector/length (vector/repeat 1 n)))
   (if (< n 47) 47 (vector/length (vector/repeat 2 n)))
   (if (< n 48) 48 (vector/length (vector/repeat 3 n)))
   (if (< n 49) 49 (vector/length (vector/repeat 4 n)))
   (if (< n 50) 50 (vector/length (vector/repeat 0 n)))
   (if (< n 51) 51 (vector/length (vector/repeat 1 n)))
   (if (< n 52) 52 (vector/length (vector/repeat 2 n)))
   (if (< n 53) 53 (vector/length (vector/repeat 3 n)))
   (if (< n 54) 54 (vector/length (vector/repeat 4 n)))
   (if (< n 55) 55 (vector/length (vector/repeat 0 n)))
   (if (< n 56) 56 (vector/length (vector/repeat 1 n)))
   (if (< n 57) 57 (vector/length (vector/repeat 2 n)))
   (if (< n 58) 58 (vector/length (vector/repeat 3 n)))
   (if (< n 59) 59 (vector/length (vector/repeat 4 n)))
   (if (< n 60) 60 (vector/length (vector/repeat 0 n)))
   (if (< n 61) 61 (vector/length (vector/repeat 1 n)))
   (if (< n 62) 62 (vector/length (vector/repeat 2 n)))
   (if (< n 63) 63 (vector/length (vector/repeat 3 n)))
   (if (< n 64) 64 (vector/length (vector/repeat 4 n)))
   (if (< n 65) 65 (vector/length (vector/repeat 0 n)))
   (if (< n 66) 66 (vector/length (vector/repeat 1 n)))
   (if (< n 67) 67 (vector/length (vector/repeat 2 n)))
   (if (< n 68) 68 (vector/length (vector/repeat 3 n)))
   (if (< n 69) 69 (vector/length (vector/repeat 4 n)))])
(defn loops [n]
  [(total 0 n) n n n n n n n n n (total 3 n) n n n n n n n n n (total 6 n) n n n n n n n n n
   (total 2 n) n n n n n n n n n (total 5 n) n n n n n n n n n (total 1 n) n n n n n n n n n
   (total 4 n) n n n n n n n n n])
(defn constants []
  [(Pair 0 2) (Pair 1 2) (Pair 2 2) (Pair 3 2) (Pair 4 2) (Pair 5 2) (Pair 6 2) (Pair 7 2)
   (Pair 8 2) (Pair 9 2) (Pair 10 2) (Pair 11 2) (Pair 12 2) (Pair 13 2) (Pair 14 2) (Pair 15 2)
   (Pair 16 2) (Pair 17 2) (Pair 18 2) (Pair 19 2) (Pair 20 2) (Pair 21 2) (Pair 22 2)
   (Pair 23 2) (Pair 24 2) (Pair 25 2) (Pair 26 2) (Pair 27 2) (Pair 28 2) (Pair 29 2)
   (Pair 30 2) (Pair 31 2) (Pair 32 2) (Pair 33 2) (Pair 34 2) (Pair 35 2) (Pair 36 2)
   (Pair 37 2) (Pair 38 2) (Pair 39 2) (Pair 40 2) (Pair 41 2) (Pair 42 2) (Pair 43 2)
   (Pair 44 2) (Pair 45 2) (Pair 46 2) (Pair 47 2) (Pair 48 2) (Pair 49 2) (Pair 50 2)
   (Pair 51 2) (Pair 52 2) (Pair 53 2) (Pair 54 2) (Pair 55 2) (Pair 56 2) (Pair 57 2)
   (Pair 58 2) (Pair 59 2) (Pair 60 2) (Pair 61 2) (Pair 62 2) (Pair 63 2) (Pair 64 2)
   (Pair 65 2) (Pair 66 2) (Pair 67 2) (Pair 68 2) (Pair 69 2)])
(defn entries []
  {0 (seen 0) 1 (seen 1) 2 (seen 2) 3 (seen 3) 4 (seen 4) 5 (seen 5) 6 (seen 6) 7 (seen 7)
   8 (seen 8) 9 (seen 9) 10 (seen 10) 11 (seen 11) 12 (seen 12) 13 (seen 13) 14 (seen 14)
   15 (seen 15) 16 (seen 16) 17 (seen 17) 18 (seen 18) 19 (seen 19) 20 (seen 20) 21 (seen 21)
   22 (seen 22) 23 (seen 23) 24 (seen 24) 25 (seen 25) 26 (seen 26) 27 (seen 27) 28 (seen 28)
   29 (seen 29) 30 (seen 30) 31 (seen 31) 32 (seen 32) 33 (seen 33) 34 (seen 34) 35 (seen 35)
   36 (seen 36) 37 (seen 37) 38 (seen 38) 39 (seen 39) 40 (seen 40) 41 (seen 41) 42 (seen 42)
   43 (seen 43) 44 (seen 44) 45 (seen 45) 46 (seen 46) 47 (seen 47) 48 (seen 48) 49 (seen 49)
   50 (seen 50) 51 (seen 51) 52 (seen 52) 53 (seen 53) 54 (seen 54) 55 (seen 55) 56 (seen 56)
   57 (seen 57) 58 (seen 58) 59 (seen 59) 0 (seen 60) 1 (seen 61) 2 (seen 62) 3 (seen 63)
   4 (seen 64) 5 (seen 65) 6 (seen 66) 7 (seen 67) 8 (seen 68) 9 (seen 69)})
(defn text [n]
  (str "a" n "b" n "c" n "a" n "b" n "c" n "a" n "b" n "c" n "a" n "b" n "c" n "a" n "b" n "c" n
       "a" n "b" n "c" n "a" n "b" n "c" n "a" n "b" n "c" n "a" n "b" n "c" n "a" n "b" n "c" n
       "a" n "b" n "c" n "a" n "b" n))
(defn again [n sum]
  (if (= n 0) sum (again (- n 1) (+ sum (vector/sum (loops n)) (vector/length (pairs n))))))
(defn broken [name]
  [(str "a text in front of others: " name)
   (str "and another one: " name)
   name name name name name name name name name name name name name name name name name name
   name name name name name name name name name name name name name name name name name name
   name name name name name name name name name name name name name name name name name name
   name name name name name name name name name name name name name name name
   (abort "the last item")])
(defn main [world]
  (print (vector/sum (items)))
  (print (vector/get (pairs 5) 69) " " (vector/length (pairs 5)))
  (print (vector/sum (branches 3)))
  (print (vector/sum (loops 9)))
  (print (vector/get (constants) 69) " " (= (constants) (constants)))
  (print (map/size (entries)) " " (map/get (entries) 3))
  (print (text 7))
  (print (again 20 0))
  (print (broken "a name of more than seven bytes")))
; => item 0
; => item 23
; => item 46
; => item 69
; => 2415
; => (Some (Pair 74 0)) 70
; => 2415
; => 784
; => (Some (Pair 69 2)) true
; => item 0
; => item 23
; => item 46
; => item 69
; => item 0
; => item 23
; => item 46
; => item 69
; => 60 (Some 63)
; => a7b7c7a7b7c7a7b7c7a7b7c7a7b7c7a7b7c7a7b7c7a7b7c7a7b7c7a7b7c7a7b7c7a7b7
; => 23345
; error: [aborted]
