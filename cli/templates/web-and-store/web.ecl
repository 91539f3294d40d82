; The page: asks the store to count, and shows what it says.
(module project-name.web)
(import std.http :as http)

(defn page "The page for a visitor." [count]
  (http/html 200 (str "<!doctype html><title>project-name</title><p>You are visitor " count ".\n")))

(defn said "What a good answer says.
> (said \"HTTP/1.1 200 OK\\r\\n\\r\\n7\") => (Ok \"7\")" [text]
  (match (string/split-once text "\r\n\r\n")
    [(Some (Pair head body))
     (if (= (string/take 3 (string/drop 9 head)) "200") (Ok body) (Err "the store refuses"))]
    [None (Err "the store's answer is no HTTP")]))

(sig visit (Fn [Network String String] (Result String String)))
(defn visit "Has the store count a visit; gives how many there are." [network store password]
  (let [asked (str "POST /visits HTTP/1.0\r\nHost: store\r\nAuthorization: Bearer " password
                   "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    (said (try (network/exchange network store asked 2s)))))

(sig answer (Fn [Network String String http/Request] http/Response))
(defn answer [network store password request]
  (match (http/segments request)
    [[] (match (visit network store password)
          [(Ok count) (page count)]
          [(Err why) (http/text 502 (str why "\n"))])]
    [["health"] (http/text 200 "well\n")]
    [_ http/not-found]))

(defn main [world]
  (let [port (try (env/int-or (.env world) "PORT" 8080))
        store (str "127.0.0.1:" (try (env/int-or (.env world) "STORE_SERVICE_PORT" 8081)))
        password (try (env/require (.env world) "PASSWORD"))
        address (str "127.0.0.1:" port)
        asks (network/only (.network world) [store])]
    (print "listening at " address ", the store is at " store)
    (http/serve (network/listen-only (.network world) [address]) address
                (fn [request] (answer asks store password request)))))
