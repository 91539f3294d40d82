(import std.deploy :all)
(import web.router)
(import shop.prices)

(defservice web {:image "web:1.0" :requires {:cpu 500mcpu :memory 512MiB} :port 8080})
(defdeployment prod {:regions [aws/eu-west-1] :strategy (strategy "green") :services [web]})

(defn main [world] (print (str (router/route "items") " " (prices/of 2))))
