(import std.deploy :all)
(import cloud.aws :as aws)
(import web.ports :as ports)

(defservice site
  {:image "site:1"
   :port ports/site
   :requires {:cpu 500mcpu :memory 512MiB}})

(defdeployment prod
  {:regions [aws/eu-west-1]
   :services [site]})
