(import std.deploy :all)

(defbudget team {:cpu 4cpu :memory 8GiB :cost 200USD/month})
(defservice web {:image "web:1.0" :replicas 2 :requires {:cpu 500mcpu :memory 512MiB}})
(defdeployment prod {:budget team :regions [aws/eu-west-1] :services [web]})
