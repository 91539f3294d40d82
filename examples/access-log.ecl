; A log of requests in, a table of them out: files, regular expressions and CSV.
;
;     eclexia test examples/access-log.ecl
;     eclexia run examples/access-log.ecl access.log --out report.csv
;
; `main` gives the functions below the files of the folder it is run in, and no others; what reads
; them cannot write, and what computes is given no files at all.
(module access-log)
(import std.gen :only [for-all])

(defrecord Request "One line of the log." {:method String :path String :status Int :bytes Int}
  :deriving [Eq Show])

(defrecord Total "All requests for one path." {:path String :count Int :errors Int :bytes Int}
  :deriving [Eq Show])

(def pattern "The common log format, as far as it is used here."
  (regex/re
   """"(?<method>[A-Z]+) (?<path>\S+) HTTP/[0-9.]+" (?<status>[0-9]{3}) (?<bytes>[0-9]+|-)"""))

(defn request "The request on a line; None where the line is another." [line]
  (let [found (regex/named pattern line)
        part (fn [name] (option/get-or (option/and-then (fn [m] (map/get m name)) found) ""))
        number (fn [name] (option/get-or (string/parse-int (part name)) 0))]
    (option/when-true
     (option/some? found)
     (Request {:method (part "method") :path (fst (cut (part "path")))
               :status (number "status") :bytes (number "bytes")}))))

(defn cut "A path, and its query." [path]
  (option/get-or (string/split-once path "?") (Pair path "")))

(sig total (Fn [String (Vector Request)] Total))
(defn total "What requests for one path come to." [path requests]
  (Total {:path path
          :count (vector/length requests)
          :errors (vector/count (fn [r] (>= (.status r) 400)) requests)
          :bytes (vector/sum-by .bytes requests)}))

(sig totals (Fn [(Vector Request)] (Vector Total)))
(defn totals "One line per path, the most wanted first." [requests]
  (->> requests
       (vector/group-by .path)
       map/entries
       (vector/map (fn [(Pair path own)] (total path own)))
       (vector/sort-by (fn [t] (Pair (negate (.count t)) (.path t))))))

(defn table "A header, and the totals below." [all]
  (vector/push-front
   (vector/map
    (fn [t] [(.path (the Total t)) (show (.count t)) (show (.errors t)) (show (.bytes t))])
    all)
   ["path" "requests" "errors" "bytes"]))

(defn report "The table of a log." [lines]
  (table (totals (vector/filter-map request lines))))

(defn main [world]
  (let [here (files/within (.files world) ".")
        out (option/get-or (args/option (.args world) "out") "report.csv")
        input (option/get-or (vector/first (args/positional (.args world) ["out"])) "access.log")
        rows (report (try (files/read-lines (files/read-only here) input)))]
    (print (format/table rows))
    (files/write here out (csv/print rows))))

; ---------------------------------------------------------------------------------------- tests

(def sample
  ["192.0.2.1 - - [21/Nov/2026] \"GET /fruit?page=2 HTTP/1.1\" 200 512"
   "192.0.2.7 - - [21/Nov/2026] \"GET /fruit HTTP/1.1\" 404 -"
   "no request at all"
   "192.0.2.1 - - [21/Nov/2026] \"POST /order HTTP/2\" 201 80"])

(deftest "a line is taken apart"
  (check (= (request (vector/at sample 0))
            (Some (Request {:method "GET" :path "/fruit" :status 200 :bytes 512}))))
  (check (= (request "no request at all") None)))

(deftest "requests are counted by path"
  (check (= (csv/print (report sample))
            "path,requests,errors,bytes\n/fruit,2,1,512\n/order,1,0,80\n")))

(deftest "no request is lost, whatever comes in"
  (for-all [paths (gen/vector-of (gen/elements ["/a" "/b" "/c"]))]
           (let [line (fn [path] (str "\"GET " path " HTTP/1.1\" 200 1"))
                 found (totals (vector/filter-map request (vector/map line paths)))]
             (= (vector/sum-by .count found) (vector/length paths)))))
