; Tests of main.ecl; `eclexia test` runs them and the examples in docstrings.
(import main)
(import std.http :as http)

(deftest "it greets by name"
  (check (= (.body (main/answer (http/Request {:path "/hello" :query {"name" "Ada"}})))
            "Hello, Ada!\n")))

(deftest "nothing else is there"
  (check (= (main/answer (http/Request {:path "/x"})) http/not-found)))
