(module web.router :exports [route])
(import text.case)

(defn route "The path of a page." [page] (str "/" (case/loud page)))

(deftest "a route begins with a slash" (check (= (route "a") "/a!")))
