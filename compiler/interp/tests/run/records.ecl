; Records: defaults, order of evaluation, conversion, updates, trailing pairs, patterns.
(deftype Replicas (Exactly Int) (Between Int Int))
(defrecord Service
  {:image String
   :port (Option Int) := None :from Some
   :replicas Replicas := (Exactly 1) :from Exactly
   :name String := (str "default-" base)})
(def base "name")
(defn service [name options] (with-fields options {:name name}))
(defn noisy [x] (do (print "eval " x) x))

(defn main [_]
  (let [a (Service {:image "i"})
        b (Service {:replicas 3 :port 80 :image (noisy "second") :name (noisy "last")})
        c (service "c" {:image "x" :port 8080})
        d (service "d" :image "y" :replicas (Between 1 2))]
    (print (.name a) " " (.port a))
    (print (.name b) " " (.port b))
    (match b [{:replicas (Exactly n) :image i} (print n " " i)] [_ (print "other")])
    (print (.name c) " " (.port c))
    (match (.replicas d) [(Between lo hi) (print lo ".." hi)] [(Exactly n) (print n)])
    (let [{:name n :image i} (with-fields c {:image "z" :port None})] (print n i))
    d))
