; Deployments as values: budgets, services, jobs, volumes and the rules between them. What is left
; open here (replicas in a range, variants, regions, node types, start hours) the planner decides.
(module std.deploy)
(import std.list)
(import std.vector)

; --------------------------------------------------------------------------------------- budgets

(defrecord Limits "What a budget limits; what is not named is not limited."
  {:cpu     (Option Cpu)             := None :from Some :doc "cores requested by all replicas"
   :memory  (Option Memory)          := None :from Some :doc "memory requested by all replicas"
   :storage (Option Storage)         := None :from Some :doc "sizes of all volumes"
   :gpu     (Option (Q gpu))         := None :from Some :doc "devices requested by all replicas"
   :network (Option Bandwidth)       := None :from Some :doc "bandwidth requested by all replicas"
   :energy  (Option Energy)          := None :from Some :doc "energy per use, summed over replicas"
   :time    (Option Duration)        := None :from Some :doc "time per use, summed over replicas"
   :cost    (Option (Q USD/month))   := None :from Some :doc "prices of all machines"
   :carbon  (Option (Q gCO2e/month)) := None :from Some :doc "emissions of all machines and pods"
   :nodes   (Option Int)             := None :from Some :doc "machines"})

(builtin-type Limit)
(builtin account-limit (Fn [Keyword (Option a)] Limit))

(defrecord Account "A budget declared by `defbudget`, from which deployments are funded."
  {:name String :limits Limits :bounds (Vector Limit) :parent (Option Account)})

(sig limit-bounds (Fn [Limits] (Vector Limit)))
(defn limit-bounds "The limits that are set, for the run time." [limits]
  [(account-limit :cpu (.cpu limits))         (account-limit :memory (.memory limits))
   (account-limit :storage (.storage limits)) (account-limit :gpu (.gpu limits))
   (account-limit :network (.network limits)) (account-limit :energy (.energy limits))
   (account-limit :time (.time limits))       (account-limit :cost (.cost limits))
   (account-limit :carbon (.carbon limits))   (account-limit :nodes (.nodes limits))])

(sig budget-account (Fn [String Limits] Account))
(defn budget-account "An account with limits." [name limits]
  (Account {:name name :limits limits :bounds (limit-bounds limits) :parent None}))
(sig account-of (Fn [String Limits Account] Account))
(defn account-of "An account whose limits are taken from another one." [name limits parent]
  (Account {:name name :limits limits :bounds (limit-bounds limits) :parent (Some parent)}))

(defmacro (defbudget name limits)
  "An account with limits: (defbudget team {:cpu 12cpu :cost 300USD/month}), or a part of another
account: (defbudget team {:cpu 4cpu} :from organisation)"
  (def name (budget-account (name-of name) limits)))
(defmacro (defbudget name limits :from parent)
  (def name (account-of (name-of name) limits parent)))

(deftype Funding "What pays for a deployment: an account, or a budget of its own."
  Unfunded
  (FromAccount Account)
  (FromBudget Amounts))
(builtin fund (Fn [(Budget)] Amounts) "Puts a budget into what it pays for: it is spent there.")
(definterface (Funded a) "What can stand in `:budget`: an account, or a budget."
  (funding-of (Fn [a] Funding)))
(implement (Funded Account) (defn funding-of [account] (FromAccount (the Account account))))
(implement (Funded (Option a)) :where [(Funded a)]
  (defn funding-of [payer] (match payer [(Some a) (funding-of a)] [None Unfunded])))
(implement (Funded (Budget)) (defn funding-of [b] (FromBudget (fund b))))
(sig funded-by (Fn [a] Funding) :where [(Funded a)])
(defn funded-by [payer] (funding-of payer))

; ------------------------------------------------------------------------------------- resources

(defrecord Requires "What one replica takes."
  {:cpu     Cpu       := 0cpu
   :memory  Memory    := 0B
   :storage Storage   := 0B
   :gpu     (Q gpu)   := 0gpu
   :network Bandwidth := 0B/s
   :energy  Energy    := 0J
   :time    Duration  := 0s})

