(import std.deploy :all)
; The same, and the database may move.
(def small (NodeType {:name "small" :cpu 2cpu :memory 4GiB}))
(def large (NodeType {:name "large" :cpu 4cpu :memory 8GiB}))
(def cellar (Region {:name "cellar" :zones 1 :carbon 300gCO2e/kWh
                     :offers [(Offer {:node small :price 0.05USD/h})
                              (Offer {:node large :price 0.06USD/h})]}))

(defservice web {:image "web:1" :replicas 3 :requires {:cpu 1cpu :memory 1GiB}})
(defservice db {:image "postgres:17" :requires {:cpu 1cpu :memory 2GiB} :disruption-budget 1})

(defdeployment shop
  {:regions  [cellar]
   :movement {:cost 2USD :over 30day}
   :services [web db]})
