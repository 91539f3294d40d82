(module shop)
(import std.deploy :all)

(defbudget team {:cpu 4cpu :memory 6GiB :cost 120USD/month})

(defservice web
  {:image    "web:1"
   :replicas (between 2 4)
   :demand   90req/s
   :requires {:cpu 500mcpu :memory 512MiB}
   :provides {:latency 80ms :throughput 40req/s}})

(defservice db
  {:image    "postgres:16"
   :variants [(variant "large" {:requires {:cpu 1cpu :memory 6GiB}})
              (variant "small" {:requires {:cpu 1cpu :memory 2GiB} :penalty 40USD/month})]})

(defdeployment prod
  {:budget   team
   :regions  [aws/eu-north-1]
   :nodes    ["m6i.large" "m6g.large"]
   :strategy (minimize {:cost 1.0})
   :services [web db]})