(defrecord Provides "What one replica gives."
  {:latency    (Option Duration)   := None :from Some
   :throughput (Option Throughput) := None :from Some})

(defrecord Range "Replicas: at least, at most." {:min Int :max Int})
(defn between "Any number of replicas from `low` to `high`; the planner decides." [low high]
  (Range {:min low :max high}))
(defn exactly "So many replicas." [n] (Range {:min n :max n}))

; ------------------------------------------------------------------------------- parts of services

(defrecord Secret "A reference to a secret; its value never enters the program."
  {:secret String :key String})
(defrecord SecretOptions {:key String := "value"})
(sig secret (Fn [String SecretOptions] Secret))
(defn secret "The secret `name`, entry `:key`." [name options]
  (Secret {:secret name :key (.key options)}))

(defrecord Port {:number Int :name String :protocol String})
(defrecord PortOptions {:name String := "" :protocol String := "http"})
(sig port (Fn [Int PortOptions] Port))
(defn port "A further port; a `:public` service publishes its ports." [number options]
  (Port {:number number :name (.name options) :protocol (.protocol options)}))

(defrecord Volume "A disk: a name, a size, and where it is mounted."
  {:name String :size Storage :at String :read-only Bool})
(defrecord MountOptions {:at String :read-only Bool := false})
(sig volume (Fn [String Storage MountOptions] Volume))
(defn volume "A volume mounted `:at` a path." [name size options]
  (Volume {:name name :size size :at (.at options) :read-only (.read-only options)}))

(defrecord Disk "A volume declared by `defvolume`, to be mounted by one writer and any readers."
  {:name String :size Storage})
(defmacro (defvolume name size)
  "A disk of a size, which services mount: (defvolume data 10GiB)"
  (def name (Disk {:name (name-of name) :size size})))
(sig mount (Fn [Disk MountOptions] Volume))
(defn mount "A declared volume mounted `:at` a path." [disk options]
  (Volume {:name (.name disk) :size (.size disk) :at (.at options)
           :read-only (.read-only options)}))

(deftype Claim "The one right to write to a declared disk, to be used once: `attach` uses it."
  :linear :private (Claim Disk))
(sig claim (Fn [Disk] Claim))
(defn claim "The right to write to a disk: (claim data)." [disk] (Claim disk))
(sig attach (Fn [Claim String] Volume))
(defn attach "The claimed disk mounted at a path, for writing: (attach (claim data) \"/data\")."
  [claimed path]
  (match claimed [(Claim disk) (mount disk {:at path})]))
(sig unclaim (Fn [Claim] Unit))
(defn unclaim "Gives the right up." [claimed] (match claimed [(Claim _) unit]))

(deftype Check (HttpCheck String) (ExecCheck (Vector String)) (TcpCheck Int))
(defrecord Probe
  {:check Check :every Duration :timeout Duration :retries Int :port (Option Int)})
(defrecord ProbeOptions
  {:every   Duration     := 30s
   :timeout Duration     := 5s
   :retries Int          := 3
   :port    (Option Int) := None :from Some})
(sig probe (Fn [Check ProbeOptions] Probe))
(defn probe "A health check." [check options]
  (Probe {:check check :every (.every options) :timeout (.timeout options)
          :retries (.retries options) :port (.port options)}))
(sig http (Fn [String ProbeOptions] Probe))
(defn http "Healthy when GET of the path succeeds." [path options] (probe (HttpCheck path) options))
(sig exec (Fn [(Vector String) ProbeOptions] Probe))
(defn exec "Healthy when the command exits with 0." [command options]
  (probe (ExecCheck command) options))
(sig tcp (Fn [Int ProbeOptions] Probe))
(defn tcp "Healthy when the port accepts a connection." [number options]
  (probe (TcpCheck number) options))

