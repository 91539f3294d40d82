; Strings of up to seven bytes are within their word, longer ones in a cell: nobody sees where they change over.
(def letters "abcdefghijklmnopqrstuvwxyz")
(def few "xÄ€")
(deftype Token (Word String) (Pair String String) End)
(defn grown "One letter after the other, from a text whose place is known." [n text]
  (if (= n 0) text (grown (- n 1) (string/append text (string/slice letters (mod n 26) (+ (mod n 26) 1))))))
(defn cut "The same from any text, long or short." [of n text]
  (if (= n 0) text (cut of (- n 1) (string/append text (string/slice of (mod n 3) (+ (mod n 3) 1))))))
(defn ended "Short texts behind a long one." [n text]
  (if (= n 0) text (ended (- n 1) (string/append (string/append text "ab") (if (= (mod n 2) 0) "" "Ü")))))
(defn kind [text]
  (match text
    ["" "none"]
    ["seven77" "seven"]
    ["eight888" "eight"]
    ["Äää" "six bytes"]
    [_ "other"]))
(defn shown [token] (match token [(Word a) a] [(Pair a b) (str a "/" b)] [End "."]))
(defn all-lengths [n kept] (if (= n 0) kept (all-lengths (- n 1) (vector/push kept (grown n "")))))
(defn main [world]
  (let [all (all-lengths 18 [])
        again (all-lengths 18 [])
        counts (vector/fold (fn [m w] (map/update m w 0 inc)) {} (vector/concat [all again]))]
    (do
      (print all)
      (print (= all again) " " (vector/map string/length all))
      (print counts)
      (print (vector/map kind ["" "seven77" "seven78" "eight888" "eight889" "Äää"]))
      (print (cut few 9 "") " " (cut letters 9 "start of it: ") " " (cut "ab" 4 ""))
      (print (ended 9 "text") " " (string/length (ended 9 "text")))
      (print (vector/map shown [(Word "a") (Pair "seven77" "eight888") End]))
      (print (string/chars "aÄ€😀") " " (string/join "" ["a" "b" "" "cdef"]) " " (string/join ", " ["" "x"]))
      (print (set/to-vector (set/of ["b" "a\u{0}" "a" "" "abcdefgh" "abcdefg"])))
      (print (par/map (fn [w] (string/append w "!")) ["" "sixsix" "seven77" "eight888"]))
      (print (string/words " a  seven77 eight888\tb\n") " " (string/split "a,,seven77,eight888" ","))
      (print (option/get-or (string/parse-int "42") 0) " " (string/upper "straße") " " (string/reverse "abc")))))
; => ["srqponmlkjihgfedcb" "rqponmlkjihgfedcb" "qponmlkjihgfedcb" "ponmlkjihgfedcb" "onmlkjihgfedcb" "nmlkjihgfedcb" "mlkjihgfedcb" "lkjihgfedcb" "kjihgfedcb" "jihgfedcb" "ihgfedcb" "hgfedcb" "gfedcb" "fedcb" "edcb" "dcb" "cb" "b"]
; => true [18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1]
; => {"b" 2 "cb" 2 "dcb" 2 "edcb" 2 "fedcb" 2 "gfedcb" 2 "hgfedcb" 2 "ihgfedcb" 2 "jihgfedcb" 2 "kjihgfedcb" 2 "lkjihgfedcb" 2 "mlkjihgfedcb" 2 "nmlkjihgfedcb" 2 "onmlkjihgfedcb" 2 "ponmlkjihgfedcb" 2 "qponmlkjihgfedcb" 2 "rqponmlkjihgfedcb" 2 "srqponmlkjihgfedcb" 2}
; => ["none" "seven" "other" "eight" "other" "six bytes"]
; => x€Äx€Äx€Ä start of it: acbacbacb bab
; => textabÜababÜababÜababÜababÜ 27
; => ["a" "seven77/eight888" "."]
; => ["a" "Ä" "€" "😀"] abcdef , x
; => ["" "a" "a\u{0}" "abcdefg" "abcdefgh" "b"]
; => ["!" "sixsix!" "seven77!" "eight888!"]
; => ["a" "seven77" "eight888" "b"] ["a" "" "seven77" "eight888"]
; => 42 STRASSE cba
