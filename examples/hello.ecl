; Hello: one file with both halves of the language. `eclexia run examples/hello.ecl Ada` runs
; `main`; `eclexia plan examples/hello.ecl` finds the cheapest machine for a web server within a
; budget.
;
; The budget is tight on purpose: in Stockholm the cheapest machine costs 59.86 dollars a month.
(module hello)
(import std.deploy :all)

(sig greeting (Fn [String] String))
(defn greeting "What is said to `name`." [name] (str "Hello, " name "!"))

(deftest "a greeting names whom it greets" (check (= (greeting "Ada") "Hello, Ada!")))

(defn main [world]
  (match (.args world)
    [[name & _] (print (greeting name))]
    [_ (print (greeting "world"))]))

(defbudget pocket {:cpu 500mcpu :memory 256MiB :cost 60USD/month})

(defservice web
  {:image    "nginxinc/nginx-unprivileged:1.27"
   :port     8080
   :requires {:cpu 250mcpu :memory 64MiB}
   :health   (http "/")})

(defdeployment prod
  {:budget   pocket
   :regions  [aws/eu-north-1]
   :strategy (minimize {:cost 1.0})
   :services [web]})