(deftype (Signal a) "What is measured, with the type of its threshold." (Signal Keyword))
(sig error-rate (Signal Float))
(def error-rate "The fraction of requests that fail." (Signal :error-rate))
(sig latency-p95 (Signal Duration))
(def latency-p95 "The latency that 95 % of requests stay under." (Signal :latency-p95))
(sig memory-use (Signal Float))
(def memory-use "The fraction of the memory limit in use." (Signal :memory))
(sig cpu-use (Signal Float))
(def cpu-use "The fraction of the CPU limit in use." (Signal :cpu))

(deftype Threshold (FractionAbove Keyword Float) (DurationAbove Keyword Duration))
(definterface (Measured a) "What a threshold may be stated in."
  (threshold-of (Fn [Keyword a] Threshold)))
(implement (Measured Float) (defn threshold-of [k x] (FractionAbove k x)))
(implement (Measured Duration) (defn threshold-of [k x] (DurationAbove k x)))
(sig above (Fn [(Signal a) a] Threshold) :where [(Measured a)])
(defn above "True while the signal is above the limit: `(above error-rate 1%)`." [signal limit]
  (match signal [(Signal k) (threshold-of k limit)]))

(deftype Rollout
  (Rolling Int)
  Recreate
  BlueGreen
  (Canary (Vector Float) (Option Threshold)))
(defrecord CanaryOptions {:abort-when (Option Threshold) := None :from Some})
(defn rolling "Replaces so many replicas at a time." [n] (Rolling n))
(def recreate "Stops all, then starts all." Recreate)
(def blue-green "Starts all beside the old, then switches." BlueGreen)
(sig canary (Fn [(Vector Float) CanaryOptions] Rollout))
(defn canary "Moves traffic in steps." [steps options] (Canary steps (.abort-when options)))

(defrecord Variant "One way to run a service."
  {:name String :spec VariantSpec})
(defrecord VariantSpec
  {:requires    Requires
   :limits      (Option Requires) := None :from Some
   :provides    Provides          := (Provides {})
   :penalty     (Q USD/month)     := 0USD/month :doc "what the loss of quality is worth"
   :image       (Option String)   := None :from Some
   :arch        (Vector String)   := []
   :gpu-model   (Option String)   := None :from Some
   :utilisation Float             := 0.5})
(sig variant (Fn [String VariantSpec] Variant))
(defn variant "A variant of a service." [name spec] (Variant {:name name :spec spec}))

; ------------------------------------------------------------------------------------- services

(defrecord Need {:target String :protocol (Option String)})
(defrecord NeedOptions {:protocol (Option String) := None :from Some})
(deftype Needs (Needs (Vector Need)))

(defrecord Service "A service of a deployment."
  {:name String :spec ServiceSpec})

(defrecord ServiceSpec
  {:image        String
   :command      (Vector String)     := []
   :env          (Map String String) := {}
   :secrets      (Map String Secret) := {} :doc "environment entries from secrets"
   :files        (Map String String) := {} :doc "path to content"
   :port         (Option Int)        := None :from Some
   :protocol     String              := "http" :doc "of `:port`"
   :ports        (Vector Port)       := []
   :volumes      (Vector Volume)     := []
   :needs        Needs               := (Needs []) :from needs-of
   :health       (Option Probe)      := None :from Some
   :ready        (Option Probe)      := None :from Some
   :replicas     Range               := (exactly 1) :from exactly
   :requires     Requires            := (Requires {})
   :limits       (Option Requires)   := None :from Some
   :provides     Provides            := (Provides {})
   :variants     (Vector Variant)    := []
   :demand       (Option Throughput) := None :from Some
   :min-zones    Int                 := 1
   :max-per-node (Option Int)        := None :from Some
   :regions      (Vector Region)     := [] :doc "allowed regions; none named: all"
   :max-latency  (Option Duration)   := None :from Some
   :disruption-budget (Option Int)   := None :from Some :doc "most pods that a new plan may move"
   :arch         (Vector String)     := []
   :gpu-model    (Option String)     := None :from Some
   :utilisation  Float               := 0.5
   :rollout      Rollout             := (rolling 1)
   :stateful     Bool                := false
   :isolated     Bool                := false
   :public       Bool                := false
   :labels       (Map String String) := {}})

