(import std.deploy :all)

(defservice web
  {:image "web:1.0" :requires {:cpu 500mcpu :memory 512MiB}})

(defdeployment prod
  {:regions  [aws/eu-west-1]
   :strategy (strategy "green")
   :services [web]})
