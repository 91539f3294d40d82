(import std.deploy :all)
(import cloud.aws :as aws)

(defbudget team {:cpu 6cpu :memory 12GiB :cost 300USD/month})

(defservice db
  {:image "postgres:16"
   :requires {:cpu 1cpu :memory 2GiB}
   :port 5432
   :protocol "postgres"})

(defservice api
  {:image "api:1.4"
   :needs [db]
   :port 8080
   :replicas (between 2 4)
   :requires {:cpu 500mcpu :memory 512MiB}})

(defdeployment prod
  {:budget team
   :regions [aws/eu-west-1]
   :services [db api]})