(sig service (Fn [String ServiceSpec] Service))
(defn service "A service; `defservice` names it by its definition." [name spec]
  (Service {:name name :spec spec}))
(defmacro (defservice name spec)
  "A service: (defservice web {:image \"web:1\" :requires {:cpu 1cpu :memory 1GiB}})"
  (def name (service (name-of name) spec)))

(definterface (Needed a) "What can stand in `:needs`: a service, its name, or a `need`."
  (need-of (Fn [a] Need)))
(implement (Needed Service)
  (defn need-of [s] (Need {:target (.name (the Service s)) :protocol None})))
(implement (Needed String) (defn need-of [s] (Need {:target s :protocol None})))
(implement (Needed Need) (defn need-of [n] n))
(implement (Needed Never) (defn need-of [_] (abort "nothing is needed")))
(sig need (Fn [a NeedOptions] Need) :where [(Needed a)])
(defn need "A need of an endpoint that speaks `:protocol`." [target options]
  (Need {:target (.target (need-of target)) :protocol (.protocol options)}))
(sig needs-of (Fn [(Vector a)] Needs) :where [(Needed a)])
(defn needs-of [targets] (Needs (vector/map need-of targets)))

; ----------------------------------------------------------------------------------------- jobs

(defrecord Job "Work that runs once a day, at hours the planner chooses."
  {:name String :spec JobSpec})
(defrecord JobSpec
  {:image         String
   :command       (Vector String)     := []
   :env           (Map String String) := {}
   :secrets       (Map String Secret) := {} :doc "environment entries from secrets"
   :files         (Map String String) := {} :doc "path to content"
   :volumes       (Vector Volume)     := []
   :needs         Needs               := (Needs []) :from needs-of :doc "services that it calls"
   :work          (Q cpu*h)
   :requires      Requires
   :earliest      Duration            := 0h
   :deadline      Duration            := 24h
   :deferrable    Bool                := true
   :interruptible Bool                := false :doc "it may stop and go on at whole hours"
   :isolated      Bool                := false :doc "it reaches what it needs and nothing else"
   :regions       (Vector Region)     := []
   :utilisation   Float               := 0.9})
(sig job (Fn [String JobSpec] Job))
(defn job "A job; `defjob` names it by its definition." [name spec] (Job {:name name :spec spec}))
(defmacro (defjob name spec)
  "Work that ends: (defjob train {:image \"t:1\" :work 40cpu*h :deadline 24h})"
  (def name (job (name-of name) spec)))

(defrecord Peak "What jobs may take together in any one hour; what is not named is not limited."
  {:cpu     (Option Cpu)       := None :from Some
   :memory  (Option Memory)    := None :from Some
   :gpu     (Option (Q gpu))   := None :from Some
   :network (Option Bandwidth) := None :from Some
   :nodes   (Option Int)       := None :from Some :doc "machines; every job has one of its own"})

; -------------------------------------------------------------------------------- where it can run

(defrecord NodeType "A machine that can be rented."
  {:name           String
   :arch           String          := "x64"
   :cpu            Cpu             :doc "allocatable"
   :memory         Memory          :doc "allocatable"
   :gpu            (Q gpu)         := 0gpu
   :gpu-model      (Option String) := None :from Some
   :network        Bandwidth       := 0B/s
   :idle           Power           := 0W :doc "of the whole idle machine"
   :power-per-core (Q W/cpu)       := 0W/cpu :doc "per busy core above idle"
   :power-per-gpu  (Q W/gpu)       := 0W/gpu :doc "per busy device above idle"
   :embodied       (Q gCO2e/h)     := 0gCO2e/h})

(defrecord Offer "A machine type at a price."
  {:node NodeType :price (Q USD/h) :limit (Option Int) := None :from Some})

