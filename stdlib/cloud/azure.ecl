; Microsoft Azure: regions and the machine types most often rented, each at its list price.
; Written by stdlib/catalog/generate.py from the tables beside it; their rows and README.md give the
; source and year of every figure.
; On-demand prices for Linux of 2026-06-18.
; Amounts are what a kubelet leaves to pods; power is by the Cloud Carbon Footprint coefficients;
; carbon is the yearly mean of the grid as in Google's region-carbon-info of 2024, where named.
(module cloud.azure)
(import std.deploy :all)

(defn at "A machine type at a price." [node price] (Offer {:node node :price price}))

; ------------------------------------------------------------------------------------------- types
(def d2s-v5
  (NodeType {:name "D2s_v5" :cpu 1920mcpu :memory 6093MiB :network 12500Mbit/s :idle 4.67W
             :power-per-core 2.992W/cpu :embodied 0.71gCO2e/h}))
(def d4s-v5
  (NodeType {:name "D4s_v5" :cpu 3900mcpu :memory 13466MiB :network 12500Mbit/s :idle 9.34W
             :power-per-core 2.992W/cpu :embodied 1.43gCO2e/h}))
(def d8s-v5
  (NodeType {:name "D8s_v5" :cpu 7890mcpu :memory 28867MiB :network 12500Mbit/s :idle 18.68W
             :power-per-core 2.992W/cpu :embodied 2.85gCO2e/h}))
(def d16s-v5
  (NodeType {:name "D16s_v5" :cpu 15870mcpu :memory 59669MiB :network 12500Mbit/s :idle 37.36W
             :power-per-core 2.992W/cpu :embodied 5.71gCO2e/h}))
(def d4as-v5
  (NodeType {:name "D4as_v5" :cpu 3900mcpu :memory 13466MiB :network 12500Mbit/s :idle 8.09W
             :power-per-core 1.502W/cpu :embodied 1.43gCO2e/h}))
(def d8as-v5
  (NodeType {:name "D8as_v5" :cpu 7890mcpu :memory 28867MiB :network 12500Mbit/s :idle 16.19W
             :power-per-core 1.502W/cpu :embodied 2.85gCO2e/h}))
(def e4s-v5
  (NodeType {:name "E4s_v5" :cpu 3900mcpu :memory 28867MiB :network 12500Mbit/s :idle 15.61W
             :power-per-core 2.992W/cpu :embodied 1.43gCO2e/h}))
(def e8s-v5
  (NodeType {:name "E8s_v5" :cpu 7890mcpu :memory 59669MiB :network 12500Mbit/s :idle 31.22W
             :power-per-core 2.992W/cpu :embodied 2.85gCO2e/h}))
(def f4s-v2
  (NodeType {:name "F4s_v2" :cpu 3900mcpu :memory 6093MiB :network 10000Mbit/s :idle 5.9W
             :power-per-core 3.373W/cpu :embodied 1.43gCO2e/h}))
(def f8s-v2
  (NodeType {:name "F8s_v2" :cpu 7890mcpu :memory 13466MiB :network 12500Mbit/s :idle 11.8W
             :power-per-core 3.373W/cpu :embodied 2.85gCO2e/h}))
(def d2ps-v5
  (NodeType {:name "D2ps_v5" :arch "arm64" :cpu 1920mcpu :memory 6093MiB :network 12500Mbit/s
             :idle 4.08W :power-per-core 1.219W/cpu :embodied 0.71gCO2e/h}))
(def d4ps-v5
  (NodeType {:name "D4ps_v5" :arch "arm64" :cpu 3900mcpu :memory 13466MiB :network 12500Mbit/s
             :idle 8.17W :power-per-core 1.219W/cpu :embodied 1.43gCO2e/h}))
(def nc4as-t4-v3
  (NodeType {:name "NC4as_T4_v3" :cpu 3900mcpu :memory 25017MiB :gpu 1gpu :gpu-model "T4"
             :power-per-gpu 60W/gpu :network 8000Mbit/s :idle 22.8W :power-per-core 1.502W/cpu
             :embodied 5.71gCO2e/h}))
(def nc24ads-a100-v4
  (NodeType {:name "NC24ads_A100_v4" :cpu 23850mcpu :memory 213597MiB :gpu 1gpu :gpu-model "A100"
             :power-per-gpu 250W/gpu :network 20000Mbit/s :idle 147.17W :power-per-core 1.502W/cpu
             :embodied 12.84gCO2e/h}))

