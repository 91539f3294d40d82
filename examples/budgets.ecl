; Budgets: what an account limits, how a deployment is funded from it, and how a tight budget
; decides between variants.
;
; `team` could pay for the cores and the memory of the full search (4 cores and 6 GiB, exactly all
; of it), but not for machines that hold them: those cost 179.58 dollars a month. So the plan takes
; the lean search. `eclexia prices` says what more money would be worth, and
; `eclexia what-if 'team.cost += 30USD/month'` shows the plan turn to the full one.
(module budgets)
(import std.deploy :all)

(defbudget team
  {:cpu    4cpu
   :memory 6GiB
   :cost   150USD/month
   :carbon 4kgCO2e/month
   :nodes  2})

; An account of its own: what staging takes can't overdraw the team's.
(defbudget spare {:cpu 1cpu :memory 1GiB :cost 60USD/month})

(defservice web
  {:image    "registry.example/shop/web:3.2"
   :replicas 2
   :port     8080
   :needs    [search]
   :requires {:cpu 500mcpu :memory 512MiB}
   :health   (http "/health")})

(defservice search
  {:image    "registry.example/shop/search:3.2"
   :port     9200
   :health   (http "/_cluster/health")
   :variants
   [(variant "full" {:requires {:cpu 2cpu :memory 4GiB} :provides {:latency 20ms}})
    (variant "lean"
      {:requires {:cpu 1cpu :memory 2GiB}
       :provides {:latency 60ms}
       :penalty  70USD/month})]})

(defservice worker
  {:image    "registry.example/shop/worker:3.2"
   :needs    [search]
   :requires {:cpu 1cpu :memory 1GiB}})

(defdeployment prod
  {:budget   team
   :regions  [aws/eu-north-1]
   :strategy (minimize {:cost 1.0})
   :services [web search worker]})

; Values are computed like any others: staging is the same worker, smaller.
(defservice trial-worker
  {:image    "registry.example/shop/worker:3.3-rc1"
   :requires {:cpu 500mcpu :memory 512MiB}})

(defdeployment staging
  {:budget   spare
   :regions  [aws/eu-north-1]
   :services [trial-worker]})
