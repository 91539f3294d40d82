; Programs that serve HTTP, for who holds the network:
; `(http/serve (.network world) address handle)` answers each request with what a function makes of
; it, one after the other, for ever.
;
; HTTP/1.1 with connections that stay open, up to 256 of them; a client that is slow or gone holds
; up nobody. A head has at most 64 KiB, a body 1 MiB of text in UTF-8, and a request is whole within
; 30 s; what is not is refused before the program sees it. HEAD is handled as GET, and the body is
; not sent. There is no TLS, no `date` in answers, since a program that has no clock tells no time,
; and one header of a name.
(module std.http
  :exports [Request Response serve serve-with text html json redirect not-found header with-header
            segments])
(import std.json :as json-text)

(defrecord Request
  "What a client asks: path and query are decoded, names of headers are in lower case."
  {:method  String              := "GET"
   :path    String              := "/"
   :query   (Map String String) := {}
   :headers (Map String String) := {}
   :body    String              := ""}
  :deriving [Eq Show])

; The run time knows the order of these.
(defrecord Response "What a client is told; how long the body is, is added."
  {:status Int := 200 :headers (Map String String) := {} :body String := ""}
  :deriving [Eq Show])

(defalias Headers (Map String String))
(defalias Asked (Pair (Pair (Pair String String) Headers) (Pair Headers String)))
(builtin next (Fn [Network String (Option Response)] (Result (Option Asked) String)))

(sig serve (Fn [Network String (Fn [Request] Response)] (Result Never String)))
(defn serve
  "Listens at `host:port` and answers each request with what `handle` gives for it, until the
program is ended; an error says why it cannot listen there. The host \"0.0.0.0\" is all of this
machine's.
> (fn [net] (http/serve net \"127.0.0.1:8080\" (fn [r] (http/text 200 (.path r)))))"
  [network address handle]
  (serve-with network address unit (fn [_ request] (Pair (handle request) unit))))

(sig serve-with
  (Fn [Network String a (Fn [a Request] (Pair Response a))] (Result Never String))
  :where [(Unr a)])
(defn serve-with
  "As `serve`, with a value that goes from each request to the next: at first `state`, then what
`handle` gives beside its answer.
> (fn [net] (http/serve-with net \"[::1]:80\" 1 (fn [n _] (Pair (http/text 200 (str n)) (+ n 1)))))"
  [network address state handle]
  (loop [answer None state state]
    (match (next network address answer)
      [(Err why) (Err why)]
      ; The run is to end, and does at one of its next steps.
      [(Ok None) (recur None state)]
      [(Ok (Some (Pair (Pair (Pair method path) query) (Pair headers body))))
       (let [request (Request {:method method :path path :query query :headers headers :body body})
             (Pair response state) (handle state request)]
         (recur (Some response) state))])))

(defn of-type [status type body]
  (Response {:status status :headers {"content-type" type} :body body}))
(defn text "An answer in plain text.
> (.body (http/text 200 \"hello\")) => \"hello\""
  [status body]
  (of-type status "text/plain; charset=utf-8" body))
(defn html "An answer that is a page.
> (.headers (http/html 200 \"<p>hello\")) => {\"content-type\" \"text/html; charset=utf-8\"}"
  [status body]
  (of-type status "text/html; charset=utf-8" body))
(defn json "An answer that is a value, in JSON.
> (.body (http/json 200 {\"n\" 1})) => \"{\\\"n\\\":1}\""
  [status value]
  (of-type status "application/json" (json-text/print (to-json value))))
(defn redirect "An answer that sends the client elsewhere, to be asked for with GET.
> (.status (http/redirect \"/login\")) => 303"
  [location]
  (Response {:status 303 :headers {"location" location}}))
(def not-found "The answer for a path that leads nowhere.
> (.status http/not-found) => 404"
  (text 404 "not found\n"))

(sig header (Fn [Request String] (Option String)))
(defn header "A header of a request; of its name, upper and lower case are the same.
> (http/header (http/Request {:headers {\"accept\" \"*/*\"}}) \"Accept\") => (Some \"*/*\")"
  [request name]
  (map/get (.headers request) (string/lower name)))
(sig with-header (Fn [Response String String] Response))
(defn with-header "An answer with one more header, or another value of it.
> (.headers (http/with-header (http/Response {}) \"Allow\" \"GET\")) => {\"allow\" \"GET\"}"
  [response name value]
  (with-fields response {:headers (map/insert (.headers response) (string/lower name) value)}))
(defn segments "The parts of a request's path, to be matched.
> (http/segments (http/Request {:path \"/orders/7\"})) => [\"orders\" \"7\"]"
  [request]
  (vector/filter (fn [part] (not= part "")) (string/split (.path request) "/")))
