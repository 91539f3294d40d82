; Reads one folder, writes another; each function is given no more than it needs.
(import std.http :as http)

(defn sums [files]
  (result/map
   (fn [records]
     (map/map vector/length (vector/group-by (fn [r] (map/get-or r "kind" "")) records)))
   (result/and-then csv/parse-records (files/read files "fruit.csv"))))

(defn listen [network address]
  (http/serve network address (fn [_] http/not-found)))

(defn main [world]
  (let [data (files/read-only (files/within (.files world) "data"))]
    (do (print (sums data))
        (print (files/list data ""))
        (print (files/read data "../report.ecl"))
        (print (files/read data "/etc/hostname"))
        (print (files/write data "fruit.csv" ""))
        (print
         (files/write (files/within (.files world) ".") "out.txt" (string/join "+" (.args world))))
        (print (files/read (.files world) "out.txt"))
        (print (env/get (env/only (.env world) ["HOME"]) "PATH"))
        (print (network/get (network/only (.network world) []) "example.org:80" "/" 1s))
        (print
         (network/exchange
          (network/listen-only (.network world) ["127.0.0.1:*"])
          "127.0.0.1:80"
          ""
          1s))
        (print (listen (network/only (.network world) ["127.0.0.1:*"]) "127.0.0.1:8080"))
        (print
         (listen
          (network/listen-only
           (network/listen-only (.network world) ["127.0.0.1:*"])
           ["127.0.0.1:80" "0.0.0.0:80"])
          "0.0.0.0:80")))))
