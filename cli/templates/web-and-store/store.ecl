; The store: counts visits in a file of its volume, for who shows the password.
(module project-name.store)
(import std.http :as http)

(defn allowed? "Whether a request shows the password." [password request]
  (= (http/header request "authorization") (Some (str "Bearer " password))))

(defn counted "How many were counted, by the text that is kept.
> (counted \"12\\n\") => 12
> (counted \"\") => 0" [text]
  (option/get-or (string/parse-int (string/trim text)) 0))

(sig count-one (Fn [Files Int] (Pair http/Response Int)))
(defn count-one "Counts one more; what cannot be kept is not counted." [files count]
  (let [more (+ count 1)]
    (match (files/write files "visits" (show more))
      [(Ok _) (Pair (http/text 200 (show more)) more)]
      [(Err why) (Pair (http/text 500 (str why "\n")) count)])))

(sig handle (Fn [Files String Int http/Request] (Pair http/Response Int)))
(defn handle [files password count request]
  (match (Pair (.method request) (http/segments request))
    [(Pair "GET" ["health"]) (Pair (http/text 200 "well\n") count)]
    [(Pair "POST" ["visits"])
     (if (allowed? password request)
       (count-one files count)
       (Pair (http/text 401 "the password is missing\n") count))]
    [_ (Pair http/not-found count)]))

(defn main [world]
  (let [port (try (env/int-or (.env world) "PORT" 8081))
        password (try (env/require (.env world) "PASSWORD"))
        files (files/within (.files world) "data")
        before (match (files/read files "visits") [(Ok text) (counted text)] [(Err _) 0])
        address (str "127.0.0.1:" port)]
    (print "listening at " address ", " before " visits so far")
    (http/serve-with (network/listen-only (.network world) [address]) address before
                     (fn [count request] (handle files password count request)))))