(defrecord Region "A place where machines can be rented."
  {:name          String
   :zones         Int                    := 3
   :carbon        (Q gCO2e/kWh)          :doc "yearly mean intensity of its grid"
   :pue           Float                  := 1.0
   :latitude      Float                  := 0.0
   :longitude     Float                  := 0.0
   :offers        (Vector Offer)
   :hourly-carbon (Vector (Q gCO2e/kWh)) := [] :doc "by hour of the plan; none: the mean"
   :hourly-price  (Vector Float)         := [] :doc "factor on prices by hour; none: 1"
   :source        String                 := ""})

(sig on-nodes (Fn [(Vector String) Region] Region))
(defn on-nodes "The region with only the named machine types." [names region]
  (with-fields region
    {:offers (vector/filter (fn [o] (vector/contains? names (.name (.node o)))) (.offers region))}))

; ---------------------------------------------------------------------------------- deployments

(defrecord Weights "What is minimised: money, carbon at its price, latency at its price."
  {:cost          Float          := 0.0
   :carbon        Float          := 0.0
   :latency       Float          := 0.0
   :carbon-price  (Q USD/kgCO2e) := 0.1USD/kgCO2e
   :latency-price (Q USD/h/s)    := 0.02USD/h/s :doc "per replica: dollars an hour per second"})
(deftype Strategy (Weighted Weights) (Named String))
(sig minimize (Fn [Weights] Strategy))
(defn minimize "The weighted sum of cost, carbon and latency." [weights] (Weighted weights))
(sig strategy (Fn [String] Strategy))
(defn strategy "A strategy of `eclexia.toml`, else of the configuration's `strategies.toml`." [name]
  (Named name))

(deftype Rule
  (Apart String String)
  (Together String String)
  (Near String String Duration))
(sig apart (Fn [Service Service] Rule))
(defn apart "Never on one machine." [a b] (Apart (.name a) (.name b)))
(sig together (Fn [Service Service] Rule))
(defn together "A machine with `a` has `b` too." [a b] (Together (.name a) (.name b)))
(sig near (Fn [Service Service Duration] Rule))
(defn near "Every region with `a` has `b` within the round trip." [a b within]
  (Near (.name a) (.name b) within))

(defrecord Location {:latitude Float :longitude Float})

(defrecord Alert {:name String :severity Keyword :threshold Threshold :options AlertOptions})
(defrecord AlertOptions {:for Duration := 5min :services (Vector Service) := []})
(sig alert (Fn [String Keyword Threshold AlertOptions] Alert))
(defn alert "Raised while the threshold holds: severity `:critical` or `:warning`."
  [name severity threshold options]
  (Alert {:name name :severity severity :threshold threshold :options options}))

(defrecord Movement
  "What it costs to move a pod that runs, once; a plan weighs that over the time it is to run."
  {:cost Money := 0.1USD :over Duration := 730h})

(defrecord Deployment "Services and jobs, the budget that funds them, and what is minimised."
  {:name String :spec DeploymentSpec})
(defrecord DeploymentSpec
  {:budget   Funding           := Unfunded :from funded-by
   :regions  (Vector Region)
   :nodes    (Vector String)   := [] :doc "machine types to choose from; none named: all"
   :strategy Strategy          := (Weighted (Weights {:cost 1.0}))
   :services (Vector Service)  := [] :from vector/from-list
   :jobs     (Vector Job)      := [] :from vector/from-list
   :peak     Peak              := (Peak {}) :doc "of all jobs together, in any one hour"
   :movement Movement          := (Movement {}) :doc "what a new plan pays to move what runs"
   :rules    (Vector Rule)     := []
   :alerts   (Vector Alert)    := []
   :users    (Option Location) := None :from Some :doc "where most users are, for latency"})
(sig deployment (Fn [String DeploymentSpec] Deployment))
(defn deployment "A deployment; `defdeployment` names it by its definition." [name spec]
  (Deployment {:name name :spec spec}))
(defmacro (defdeployment name spec)
  "Services under a budget: (defdeployment prod {:budget team :services [web]})"
  (def name (deployment (name-of name) spec)))