; ----------------------------------------------------------------------------------------- regions
(def eastus
  (Region {:name "azure/eastus" :zones 3 :carbon 323.05gCO2e/kWh :pue 1.16 :latitude 37.37
           :longitude -79.82 :source "carbon Google 2024 us-east4; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.096USD/h) (at d4s-v5 0.192USD/h) (at e4s-v5 0.252USD/h)
                    (at d8s-v5 0.384USD/h) (at e8s-v5 0.504USD/h) (at d16s-v5 0.768USD/h)
                    (at d4as-v5 0.172USD/h) (at d8as-v5 0.344USD/h) (at d2ps-v5 0.077USD/h)
                    (at d4ps-v5 0.154USD/h) (at f4s-v2 0.169USD/h) (at f8s-v2 0.338USD/h)
                    (at nc4as-t4-v3 0.526USD/h) (at nc24ads-a100-v4 3.673USD/h)]}))
(def westus2
  (Region {:name "azure/westus2" :zones 3 :carbon 79.23gCO2e/kWh :pue 1.16 :latitude 47.23
           :longitude -119.85 :source "carbon Google 2024 us-west1; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.096USD/h) (at d4s-v5 0.192USD/h) (at e4s-v5 0.252USD/h)
                    (at d8s-v5 0.384USD/h) (at e8s-v5 0.504USD/h) (at d16s-v5 0.768USD/h)
                    (at d4as-v5 0.172USD/h) (at d8as-v5 0.344USD/h) (at d2ps-v5 0.077USD/h)
                    (at d4ps-v5 0.154USD/h) (at f4s-v2 0.169USD/h) (at f8s-v2 0.338USD/h)
                    (at nc4as-t4-v3 0.526USD/h) (at nc24ads-a100-v4 3.673USD/h)]}))
(def centralus
  (Region {:name "azure/centralus" :zones 3 :carbon 412.72gCO2e/kWh :pue 1.16 :latitude 41.59
           :longitude -93.62 :source "carbon Google 2024 us-central1; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.108USD/h) (at d4s-v5 0.217USD/h) (at e4s-v5 0.285USD/h)
                    (at d8s-v5 0.434USD/h) (at e8s-v5 0.57USD/h) (at d16s-v5 0.868USD/h)
                    (at d4as-v5 0.194USD/h) (at d8as-v5 0.389USD/h) (at d2ps-v5 0.087USD/h)
                    (at d4ps-v5 0.174USD/h) (at f4s-v2 0.204USD/h) (at f8s-v2 0.408USD/h)
                    (at nc4as-t4-v3 0.594USD/h) (at nc24ads-a100-v4 4.15USD/h)]}))
(def canadacentral
  (Region {:name "azure/canadacentral" :zones 3 :carbon 58.56gCO2e/kWh :pue 1.17 :latitude 43.65
           :longitude -79.38
           :source "carbon Google 2024 northamerica-northeast2; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.107USD/h) (at d4s-v5 0.214USD/h) (at e4s-v5 0.276USD/h)
                    (at d8s-v5 0.428USD/h) (at e8s-v5 0.552USD/h) (at d16s-v5 0.856USD/h)
                    (at d4as-v5 0.192USD/h) (at d8as-v5 0.384USD/h) (at d2ps-v5 0.0856USD/h)
                    (at d4ps-v5 0.171USD/h) (at f4s-v2 0.185USD/h) (at f8s-v2 0.371USD/h)
                    (at nc4as-t4-v3 0.584USD/h) (at nc24ads-a100-v4 4.408USD/h)]}))
(def brazilsouth
  (Region {:name "azure/brazilsouth" :zones 3 :carbon 67.32gCO2e/kWh :pue 1.18 :latitude -23.55
           :longitude -46.63
           :source "carbon Google 2024 southamerica-east1; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.153USD/h) (at d4s-v5 0.306USD/h) (at e4s-v5 0.402USD/h)
                    (at d8s-v5 0.612USD/h) (at e8s-v5 0.804USD/h) (at d16s-v5 1.224USD/h)
                    (at d4as-v5 0.276USD/h) (at d8as-v5 0.552USD/h) (at f4s-v2 0.262USD/h)
                    (at f8s-v2 0.524USD/h) (at nc4as-t4-v3 0.894USD/h)
                    (at nc24ads-a100-v4 7.346USD/h)]}))
(def northeurope
  (Region {:name "azure/northeurope" :zones 3 :carbon 316.0gCO2e/kWh :pue 1.18 :latitude 53.35
           :longitude -6.26
           :source "carbon Cloud Carbon Footprint (EEA) Ireland; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.107USD/h) (at d4s-v5 0.214USD/h) (at e4s-v5 0.282USD/h)
                    (at d8s-v5 0.428USD/h) (at e8s-v5 0.564USD/h) (at d16s-v5 0.856USD/h)
                    (at d4as-v5 0.192USD/h) (at d8as-v5 0.384USD/h) (at d2ps-v5 0.086USD/h)
                    (at d4ps-v5 0.172USD/h) (at f4s-v2 0.192USD/h) (at f8s-v2 0.384USD/h)
                    (at nc4as-t4-v3 0.587USD/h) (at nc24ads-a100-v4 4.408USD/h)]}))
