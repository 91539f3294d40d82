; A job in the file of its program: it counts primes, block by block, and keeps how far it is. It
; is planned for the hours of the day in which electricity is cleanest, may be stopped after any
; block, and goes on from there. On the machine you sit at:
;
;   eclexia apply examples/prime-census.ecl
;   eclexia status            ; when it runs
;   eclexia start census      ; now
;   eclexia logs census
;   eclexia destroy night
(module prime-census)
(import std.deploy :all)

; ----------------------------------------------------------------------------------- what it does

(def blocks 10)
(def block 2000)

(defrecord Census "Primes in the blocks so far." {:blocks Int :primes Int} :deriving [Eq Show])

(sig prime? (Fn [Int] Bool))
(defn prime? "Whether a number has no divisors but 1 and itself." [n]
  (loop [d 2]
    (cond (> (* d d) n) (> n 1)
          (= (rem n d) 0) false
          :else (recur (+ d 1)))))

(sig next (Fn [Census] Census))
(defn next "One block more." [so-far]
  (let [from (* (.blocks so-far) block)
        found (vector/count prime? (vector/range from (+ from block)))]
    (Census {:blocks (+ (.blocks so-far) 1) :primes (+ (.primes so-far) found)})))

(sig kept (Fn [String] Census))
(defn kept "What was kept; from the beginning where it is nothing." [text]
  (match (vector/map string/parse-int (string/words text))
    [[(Some done) (Some primes)] (Census {:blocks done :primes primes})]
    [_ (Census {:blocks 0 :primes 0})]))

(deftest "blocks are counted one after the other"
  (check (= (next (kept "")) (Census {:blocks 1 :primes 303})))
  (check (= (kept "3 783") (Census {:blocks 3 :primes 783}))))

(defn main [world]
  (let [folder (files/within (.files (the World world)) "kept")
        text (if (files/exists? folder "census") (try (files/read folder "census")) "")]
    (loop [so-far (kept text)]
      (if (= (.blocks so-far) blocks)
        (do (print (.primes so-far) " primes below " (* blocks block))
            (files/remove folder "census"))
        (let [more (next so-far)]
          (print (.blocks more) " of " blocks " blocks")
          (try (files/write folder "census" (str (.blocks more) " " (.primes more))))
          (recur more))))))

; ------------------------------------------------------------------------------------ when it runs

(def machine
  (NodeType {:name "this" :cpu 2cpu :memory 4GiB :idle 20W :power-per-core 5W/cpu}))

; Much sun at noon: made for this example.
(def by-hour
  [410gCO2e/kWh 400gCO2e/kWh 395gCO2e/kWh 390gCO2e/kWh 390gCO2e/kWh 400gCO2e/kWh
   420gCO2e/kWh 430gCO2e/kWh 400gCO2e/kWh 340gCO2e/kWh 280gCO2e/kWh 230gCO2e/kWh
   200gCO2e/kWh 190gCO2e/kWh 210gCO2e/kWh 260gCO2e/kWh 330gCO2e/kWh 420gCO2e/kWh
   480gCO2e/kWh 500gCO2e/kWh 490gCO2e/kWh 470gCO2e/kWh 440gCO2e/kWh 420gCO2e/kWh])

(def here
  (Region {:name "here" :zones 1 :carbon 370gCO2e/kWh :hourly-carbon by-hour
           :offers [(Offer {:node machine :price 0USD/h :limit 1})]
           :source "the machine that you sit at"}))

(defjob census
  {:image         "prime-census:1"
   :command       ["eclexia" "run" "prime-census.ecl"]
   :work          2cpu*h
   :requires      {:cpu 1cpu :memory 256MiB}
   :interruptible true})

(defdeployment night
  {:regions  [here]
   :strategy (minimize {:carbon 1.0})
   :jobs     [census]})
