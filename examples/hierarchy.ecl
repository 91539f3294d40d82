; A hierarchy of budgets: an organisation, its teams, their services. What stands here as a number
; is checked before anything runs; what is computed is asked at run time, with both answers handled.
;
; `eclexia check` adds everything up. Raise `search` to 3cpu, and it says which lines overspend;
; `eclexia run` shows the same budgets as values.
(module hierarchy)
(import std.deploy :all)

(defbudget organisation {:cpu 12cpu :memory 32GiB :cost 500USD/month})

; A part of the organisation's account, whole: nobody else can have it. What a team does not limit
; itself, here money, comes out of the account above.
(defbudget shop-team {:cpu 8cpu :memory 20GiB} :from organisation)
(defbudget data-team {:cpu 3cpu :memory 8GiB} :from organisation)

; ---------------------------------------------------------------------- deployments from functions

; A function says what it needs: exactly two cores, and whatever memory it is given, from 1 GiB on.
(sig web-app (Fn [String (Budget {:cpu 2cpu :memory (at-least m 1GiB)})] Deployment))
(defn web-app "A small web application, paid by a budget of its own." [name money]
  (deployment name
    {:budget   money
     :regions  [aws/eu-north-1]
     :services [(service "web" {:image    "registry.example/shop/web:3.2"
                                :port     8080
                                :replicas 2
                                :requires {:cpu 1cpu :memory 512MiB}})]}))

; Two drawn budgets, and a deployment that takes its own account.
(def shop (web-app "shop" (draw shop-team {:cpu 2cpu :memory 2GiB})))
(def blog (web-app "blog" (draw shop-team {:cpu 2cpu :memory 1GiB})))

(defservice search
  {:image    "registry.example/shop/search:3.2"
   :replicas (between 2 4)
   :requires {:cpu 2cpu :memory 4GiB}})
(defdeployment searching {:budget shop-team :regions [aws/eu-north-1] :services [search]})

(defservice warehouse
  {:image    "registry.example/data/warehouse:1.0"
   :variants [(variant "full" {:requires {:cpu 6cpu :memory 8GiB} :provides {:latency 50ms}})
              (variant "small" {:requires {:cpu 2cpu :memory 4GiB} :provides {:latency 150ms}})]})
(defdeployment analysis {:budget data-team :regions [aws/eu-north-1] :services [warehouse]})

; ------------------------------------------------------------------------------ budgets as values

; Whatever it is given from one core on, it spends one and gives the rest back.
(sig build (Fn [(Budget {:cpu (at-least n 1cpu)})] (Budget {:cpu (- n 1cpu)})))
(defn build "Spends a core." [money] (spend money {:cpu 1cpu}))

; How often is not known before it runs, so each turn asks.
(sig builds (Fn [(Budget) Int] Int))
(defn builds "Builds as often as the budget allows." [money done]
  (match (split? money {:cpu 1cpu})
    [(Ok (Pair part rest)) (release (build part)) (builds rest (+ done 1))]
    [(Err rest) (release rest) done]))

(defn main [world]
  (let [team (budget (.treasury world) {:cpu 4cpu})
        (Pair web rest) (split team {:cpu 3cpu})
        web-left (build (build web))]
    (print "left of web: " &web-left)
    (let [left (merge web-left rest)]
      (print "builds in " &left ": " (builds left 0)))))

(deftest "exactly the limit can be spent"
  (let [left (spend (draw organisation {:cpu 500mcpu}) {:cpu 0.5cpu})]
    (check (= "{}" (show &left)))
    (release left)))