(def westeurope
  (Region {:name "azure/westeurope" :zones 3 :carbon 208.81gCO2e/kWh :pue 1.14 :latitude 52.37
           :longitude 4.9 :source "carbon Google 2024 europe-west4; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.115USD/h) (at d4s-v5 0.23USD/h) (at e4s-v5 0.304USD/h)
                    (at d8s-v5 0.46USD/h) (at e8s-v5 0.608USD/h) (at d16s-v5 0.92USD/h)
                    (at d4as-v5 0.208USD/h) (at d8as-v5 0.416USD/h) (at d2ps-v5 0.092USD/h)
                    (at d4ps-v5 0.184USD/h) (at f4s-v2 0.194USD/h) (at f8s-v2 0.388USD/h)
                    (at nc4as-t4-v3 0.658USD/h) (at nc24ads-a100-v4 4.775USD/h)]}))
(def uksouth
  (Region {:name "azure/uksouth" :zones 3 :carbon 105.94gCO2e/kWh :pue 1.18 :latitude 51.51
           :longitude -0.13 :source "carbon Google 2024 europe-west2; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.111USD/h) (at d4s-v5 0.222USD/h) (at e4s-v5 0.296USD/h)
                    (at d8s-v5 0.444USD/h) (at e8s-v5 0.592USD/h) (at d16s-v5 0.888USD/h)
                    (at d4as-v5 0.2USD/h) (at d8as-v5 0.4USD/h) (at d2ps-v5 0.0888USD/h)
                    (at d4ps-v5 0.178USD/h) (at f4s-v2 0.202USD/h) (at f8s-v2 0.404USD/h)
                    (at nc4as-t4-v3 0.615USD/h) (at nc24ads-a100-v4 4.591USD/h)]}))
(def francecentral
  (Region {:name "azure/francecentral" :zones 3 :carbon 16.3gCO2e/kWh :pue 1.18 :latitude 46.38
           :longitude 2.37 :source "carbon Google 2024 europe-west9; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.112USD/h) (at d4s-v5 0.224USD/h) (at e4s-v5 0.296USD/h)
                    (at d8s-v5 0.448USD/h) (at e8s-v5 0.592USD/h) (at d16s-v5 0.896USD/h)
                    (at d4as-v5 0.202USD/h) (at d8as-v5 0.404USD/h) (at d2ps-v5 0.09USD/h)
                    (at d4ps-v5 0.18USD/h) (at f4s-v2 0.202USD/h) (at f8s-v2 0.404USD/h)
                    (at nc4as-t4-v3 0.615USD/h) (at nc24ads-a100-v4 4.591USD/h)]}))
(def germanywestcentral
  (Region {:name "azure/germanywestcentral" :zones 3 :carbon 275.82gCO2e/kWh :pue 1.18
           :latitude 50.11 :longitude 8.68
           :source "carbon Google 2024 europe-west3; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.115USD/h) (at d4s-v5 0.23USD/h) (at e4s-v5 0.304USD/h)
                    (at d8s-v5 0.46USD/h) (at e8s-v5 0.608USD/h) (at d16s-v5 0.92USD/h)
                    (at d4as-v5 0.208USD/h) (at d8as-v5 0.416USD/h) (at d2ps-v5 0.092USD/h)
                    (at d4ps-v5 0.184USD/h) (at f4s-v2 0.194USD/h) (at f8s-v2 0.388USD/h)
                    (at nc4as-t4-v3 0.658USD/h) (at nc24ads-a100-v4 4.775USD/h)]}))
(def swedencentral
  (Region {:name "azure/swedencentral" :zones 3 :carbon 2.73gCO2e/kWh :pue 1.17 :latitude 60.67
           :longitude 17.14 :source "carbon Google 2024 europe-north2; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.102USD/h) (at d4s-v5 0.204USD/h) (at e4s-v5 0.268USD/h)
                    (at d8s-v5 0.408USD/h) (at e8s-v5 0.536USD/h) (at d16s-v5 0.816USD/h)
                    (at d4as-v5 0.184USD/h) (at d8as-v5 0.368USD/h) (at d2ps-v5 0.082USD/h)
                    (at d4ps-v5 0.164USD/h) (at f4s-v2 0.194USD/h) (at f8s-v2 0.388USD/h)
                    (at nc4as-t4-v3 0.558USD/h) (at nc24ads-a100-v4 4.775USD/h)]}))
