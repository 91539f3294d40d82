; Amazon Web Services: regions and the machine types most often rented, each at its list price.
; Written by stdlib/catalog/generate.py from the tables beside it; their rows and README.md give the
; source and year of every figure.
; On-demand prices for Linux: us-east-1 of 2026-07-20, elsewhere of 2025, r6i of 2024.
; Amounts are what a kubelet leaves to pods; power is by the Cloud Carbon Footprint coefficients;
; carbon is the yearly mean of the grid as in Google's region-carbon-info of 2024, where named.
(module cloud.aws)
(import std.deploy :all)

(defn at "A machine type at a price." [node price] (Offer {:node node :price price}))

; ------------------------------------------------------------------------------------------- types
(def m6i-large
  (NodeType {:name "m6i.large" :cpu 1930mcpu :memory 6903MiB :network 781Mbit/s :idle 4.67W
             :power-per-core 2.992W/cpu :embodied 0.71gCO2e/h}))
(def m6i-xlarge
  (NodeType {:name "m6i.xlarge" :cpu 3920mcpu :memory 14162MiB :network 1562Mbit/s :idle 9.34W
             :power-per-core 2.992W/cpu :embodied 1.43gCO2e/h}))
(def m6i-2xlarge
  (NodeType {:name "m6i.2xlarge" :cpu 7910mcpu :memory 29317MiB :network 3125Mbit/s :idle 18.68W
             :power-per-core 2.992W/cpu :embodied 2.85gCO2e/h}))
(def m6i-4xlarge
  (NodeType {:name "m6i.4xlarge" :cpu 15890mcpu :memory 57691MiB :network 6250Mbit/s :idle 37.36W
             :power-per-core 2.992W/cpu :embodied 5.71gCO2e/h}))
(def c6i-xlarge
  (NodeType {:name "c6i.xlarge" :cpu 3920mcpu :memory 6584MiB :network 1562Mbit/s :idle 6.2W
             :power-per-core 2.992W/cpu :embodied 1.43gCO2e/h}))
(def c6i-2xlarge
  (NodeType {:name "c6i.2xlarge" :cpu 7910mcpu :memory 14162MiB :network 3125Mbit/s :idle 12.41W
             :power-per-core 2.992W/cpu :embodied 2.85gCO2e/h}))
(def r6i-xlarge
  (NodeType {:name "r6i.xlarge" :cpu 3920mcpu :memory 29317MiB :network 1562Mbit/s :idle 15.61W
             :power-per-core 2.992W/cpu :embodied 1.43gCO2e/h}))
(def r6i-2xlarge
  (NodeType {:name "r6i.2xlarge" :cpu 7910mcpu :memory 59627MiB :network 3125Mbit/s :idle 31.22W
             :power-per-core 2.992W/cpu :embodied 2.85gCO2e/h}))
(def m6g-large
  (NodeType {:name "m6g.large" :arch "arm64" :cpu 1930mcpu :memory 6844MiB :network 750Mbit/s
             :idle 4.08W :power-per-core 1.219W/cpu :embodied 0.71gCO2e/h}))
(def m6g-xlarge
  (NodeType {:name "m6g.xlarge" :arch "arm64" :cpu 3920mcpu :memory 14103MiB :network 1250Mbit/s
             :idle 8.17W :power-per-core 1.219W/cpu :embodied 1.43gCO2e/h}))
(def m6g-2xlarge
  (NodeType {:name "m6g.2xlarge" :arch "arm64" :cpu 7910mcpu :memory 29258MiB :network 2500Mbit/s
             :idle 16.34W :power-per-core 1.219W/cpu :embodied 2.85gCO2e/h}))
(def g4dn-xlarge
  (NodeType {:name "g4dn.xlarge" :cpu 3920mcpu :memory 14481MiB :gpu 1gpu :gpu-model "T4"
             :power-per-gpu 60W/gpu :network 5000Mbit/s :idle 19.03W :power-per-core 3.373W/cpu
             :embodied 5.71gCO2e/h}))
(def g6-2xlarge
  (NodeType {:name "g6.2xlarge" :cpu 7910mcpu :memory 29317MiB :gpu 1gpu :gpu-model "L4"
             :power-per-gpu 60W/gpu :network 5000Mbit/s :idle 28.19W :power-per-core 1.502W/cpu
             :embodied 7.13gCO2e/h}))

; ----------------------------------------------------------------------------------------- regions
(def us-east-1
  (Region {:name "aws/us-east-1" :zones 6 :carbon 323.05gCO2e/kWh :pue 1.15 :latitude 38.95
           :longitude -77.45 :source "carbon Google 2024 us-east4; PUE AWS 2023; prices AWS 2026"
           :offers [(at m6i-large 0.096USD/h) (at m6i-xlarge 0.192USD/h) (at m6i-2xlarge 0.384USD/h)
                    (at m6i-4xlarge 0.768USD/h) (at c6i-xlarge 0.17USD/h) (at c6i-2xlarge 0.34USD/h)
                    (at r6i-xlarge 0.252USD/h) (at r6i-2xlarge 0.504USD/h) (at m6g-large 0.077USD/h)
                    (at m6g-xlarge 0.154USD/h) (at m6g-2xlarge 0.308USD/h)
                    (at g4dn-xlarge 0.526USD/h) (at g6-2xlarge 0.9776USD/h)]}))
