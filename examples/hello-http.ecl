; A service: greets whoever asks, counts them, and takes its port from the environment.
;
;   $ PORT=8080 eclexia run examples/hello-http.ecl &
;   $ curl 'http://127.0.0.1:8080/hello?name=Ada'
;   Hello, Ada!
;
; It may listen and do nothing else: what handles requests is not given anything.
(module hello-http)
(import std.http :as http)

(defn greeting [request]
  (http/text 200 (str "Hello, " (map/get-or (.query request) "name" "world") "!\n")))

(sig handle (Fn [Int http/Request] (Pair http/Response Int)))
(defn handle [count request]
  (match (Pair (.method request) (http/segments request))
    [(Pair "GET" []) (Pair (http/redirect "/hello") count)]
    [(Pair "GET" ["hello"]) (Pair (greeting request) (+ count 1))]
    [(Pair "GET" ["count"]) (Pair (http/json 200 {"greeted" count}) count)]
    [(Pair "GET" ["health"]) (Pair (http/text 200 "well\n") count)]
    [(Pair "GET" _) (Pair http/not-found count)]
    [_ (Pair (http/with-header (http/text 405 "only GET\n") "allow" "GET") count)]))

(deftest "a name is greeted, and counted"
  (let [ask (fn [path query] (http/Request {:path path :query query}))
        (Pair greeted count) (handle 0 (ask "/hello" {"name" "Ada"}))
        (Pair counted _) (handle count (ask "/count" {}))]
    (check (= (.body greeted) "Hello, Ada!\n"))
    (check (= (.body counted) "{\"greeted\":1}"))))

(deftest "nothing else is there"
  (check (= (fst (handle 0 (http/Request {:path "/x"}))) http/not-found))
  (check (= (.status (fst (handle 0 (http/Request {:method "PUT"})))) 405)))

(defn main [world]
  (let [port (try (env/int-or (.env world) "PORT" 8080))
        address (str "0.0.0.0:" port)
        network (network/listen-only (.network world) [address])]
    (print "listening at " address)
    (http/serve-with network address 0 handle)))