(def switzerlandnorth
  (Region {:name "azure/switzerlandnorth" :zones 3 :carbon 15.05gCO2e/kWh :pue 1.18 :latitude 47.45
           :longitude 8.56 :source "carbon Google 2024 europe-west6; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.127USD/h) (at d4s-v5 0.253USD/h) (at e4s-v5 0.334USD/h)
                    (at d8s-v5 0.506USD/h) (at e8s-v5 0.668USD/h) (at d16s-v5 1.012USD/h)
                    (at d4as-v5 0.246USD/h) (at d8as-v5 0.492USD/h) (at d2ps-v5 0.101USD/h)
                    (at d4ps-v5 0.202USD/h) (at f4s-v2 0.2134USD/h) (at f8s-v2 0.4268USD/h)
                    (at nc24ads-a100-v4 5.252USD/h)]}))
(def japaneast
  (Region {:name "azure/japaneast" :zones 3 :carbon 452.85gCO2e/kWh :pue 1.18 :latitude 35.68
           :longitude 139.77
           :source "carbon Google 2024 asia-northeast1; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.124USD/h) (at d4s-v5 0.248USD/h) (at e4s-v5 0.304USD/h)
                    (at d8s-v5 0.496USD/h) (at e8s-v5 0.608USD/h) (at d16s-v5 0.992USD/h)
                    (at d4as-v5 0.224USD/h) (at d8as-v5 0.448USD/h) (at d2ps-v5 0.099USD/h)
                    (at d4ps-v5 0.198USD/h) (at f4s-v2 0.214USD/h) (at f8s-v2 0.428USD/h)
                    (at nc4as-t4-v3 0.71USD/h) (at nc24ads-a100-v4 5.326USD/h)]}))
(def southeastasia
  (Region {:name "azure/southeastasia" :zones 3 :carbon 366.85gCO2e/kWh :pue 1.2 :latitude 1.28
           :longitude 103.83
           :source "carbon Google 2024 asia-southeast1; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.12USD/h) (at d4s-v5 0.24USD/h) (at e4s-v5 0.304USD/h)
                    (at d8s-v5 0.48USD/h) (at e8s-v5 0.608USD/h) (at d16s-v5 0.96USD/h)
                    (at d4as-v5 0.216USD/h) (at d8as-v5 0.432USD/h) (at d2ps-v5 0.096USD/h)
                    (at d4ps-v5 0.192USD/h) (at f4s-v2 0.196USD/h) (at f8s-v2 0.392USD/h)
                    (at nc4as-t4-v3 0.736USD/h) (at nc24ads-a100-v4 4.775USD/h)]}))
(def australiaeast
  (Region {:name "azure/australiaeast" :zones 3 :carbon 497.5gCO2e/kWh :pue 1.18 :latitude -33.86
           :longitude 151.21
           :source "carbon Google 2024 australia-southeast1; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.12USD/h) (at d4s-v5 0.24USD/h) (at e4s-v5 0.302USD/h)
                    (at d8s-v5 0.48USD/h) (at e8s-v5 0.604USD/h) (at d16s-v5 0.96USD/h)
                    (at d4as-v5 0.216USD/h) (at d8as-v5 0.432USD/h) (at d2ps-v5 0.096USD/h)
                    (at d4ps-v5 0.192USD/h) (at f4s-v2 0.222USD/h) (at f8s-v2 0.444USD/h)
                    (at nc4as-t4-v3 0.684USD/h) (at nc24ads-a100-v4 5.326USD/h)]}))
(def centralindia
  (Region {:name "azure/centralindia" :zones 3 :carbon 678.76gCO2e/kWh :pue 1.2 :latitude 18.58
           :longitude 73.92 :source "carbon Google 2024 asia-south1; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.101USD/h) (at d4s-v5 0.202USD/h) (at e4s-v5 0.26USD/h)
                    (at d8s-v5 0.404USD/h) (at e8s-v5 0.52USD/h) (at d16s-v5 0.808USD/h)
                    (at d4as-v5 0.1111USD/h) (at d8as-v5 0.2222USD/h) (at d2ps-v5 0.0506USD/h)
                    (at d4ps-v5 0.101USD/h) (at f4s-v2 0.17USD/h) (at f8s-v2 0.34USD/h)
                    (at nc4as-t4-v3 0.579USD/h) (at nc24ads-a100-v4 5.142USD/h)]}))
(def southafricanorth
  (Region {:name "azure/southafricanorth" :zones 3 :carbon 656.85gCO2e/kWh :pue 1.2 :latitude -25.73
           :longitude 28.22 :source "carbon Google 2024 africa-south1; PUE 2026; prices Azure 2026"
           :offers [(at d2s-v5 0.127USD/h) (at d4s-v5 0.254USD/h) (at e4s-v5 0.336USD/h)
                    (at d8s-v5 0.508USD/h) (at e8s-v5 0.672USD/h) (at d16s-v5 1.016USD/h)
                    (at d4as-v5 0.229USD/h) (at d8as-v5 0.458USD/h) (at f4s-v2 0.228USD/h)
                    (at f8s-v2 0.456USD/h)]}))
