; The network, for who holds the capability: `(.network world)` in `main`, or less than that. One
; text is sent over TCP and one comes back: enough to ask a service something. There is no TLS; what
; the other side says is text in UTF-8, at most 16 MiB. To be a service is `std.http`.
(module std.network :exports [exchange only listen-only get])

(builtin only (Fn [Network (Vector String)] Network)
  "The network as far as these `host:port`, to connect to, and not to listen; `host:*` is any port.
> (fn [net] (network/only net [\"prices.example:80\"]))")
(builtin listen-only (Fn [Network (Vector String)] Network)
  "The network to listen at these `host:port`, and not to connect to anything; `host:*` is any port.
> (fn [net] (network/listen-only net [\"0.0.0.0:*\"]))")
(builtin exchange (Fn [Network String String Duration] (Result String String))
  "Connects to `host:port`, sends a text and gives all that comes back, unless that takes too long.
> (fn [net] (network/exchange net \"localhost:7\" \"hello\" 5s))")

(defn get "The body that a plain HTTP server has under a path, unless its status is an error.
> (fn [net] (network/get net \"prices.example:80\" \"/today.csv\" 5s))"
  [network address path timeout]
  (if (string/any? (fn [c] (or (char/control? c) (= c " "))) (str address path))
    (Err (str (show-nested path) ": a path has no spaces and no control characters"))
    (let [host (fst (option/get-or (string/split-last address ":") (Pair address "")))
          request (str "GET " path " HTTP/1.0\r\nHost: " host "\r\nConnection: close\r\n\r\n")]
      (body address (try (exchange network address request timeout))))))

(defn body [address answer]
  (match (string/split-once answer "\r\n\r\n")
    [None (Err (str address ": the answer is no HTTP"))]
    [(Some (Pair head body))
     (let [status (string/take 3 (string/drop 9 head))]
       (if (and (string/starts-with? head "HTTP/1.") (string/starts-with? status "2"))
         (Ok body)
         (Err (str address ": the answer is "
                   (option/get-or (vector/first (string/lines head)) "")))))]))
