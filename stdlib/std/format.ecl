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
  (if (< n 0) (str "-" (grouped-digits (string/drop 1 (show n)))) (grouped-digits (show n))))
(defn grouped-digits [digits]
  (let [n (string/length digits)]
    (if (<= n 3)
      digits
      (str (grouped-digits (string/slice digits 0 (- n 3))) "," (string/slice digits (- n 3) n)))))

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

(defn widths [rows]
  (vector/fold
   (fn [found row]
     (vector/map-indexed
      (fn [i cell] (max (string/length cell) (option/get-or (vector/get found i) 0)))
      row))
   []
   rows))
(defn table "Rows as lines with columns of equal width, two spaces apart.
> (format/table [[\"a\" \"bc\"] [\"def\" \"g\"]]) => \"a    bc\\ndef  g\""
  [rows]
  (let [columns (widths rows)
        line (fn [row]
               (string/trim-end
                (string/join "  "
                             (vector/zip-with (fn [width cell] (left width cell)) columns row))))]
    (string/join "\n" (vector/map line rows))))