(def us-west-2
  (Region {:name "aws/us-west-2" :zones 4 :carbon 79.23gCO2e/kWh :pue 1.15 :latitude 45.84
           :longitude -119.69
           :source "carbon Google 2024 us-west1; PUE AWS 2023; prices AWS 2024-2025"
           :offers [(at m6i-large 0.096USD/h) (at m6i-xlarge 0.192USD/h) (at m6i-2xlarge 0.384USD/h)
                    (at m6i-4xlarge 0.768USD/h) (at c6i-xlarge 0.17USD/h) (at c6i-2xlarge 0.34USD/h)
                    (at r6i-xlarge 0.252USD/h) (at r6i-2xlarge 0.504USD/h) (at m6g-large 0.077USD/h)
                    (at m6g-xlarge 0.154USD/h) (at m6g-2xlarge 0.308USD/h)
                    (at g4dn-xlarge 0.526USD/h) (at g6-2xlarge 0.9776USD/h)]}))
(def eu-west-1
  (Region {:name "aws/eu-west-1" :zones 3 :carbon 316.0gCO2e/kWh :pue 1.15 :latitude 53.35
           :longitude -6.26
           :source "carbon Cloud Carbon Footprint (EEA) Ireland; PUE AWS 2023; prices AWS 2024-2025"
           :offers [(at m6i-large 0.107USD/h) (at m6i-xlarge 0.214USD/h) (at m6i-2xlarge 0.428USD/h)
                    (at m6i-4xlarge 0.856USD/h) (at c6i-xlarge 0.1824USD/h)
                    (at c6i-2xlarge 0.3648USD/h) (at r6i-xlarge 0.282USD/h)
                    (at r6i-2xlarge 0.564USD/h) (at m6g-large 0.086USD/h) (at m6g-xlarge 0.172USD/h)
                    (at m6g-2xlarge 0.344USD/h) (at g4dn-xlarge 0.587USD/h)]}))
(def eu-central-1
  (Region {:name "aws/eu-central-1" :zones 3 :carbon 275.82gCO2e/kWh :pue 1.15 :latitude 50.11
           :longitude 8.68
           :source "carbon Google 2024 europe-west3; PUE AWS 2023; prices AWS 2024-2025"
           :offers [(at m6i-large 0.115USD/h) (at m6i-xlarge 0.23USD/h) (at m6i-2xlarge 0.46USD/h)
                    (at m6i-4xlarge 0.92USD/h) (at c6i-xlarge 0.194USD/h)
                    (at c6i-2xlarge 0.388USD/h) (at r6i-xlarge 0.304USD/h)
                    (at r6i-2xlarge 0.608USD/h) (at m6g-large 0.092USD/h) (at m6g-xlarge 0.184USD/h)
                    (at m6g-2xlarge 0.368USD/h) (at g4dn-xlarge 0.658USD/h)
                    (at g6-2xlarge 1.22249USD/h)]}))
(def eu-north-1
  (Region {:name "aws/eu-north-1" :zones 3 :carbon 2.73gCO2e/kWh :pue 1.15 :latitude 59.33
           :longitude 18.07
           :source "carbon Google 2024 europe-north2; PUE AWS 2023; prices AWS 2024-2025"
           :offers [(at m6i-large 0.102USD/h) (at m6i-xlarge 0.204USD/h) (at m6i-2xlarge 0.408USD/h)
                    (at m6i-4xlarge 0.816USD/h) (at c6i-xlarge 0.182USD/h)
                    (at c6i-2xlarge 0.364USD/h) (at r6i-xlarge 0.268USD/h)
                    (at r6i-2xlarge 0.536USD/h) (at m6g-large 0.082USD/h) (at m6g-xlarge 0.164USD/h)
                    (at m6g-2xlarge 0.328USD/h) (at g4dn-xlarge 0.558USD/h)
                    (at g6-2xlarge 1.03688USD/h)]}))
(def ap-northeast-1
  (Region {:name "aws/ap-northeast-1" :zones 3 :carbon 452.85gCO2e/kWh :pue 1.15 :latitude 35.68
           :longitude 139.77
           :source "carbon Google 2024 asia-northeast1; PUE AWS 2023; prices AWS 2024-2025"
           :offers [(at m6i-large 0.124USD/h) (at m6i-xlarge 0.248USD/h) (at m6i-2xlarge 0.496USD/h)
                    (at m6i-4xlarge 0.992USD/h) (at c6i-xlarge 0.214USD/h)
                    (at c6i-2xlarge 0.428USD/h) (at r6i-xlarge 0.304USD/h)
                    (at r6i-2xlarge 0.608USD/h) (at m6g-large 0.099USD/h) (at m6g-xlarge 0.198USD/h)
                    (at m6g-2xlarge 0.396USD/h) (at g4dn-xlarge 0.71USD/h)
                    (at g6-2xlarge 1.41781USD/h)]}))
