; Strings of up to seven bytes are within their word, longer ones in a cell: nobody sees where.
(def letters "abcdefghijklmnopqrstuvwxyz")
(def few "xÄ€")
(deftype Token (Word String) (Pair String String) End)
(defn grown "One letter of a text that is known after the other." [n text]
  (if (= n 0)
    text
    (let [at (mod n 26)]
      (grown (- n 1) (string/append text (string/slice letters at (+ at 1)))))))
(defn cut "The same of any text, long or short." [of n text]
  (if (= n 0)
    text
    (let [at (mod n 3)]
      (cut of (- n 1) (string/append text (string/slice of at (+ at 1)))))))
(defn ended "Short texts behind a long one." [n text]
  (if (= n 0)
    text
    (ended (- n 1) (string/append (string/append text "ab") (if (= (mod n 2) 0) "" "Ü")))))
(defn kind [text]
  (match text
    ["" "none"] ["seven77" "seven"] ["eight888" "eight"] ["Äää" "six bytes"] [_ "other"]))
(defn shown [token] (match token [(Word a) a] [(Pair a b) (str a "/" b)] [End "."]))
(defn lengths [n kept] (if (= n 0) kept (lengths (- n 1) (vector/push kept (grown n "")))))
(defn main [world]
  (let [all (lengths 10 [])
        again (lengths 10 [])
        counted (fn [m w] (map/update m w 0 inc))
        around ["" "sixsix" "seven77" "eight888"]]
    (do
      (print all)
      (print (= all again) " " (vector/map string/length all))
      (print (vector/fold counted {} (vector/concat [(vector/take 5 all) (vector/take 6 again)])))
      (print (vector/map kind ["" "seven77" "seven78" "eight888" "eight889" "Äää"]))
      (print (cut few 9 "") " " (cut letters 9 "start of it: ") " " (cut "ab" 4 ""))
      (print (ended 9 "text") " " (string/length (ended 9 "text")))
      (print (vector/map shown [(Word "a") (Pair "seven77" "eight888") End]))
      (print (string/chars "aÄ€😀") " " (string/join "" ["a" "b" "" "cdef"]))
      (print (string/join ", " ["" "x"]) " " (string/join "" around))
      (print (set/to-vector (set/of ["b" "a\u{0}" "a" "" "abcdefgh" "abcdefg"])))
      (print (par/map (fn [w] (string/append w "!")) around))
      (print (string/words " a  seven77 eight888\tb\n") (string/split "a,,seven77,eight888" ","))
      (print (option/get-or (string/parse-int "42") 0) (string/upper "straße"))
      (print (string/reverse "abc") (string/trim " a ") (string/trim "  a long text  ")))))
; => ["kjihgfedcb" "jihgfedcb" "ihgfedcb" "hgfedcb" "gfedcb" "fedcb" "edcb" "dcb" "cb" "b"]
; => true [10 9 8 7 6 5 4 3 2 1]
; => {"fedcb" 1 "gfedcb" 2 "hgfedcb" 2 "ihgfedcb" 2 "jihgfedcb" 2 "kjihgfedcb" 2}
; => ["none" "seven" "other" "eight" "other" "six bytes"]
; => x€Äx€Äx€Ä start of it: acbacbacb bab
; => textabÜababÜababÜababÜababÜ 27
; => ["a" "seven77/eight888" "."]
; => ["a" "Ä" "€" "😀"] abcdef
; => , x sixsixseven77eight888
; => ["" "a" "a\u{0}" "abcdefg" "abcdefgh" "b"]
; => ["!" "sixsix!" "seven77!" "eight888!"]
; => ["a" "seven77" "eight888" "b"]["a" "" "seven77" "eight888"]
; => 42STRASSE
; => cbaaa long text
