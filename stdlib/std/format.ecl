; Text for people: numbers with a fixed number of decimals, columns, percentages.
(module std.format)

(builtin decimals (Fn [Float Int] String)
  "With so many digits after the point.\n> (format/decimals 2.5 2) => \"2.50\"")
(builtin short (Fn [Float] String)
  "At most six decimals, none that are zero.\n> (format/short 2.50) => \"2.5\"")
(builtin hex (Fn [Int] String) "To base 16.\n> (format/hex 255) => \"ff\"")
(builtin binary (Fn [Int] String) "To base 2.\n> (format/binary 5) => \"101\"")

(defn percent "A part of one as a percentage.\n> (format/percent 0.256 1) => \"25.6%\"" [x places]
  (str (decimals (* x 100.0) places) "%"))

(defn grouped "With commas between thousands.\n> (format/grouped -1234567) => \"-1,234,567\"" [n]
  (let [text (show n) sign (if (< n 0) "-" "")]
    (loop [digits (if (< n 0) (string/drop 1 text) text) done ""]
      (if (<= (string/length digits) 3)
        (str sign digits done)
        (recur (string/drop-last 3 digits) (str "," (string/take-last 3 digits) done))))))

(defn left "In a column, at its left.\n> (format/left 4 \"ab\") => \"ab  \"" [width s]
  (string/pad-right s width " "))
(defn right "In a column, at its right.\n> (format/right 4 \"ab\") => \"  ab\"" [width s]
  (string/pad-left s width " "))
(defn center "In the middle of a column.\n> (format/center 6 \"ab\") => \"  ab  \"" [width s]
  (let [n (string/length s)] (left width (right (+ n (quot (- width n) 2)) s))))

(defn plural "A number and its noun, in the plural where it is not one.
> (format/plural 2 \"node\" \"nodes\") => \"2 nodes\""
  [n one many]
  (str n " " (if (= n 1) one many)))

(builtin columns (Fn [String] Int)
  "How many columns of a terminal it takes.\n> (format/columns \"日本\") => 4")

(defn table "Rows as lines with columns of equal width, two spaces apart.
> (format/table [[\"a\" \"bc\"] [\"def\" \"g\"]]) => \"a    bc\\ndef  g\""
  [rows]
  (let [widest (fn [found row]
                 (vector/map-indexed
                  (fn [i cell] (max (columns cell) (option/get-or (vector/get found i) 0)))
                  (vector/append row
                                 (vector/repeat (- (vector/length found) (vector/length row)) ""))))
        widths (vector/fold widest [] rows)
        cell (fn [width text] (str text (string/repeat " " (- width (columns text)))))
        line (fn [row] (string/trim-end (string/join "  " (vector/zip-with cell widths row))))]
    (string/join "\n" (vector/map line rows))))

; ------------------------------------------------------------------------------------ templates

(builtin fill (Fn [String (Vector String)] (Result String String))
  "A template with texts in its places `{}`, or what is wrong with it. A place may say, after a
colon, how: what fills it up and where the text stands (`<`, `^`, `>`), `0` for zeros after the
sign, its width, and after a point how many decimals of a number or characters of a text.
> (format/fill \"{} is {:>6.2}|{:*^5}|\" [\"x\" \"2.5\" \"ab\"]) => (Ok \"x is   2.50|*ab**|\")
> (format/fill \"{}\" []) => (Err \"the template has places for 1 values, not 0\")")

(defn filled "A template with texts in its places; aborts where they do not fit.
> (format/filled \"{}-{}\" [\"a\" \"b\"]) => \"a-b\""
  [template texts]
  (match (fill template texts) [(Ok text) text] [(Err why) (abort (str "format: " why))]))

(defmacro (fmt template x ...)
  "A template with values in its places `{}`, `{:>8}`, `{:.2}`; see `fill`. Aborts where there are
more or fewer values than places.
> (format/fmt \"{} of {:.1}\" 3 2.25) => \"3 of 2.2\""
  (match (fill template [(show x) ...]) [(Ok text) text] [(Err why) (abort (str "fmt: " why))]))
