; project-name: one service, its budget, and where it may run. In this folder:
;
;   eclexia check    types, budgets and deployments
;   eclexia plan     the cheapest plan, proved, and what each limit is worth
;   eclexia test     the tests, and the examples in docstrings
;   eclexia run      `main`

(import std.deploy :all)

(defbudget team {:cpu 4cpu :memory 8GiB :cost 200USD/month})

(defservice web
  {:image    "web:1.0"
   :replicas (between 2 4)
   :requires {:cpu 500mcpu :memory 512MiB}
   :port     8080
   :health   (http "/health" :every 15s)})

(defdeployment prod
  {:budget   team
   :regions  [aws/eu-west-1]
   :services [web]})

(defn greeting "What `main` says.\n> (greeting \"you\") => \"Hello, you!\"" [name]
  (str "Hello, " name "!"))

(defn main [world] (print (greeting "project-name")))
