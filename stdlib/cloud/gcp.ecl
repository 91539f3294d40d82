; Google Cloud: regions and the machine types most often rented, each at its list price.
; Written by stdlib/catalog/generate.py from the tables beside it; their rows and README.md give the
; source and year of every figure.
; On-demand prices of 2025; t2a and g2 of 2024.
; Amounts are what a kubelet leaves to pods; power is by the Cloud Carbon Footprint coefficients;
; carbon is the yearly mean of the grid as in Google's region-carbon-info of 2024, where named.
(module cloud.gcp)
(import std.deploy :all)

(defn at "A machine type at a price." [node price] (Offer {:node node :price price}))

; ------------------------------------------------------------------------------------------- types
(def e2-standard-2
  (NodeType {:name "e2-standard-2" :cpu 1920mcpu :memory 6093MiB :network 4000Mbit/s :idle 4.67W
             :power-per-core 2.992W/cpu :embodied 0.71gCO2e/h}))
(def e2-standard-4
  (NodeType {:name "e2-standard-4" :cpu 3900mcpu :memory 13466MiB :network 8000Mbit/s :idle 9.34W
             :power-per-core 2.992W/cpu :embodied 1.43gCO2e/h}))
(def e2-standard-8
  (NodeType {:name "e2-standard-8" :cpu 7890mcpu :memory 28867MiB :network 16000Mbit/s :idle 18.68W
             :power-per-core 2.992W/cpu :embodied 2.85gCO2e/h}))
(def e2-standard-16
  (NodeType {:name "e2-standard-16" :cpu 15870mcpu :memory 59669MiB :network 16000Mbit/s
             :idle 37.36W :power-per-core 2.992W/cpu :embodied 5.71gCO2e/h}))
(def n2-standard-4
  (NodeType {:name "n2-standard-4" :cpu 3900mcpu :memory 13466MiB :network 10000Mbit/s :idle 9.34W
             :power-per-core 2.992W/cpu :embodied 1.43gCO2e/h}))
(def n2-standard-8
  (NodeType {:name "n2-standard-8" :cpu 7890mcpu :memory 28867MiB :network 16000Mbit/s :idle 18.68W
             :power-per-core 2.992W/cpu :embodied 2.85gCO2e/h}))
(def n2-highmem-4
  (NodeType {:name "n2-highmem-4" :cpu 3900mcpu :memory 28867MiB :network 10000Mbit/s :idle 15.61W
             :power-per-core 2.992W/cpu :embodied 1.43gCO2e/h}))
(def n2-highmem-8
  (NodeType {:name "n2-highmem-8" :cpu 7890mcpu :memory 59669MiB :network 16000Mbit/s :idle 31.22W
             :power-per-core 2.992W/cpu :embodied 2.85gCO2e/h}))
(def n2-highcpu-4
  (NodeType {:name "n2-highcpu-4" :cpu 3900mcpu :memory 2817MiB :network 10000Mbit/s :idle 4.64W
             :power-per-core 2.992W/cpu :embodied 1.43gCO2e/h}))
(def n2-highcpu-8
  (NodeType {:name "n2-highcpu-8" :cpu 7890mcpu :memory 6093MiB :network 16000Mbit/s :idle 9.27W
             :power-per-core 2.992W/cpu :embodied 2.85gCO2e/h}))
(def t2a-standard-4
  (NodeType {:name "t2a-standard-4" :arch "arm64" :cpu 3900mcpu :memory 13466MiB
             :network 10000Mbit/s :idle 8.17W :power-per-core 1.219W/cpu :embodied 1.43gCO2e/h}))
(def g2-standard-4
  (NodeType {:name "g2-standard-4" :cpu 3900mcpu :memory 13466MiB :gpu 1gpu :gpu-model "L4"
             :power-per-gpu 60W/gpu :network 10000Mbit/s :idle 21.03W :power-per-core 3.373W/cpu
             :embodied 5.71gCO2e/h}))

; ----------------------------------------------------------------------------------------- regions
(def us-central1
  (Region {:name "gcp/us-central1" :zones 4 :carbon 412.72gCO2e/kWh :pue 1.09 :latitude 41.26
           :longitude -95.86
           :source "carbon Google 2024 us-central1; PUE Google 2024; prices Google 2024-2025"
           :offers [(at e2-standard-2 0.06701USD/h) (at e2-standard-4 0.13402USD/h)
                    (at e2-standard-8 0.26804USD/h) (at e2-standard-16 0.53608USD/h)
                    (at n2-standard-4 0.194236USD/h) (at n2-standard-8 0.388472USD/h)
                    (at n2-highmem-4 0.262028USD/h) (at n2-highmem-8 0.524056USD/h)
                    (at n2-highcpu-4 0.143392USD/h) (at n2-highcpu-8 0.286784USD/h)
                    (at t2a-standard-4 0.154USD/h) (at g2-standard-4 0.7068USD/h)]}))
