; Comma-separated values (RFC 4180): quoted fields, separators and line ends inside of them. Fields
; are text; what they mean, the program says.
(module std.csv
  :exports [parse parse-by parse-records print print-by print-records column])

(builtin read-rows (Fn [String String] (Result (Vector (Vector String)) String)))
(builtin write-rows (Fn [(Vector (Vector String)) String] String))

(defn parse "The rows of a text, each a vector of fields. Empty lines are left out.
> (csv/parse \"a,b\\n1,\\\"x,y\\\"\\n\") => (Ok [[\"a\" \"b\"] [\"1\" \"x,y\"]])"
  [text]
  (read-rows text ","))
(defn parse-by "As `parse`, with another separator, one ASCII character.
> (csv/parse-by \";\" \"a;b\") => (Ok [[\"a\" \"b\"]])"
  [separator text]
  (read-rows text separator))

(defn record [header n row]
  (if (= (vector/length header) (vector/length row))
    (Ok (map/zip header row))
    (Err (str "row " n " has " (format/plural (vector/length row) "field" "fields") ", the header "
              (vector/length header)))))
(defn parse-records "The rows after the first, each a map by the names in the first.
> (csv/parse-records \"a,b\\n1,2\\n\") => (Ok [{\"a\" \"1\" \"b\" \"2\"}])
> (csv/parse-records \"a,b\\n1\\n\") => (Err \"row 2 has 1 field, the header 2\")"
  [text]
  (let [rows (try (parse text))]
    (match (vector/first rows)
      [None (Ok [])]
      [(Some header)
       (result/all-vector
        (vector/map-indexed (fn [i row] (record header (+ i 2) row)) (vector/rest rows)))])))

(defn print "Rows as text; fields are quoted where they have to be.
> (csv/print [[\"a\" \"b,c\"]]) => \"a,\\\"b,c\\\"\\n\""
  [rows]
  (write-rows rows ","))
(defn print-by "As `print`, with another separator.
> (csv/print-by \";\" [[\"a\" \"b\"]]) => \"a;b\\n\""
  [separator rows]
  (write-rows rows separator))
(defn print-records "Maps as text, under a header; what a map lacks is empty.
> (csv/print-records [\"a\" \"b\"] [{\"a\" \"1\"}]) => \"a,b\\n1,\\n\""
  [header records]
  (print (vector/push-front
          (vector/map (fn [m] (vector/map (fn [name] (map/get-or m name "")) header)) records)
          header)))
(defn column "The fields of one name, of all records that have it.
> (csv/column \"a\" [{\"a\" \"1\"} {\"b\" \"2\"}]) => [\"1\"]"
  [name records]
  (vector/filter-map (fn [m] (map/get m name)) records))
