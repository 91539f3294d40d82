; Tests of store.ecl and web.ecl; `eclexia test` runs them and the examples in docstrings.
(import project-name.store)
(import project-name.web)
(import std.http :as http)

(deftest "only who shows the password is let in"
  (let [asks (fn [headers] (http/Request {:method "POST" :path "/visits" :headers headers}))]
    (check (store/allowed? "secret" (asks {"authorization" "Bearer secret"})))
    (check (not (store/allowed? "secret" (asks {"authorization" "Bearer guess"}))))
    (check (not (store/allowed? "secret" (asks {}))))))

(deftest "a visitor is told the number"
  (check (string/contains? (.body (web/page "7")) "visitor 7")))

(deftest "what is no good answer of the store is an error"
  (check (= (web/said "HTTP/1.1 401 Unauthorized\r\n\r\nno") (Err "the store refuses")))
  (check (= (web/said "") (Err "the store's answer is no HTTP"))))