(def us-east1
  (Region {:name "gcp/us-east1" :zones 3 :carbon 575.77gCO2e/kWh :pue 1.09 :latitude 33.2
           :longitude -80.01
           :source "carbon Google 2024 us-east1; PUE Google 2024; prices Google 2024-2025"
           :offers [(at e2-standard-2 0.06701USD/h) (at e2-standard-4 0.13402USD/h)
                    (at e2-standard-8 0.26804USD/h) (at e2-standard-16 0.53608USD/h)
                    (at n2-standard-4 0.194236USD/h) (at n2-standard-8 0.388472USD/h)
                    (at n2-highmem-4 0.262028USD/h) (at n2-highmem-8 0.524056USD/h)
                    (at n2-highcpu-4 0.143392USD/h) (at n2-highcpu-8 0.286784USD/h)
                    (at g2-standard-4 0.7068USD/h)]}))
(def europe-north1
  (Region {:name "gcp/europe-north1" :zones 3 :carbon 39.32gCO2e/kWh :pue 1.09 :latitude 60.57
           :longitude 27.19
           :source "carbon Google 2024 europe-north1; PUE Google 2024; prices Google 2025"
           :offers [(at e2-standard-2 0.07378USD/h) (at e2-standard-4 0.14756USD/h)
                    (at e2-standard-8 0.29512USD/h) (at e2-standard-16 0.59024USD/h)
                    (at n2-standard-4 0.213848USD/h) (at n2-standard-8 0.427696USD/h)
                    (at n2-highmem-4 0.288472USD/h) (at n2-highmem-8 0.576944USD/h)
                    (at n2-highcpu-4 0.15788USD/h) (at n2-highcpu-8 0.31576USD/h)]}))
(def europe-west1
  (Region {:name "gcp/europe-west1" :zones 3 :carbon 103.37gCO2e/kWh :pue 1.09 :latitude 50.45
           :longitude 3.82
           :source "carbon Google 2024 europe-west1; PUE Google 2024; prices Google 2025"
           :offers [(at e2-standard-2 0.073715USD/h) (at e2-standard-4 0.14743USD/h)
                    (at e2-standard-8 0.29486USD/h) (at e2-standard-16 0.58972USD/h)
                    (at n2-standard-4 0.213668USD/h) (at n2-standard-8 0.427336USD/h)
                    (at n2-highmem-4 0.288244USD/h) (at n2-highmem-8 0.576488USD/h)
                    (at n2-highcpu-4 0.157736USD/h) (at n2-highcpu-8 0.315472USD/h)]}))
(def europe-west4
  (Region {:name "gcp/europe-west4" :zones 3 :carbon 208.81gCO2e/kWh :pue 1.09 :latitude 53.44
           :longitude 6.83
           :source "carbon Google 2024 europe-west4; PUE Google 2024; prices Google 2025"
           :offers [(at e2-standard-2 0.07377USD/h) (at e2-standard-4 0.14754USD/h)
                    (at e2-standard-8 0.29508USD/h) (at e2-standard-16 0.59016USD/h)
                    (at n2-standard-4 0.213832USD/h) (at n2-standard-8 0.427664USD/h)
                    (at n2-highmem-4 0.288456USD/h) (at n2-highmem-8 0.576912USD/h)
                    (at n2-highcpu-4 0.157864USD/h) (at n2-highcpu-8 0.315728USD/h)]}))
(def asia-northeast1
  (Region {:name "gcp/asia-northeast1" :zones 3 :carbon 452.85gCO2e/kWh :pue 1.09 :latitude 35.68
           :longitude 139.77
           :source "carbon Google 2024 asia-northeast1; PUE Google 2024; prices Google 2025"
           :offers [(at e2-standard-2 0.085965USD/h) (at e2-standard-4 0.17193USD/h)
                    (at e2-standard-8 0.34386USD/h) (at e2-standard-16 0.68772USD/h)
                    (at n2-standard-4 0.249176USD/h) (at n2-standard-8 0.498352USD/h)
                    (at n2-highmem-4 0.33588USD/h) (at n2-highmem-8 0.67176USD/h)
                    (at n2-highcpu-4 0.184148USD/h) (at n2-highcpu-8 0.368296USD/h)]}))
