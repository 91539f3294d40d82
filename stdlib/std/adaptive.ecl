; Choosing between the variants of an adaptive function: the cheapest at the prices in force among
; those that apply and fit. `defadaptive` is made of these.
(module std.adaptive)
(import std.format)
(import std.string)
(import std.vector)

(defrecord Cost "What one call of a variant takes."
  {:energy  Energy   := 0J
   :latency Duration := 0s
   :carbon  Carbon   := 0gCO2e
   :memory  Memory   := 0B
   :money   Money    := 0USD})

(deftype (AtMost a) "A limit." (AtMost a))
(defn at-most "No more than the amount." [amount] (AtMost amount))

(defrecord Bounds "Limits on one call."
  {:energy  (Option (AtMost Energy))   := None :from Some
   :latency (Option (AtMost Duration)) := None :from Some
   :carbon  (Option (AtMost Carbon))   := None :from Some
   :memory  (Option (AtMost Memory))   := None :from Some
   :money   (Option (AtMost Money))    := None :from Some})

(defrecord Prices "What is minimised: weights on the money value of each term.
  Energy is valued at 0.30 USD/kWh (household price in the EU, Eurostat 2024, rounded), carbon at
  0.10 USD/kg, latency at 1 USD/h, memory at 0.004 USD per GiB and hour for the time of the call."
  {:energy Float := 1.0 :latency Float := 1.0 :carbon Float := 1.0 :memory Float := 0.0
   :money Float := 1.0})

(defrecord Spec {:requires Bounds := (Bounds {}) :minimize Prices := (Prices {})})

(sig plus (Fn [Cost Cost] Cost))
(defn plus "What two calls take, one after the other." [a b]
  (Cost {:energy (+ (.energy a) (.energy b))
         :latency (+ (.latency a) (.latency b))
         :carbon (+ (.carbon a) (.carbon b))
         :memory (+ (.memory a) (.memory b))
         :money (+ (.money a) (.money b))}))

(defrecord Candidate {:name String :applies Bool :cost Cost})
(sig candidate (Fn [String Bool Cost] Candidate))
(defn candidate "A variant: its name, whether its guard holds, and its cost." [name applies cost]
  (Candidate {:name name :applies applies :cost cost}))

(defn fits [amount limit]
  (match limit [None true] [(Some (AtMost most)) (<= amount most)]))

(sig feasible? (Fn [Spec Candidate] Bool))
(defn feasible? "Whether a candidate applies and is within all bounds." [spec c]
  (let [b (.requires spec) k (.cost c)]
    (and (.applies c)
         (fits (.energy k) (.energy b))
         (fits (.latency k) (.latency b))
         (fits (.carbon k) (.carbon b))
         (fits (.memory k) (.memory b))
         (fits (.money k) (.money b)))))

; The prices in force, as the run time knows them: 1 is the usual price of energy, latency, carbon,
; memory and money, in this order.
(builtin weights (Fn [] (Vector Float)))

(sig in-force (Fn [Spec] Prices))
(defn in-force "The spec's weights at the prices in force." [spec]
  (let [w (.minimize spec) now (weights)]
    (Prices {:energy (* (.energy w) (vector-get now 0))
             :latency (* (.latency w) (vector-get now 1))
             :carbon (* (.carbon w) (vector-get now 2))
             :memory (* (.memory w) (vector-get now 3))
             :money (* (.money w) (vector-get now 4))})))

(sig price (Fn [Prices Cost] Money))
(defn price "The money value of a cost at weights." [w k]
  (+ (* (.money w) (.money k))
     (* (.energy w) (* 0.3USD/kWh (.energy k)))
     (* (.carbon w) (* 0.1USD/kgCO2e (.carbon k)))
     (* (.latency w) (* 1USD/h (.latency k)))
     (* (.memory w) (* (/ 0.004USD 1GiB*h) (* (.memory k) (.latency k))))))

(sig bid (Fn [Prices Candidate] Money))
(defn bid "The money value of what a candidate takes." [w c] (price w (.cost c)))

(sig beats? (Fn [Spec Candidate Money Int Money] Bool))
(defn beats?
  "Whether a candidate is feasible and better than the best before, if there is one (else -1)."
  [spec c price best best-price]
  (and (feasible? spec c) (or (< best 0) (< price best-price))))

(sig choose-from (Fn [Spec Prices (Vector Candidate) Int Int Money] Int))
(defn choose-from [spec w candidates i best best-price]
  (if (= i (vector-length candidates))
    best
    (let [c (vector-get candidates i) p (bid w c)]
      (if (beats? spec c p best best-price)
        (choose-from spec w candidates (+ i 1) i p)
        (choose-from spec w candidates (+ i 1) best best-price)))))

; What `eclexia run --explain-choices` shows is made only when it is asked for.
(builtin explains? (Fn [] Bool))
(builtin explain (Fn [String Int String] Unit))

(sig terms (Fn [Cost] String))
(defn terms "A cost without what is nothing." [k]
  (let [parts (vector/filter (fn [part] (not= part ""))
                [(if (= (.energy k) 0J) "" (show (.energy k)))
                 (if (= (.latency k) 0s) "" (show (.latency k)))
                 (if (= (.carbon k) 0gCO2e) "" (show (.carbon k)))
                 (if (= (.memory k) 0B) "" (show (.memory k)))
                 (if (= (.money k) 0USD) "" (show (.money k)))])]
    (if (= 0 (vector-length parts)) "nothing" (string/join ", " parts))))

(defn excess [term amount limit]
  (match limit
    [None ""]
    [(Some (AtMost most))
     (if (<= amount most) "" (str "its " term ", " (show amount) ", is above " (show most)))]))

; Calls cost little: in millionths they can be compared by eye.
(defn small [amount]
  (if (< amount 0.001USD) (str (format/short (/ amount 0.000001USD)) "e-6USD") (show amount)))

(sig verdict (Fn [Spec Candidate] String))
(defn verdict "What a candidate would cost, or why it is not chosen." [spec c]
  (let [b (.requires spec) k (.cost c)
        above (vector/filter (fn [text] (not= text ""))
                [(excess "energy" (.energy k) (.energy b))
                 (excess "latency" (.latency k) (.latency b))
                 (excess "carbon" (.carbon k) (.carbon b))
                 (excess "memory" (.memory k) (.memory b))
                 (excess "money" (.money k) (.money b))])]
    (cond (not (.applies c)) "does not apply here"
          (< 0 (vector-length above)) (string/join "; " above)
          :else (str (small (price (in-force spec) k)) " for " (terms k)))))

(sig report (Fn [Spec (Vector Candidate)] String))
(defn report "A line for each candidate." [spec candidates]
  (string/join "\n"
    (vector/map (fn [c] (str (.name c) ": " (verdict spec c))) candidates)))

(sig chosen (Fn [String Spec (Vector Candidate) Int] Int))
(defn chosen "The index, which is explained where that is asked for."
  [function spec candidates index]
  (do (if (explains?) (explain function index (report spec candidates)) unit)
      index))

; Where the candidates are written in the call, as by `defadaptive`, the compiler writes out what
; `choose-from` does.
(sig choose (Fn [String Spec (Vector Candidate)] Int))
(defn choose "The index of the cheapest feasible candidate (the first of equals), or -1.
  The first argument names the function that chooses."
  [function spec candidates]
  (chosen function spec candidates (choose-from spec (in-force spec) candidates 0 -1 0USD)))
