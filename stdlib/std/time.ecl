; Dates and instants: calendar arithmetic, pure. An `Instant` is a moment, to the microsecond, in
; the years -9999 to 9999; a `Date` a day of the (proleptic Gregorian) calendar. Durations are
; quantities of seconds (`90s`). Clocks are read by `std.clock`. Named time zones are absent: their
; rules change, and programs mean the same everywhere; offsets from UTC are here.
(module std.time
  :exports [Instant Date Weekday Monday Tuesday Wednesday Thursday Friday Saturday Sunday Moment
            epoch parse show-at of-epoch since-epoch add subtract between before? after? moment
            moment-at of-moment format format-at parse-as truncate-to
            date today-of start-of-day parse-date add-days add-months add-years days-between weekday
            day-of-year week-of-year leap-year? days-in-month first-of-month last-of-month
            next-weekday weekend? dates age])

(deftype Instant "A moment." :private (Instant Int) :deriving [Eq Ord Hash])
(implement (Show Instant) (defn show [t] (show-at 0s t)))
(implement (Serialize Instant) (defn to-json [t] (JsonString (show t))))

(defrecord Date "A day of the calendar." :private {:year Int :month Int :day Int}
  :deriving [Eq Ord Hash])
(implement (Show Date)
  (defn show [d]
    (let [two (fn [n] (string/pad-left (show n) 2 "0")) y (.year d)
          year (if (< y 0) (str "-" (string/pad-left (show (negate y)) 6 "0"))
                   (string/pad-left (show y) 4 "0"))]
      (str year "-" (two (.month d)) "-" (two (.day d))))))
(implement (Serialize Date) (defn to-json [d] (JsonString (show d))))

(deftype Weekday "A day of the week." Monday Tuesday Wednesday Thursday Friday Saturday Sunday
  :deriving [Eq Ord Show Hash])

(defrecord Moment "What clocks and calendars show at an instant."
  {:year Int :month Int := 1 :day Int := 1 :hour Int := 0 :minute Int := 0 :second Int := 0
   :microsecond Int := 0}
  :deriving [Eq Ord Show Hash])

(builtin read-instant (Fn [String] (Result Int String)))
(builtin write-instant (Fn [Int Int] String))
(builtin is-instant (Fn [Int] Bool))
(builtin fields (Fn [Int Int] (Vector Int)))
(builtin from-fields (Fn [(Vector Int) Int] (Result Int String)))
(builtin write-as (Fn [String Int Int] (Result String String)))
(builtin read-as (Fn [String String] (Result Int String)))
(builtin read-date (Fn [String] (Result Int String)))
(builtin date-to-days (Fn [Int Int Int] (Result Int String)))
(builtin days-to-date (Fn [Int] (Vector Int)))
(builtin plus-months (Fn [Int Int] Int))
(builtin month-length (Fn [Int Int] (Result Int String)))

; ------------------------------------------------------------------------------------- instants

(def epoch
  "1970-01-01T00:00:00Z.
> time/epoch => (result/expect (time/parse \"1970-01-01T00:00:00Z\") \"\")"
  (Instant 0))
(defn micros [t] (match t [(Instant n) n]))
(defn offset-seconds [offset] (round (/ offset 1s)))

(defn parse "Reads RFC 3339 (ISO 8601): date, time and offset.
> (result/map show (time/parse \"2026-11-21T18:00:00+02:00\")) => (Ok \"2026-11-21T16:00:00Z\")"
  [text]
  (result/map Instant (read-instant text)))
(defn show-at "RFC 3339 at an offset from UTC.
> (time/show-at 2h time/epoch) => \"1970-01-01T02:00:00+02:00\""
  [offset t]
  (write-instant (micros t) (offset-seconds offset)))
(defn of-epoch "So long after 1970-01-01T00:00:00Z, as clocks count; aborts beyond the year 9999.
> (show (time/of-epoch 90min)) => \"1970-01-01T01:30:00Z\""
  [d]
  (add epoch d))
(defn since-epoch "How long after 1970-01-01T00:00:00Z.\n> (time/since-epoch time/epoch) => 0s" [t]
  (between epoch t))
(defn add "So much later; aborts beyond the year 9999.
> (show (time/add time/epoch 24h)) => \"1970-01-02T00:00:00Z\""
  [t d]
  (let [n (+ (micros t) (round (/ d 1us)))]
    (if (is-instant n) (Instant n) (abort "the time is outside of the years -9999 to 9999"))))
(defn subtract "So much earlier.
> (show (time/subtract time/epoch 1s)) => \"1969-12-31T23:59:59Z\""
  [t d]
  (add t (negate d)))
(defn between "How long it is from one to the other.
> (time/between time/epoch (time/add time/epoch 90s)) => 90s"
  [from to]
  (* (float (- (micros to) (micros from))) 1us))
(defn before? "Whether the first is earlier.
> (time/before? time/epoch (time/add time/epoch 1s)) => true"
  [t u]
  (< t u))
(defn after? "Whether the first is later.
> (time/after? time/epoch (time/add time/epoch 1s)) => false"
  [t u]
  (> t u))

(defn moment "What clocks and calendars show at UTC.
> (.year (time/moment time/epoch)) => 1970"
  [t]
  (moment-at 0s t))
(defn moment-at "What clocks and calendars show at an offset from UTC.
> (.hour (time/moment-at 2h time/epoch)) => 2"
  [offset t]
  (let [at (fields (micros t) (offset-seconds offset)) part (fn [i] (vector/at at i))]
    (Moment {:year (part 0) :month (part 1) :day (part 2) :hour (part 3) :minute (part 4)
             :second (part 5) :microsecond (part 6)})))
(sig of-moment (Fn [Moment] (Result Instant String)))
(defn of-moment "The instant when clocks at UTC show that, or why there is none.
> (result/ok? (time/of-moment (time/Moment :year 2026 :month 2 :day 30))) => false"
  [m]
  (result/map Instant
              (from-fields [(.year m) (.month m) (.day m) (.hour m) (.minute m) (.second m)
                            (.microsecond m)]
                           0)))
(defn format "By a pattern of `strftime` (`%Y-%m-%d %H:%M:%S`, `%A`, `%b`, `%j` …), at UTC.
> (time/format \"%d %b %Y\" time/epoch) => (Ok \"01 Jan 1970\")"
  [pattern t]
  (format-at 0s pattern t))
(defn format-at "By a pattern, at an offset from UTC.
> (time/format-at 2h \"%H:%M\" time/epoch) => (Ok \"02:00\")"
  [offset pattern t]
  (write-as pattern (micros t) (offset-seconds offset)))
(defn parse-as "Reads a text by a pattern of `strptime`; without an offset in it, at UTC.
> (result/map show (time/parse-as \"%d/%m/%Y\" \"21/11/2026\")) => (Ok \"2026-11-21T00:00:00Z\")"
  [pattern text]
  (result/map Instant (read-as pattern text)))
(defn truncate-to "The last multiple of a duration since 1970, at UTC.
> (show (time/truncate-to 1h (time/add time/epoch 90min))) => \"1970-01-01T01:00:00Z\""
  [step t]
  (let [n (micros t) by (max 1 (round (/ step 1us)))] (Instant (- n (mod n by)))))

; ---------------------------------------------------------------------------------------- dates

(defn of-days [n]
  (let [parts (days-to-date n)]
    (Date {:year (vector/at parts 0) :month (vector/at parts 1) :day (vector/at parts 2)})))
(sig to-days (Fn [Date] Int))
(defn to-days [d]
  (match (date-to-days (.year d) (.month d) (.day d)) [(Ok n) n] [(Err why) (abort why)]))
(defn part [d i] (vector/at (days-to-date (to-days d)) i))

(defn date "The date of a year, month and day, or why there is none.
> (result/map show (time/date 2026 2 29)) => (Err \"there is no date 2026-02-29\")
> (result/map show (time/date 2024 2 29)) => (Ok \"2024-02-29\")"
  [year month day]
  (result/map of-days (date-to-days year month day)))
(defn parse-date "Reads `2026-11-21`.
> (result/map time/weekday (time/parse-date \"2026-11-21\")) => (Ok Saturday)"
  [text]
  (result/map of-days (read-date text)))
(defn today-of
  "The date at UTC of an instant.\n> (show (time/today-of time/epoch)) => \"1970-01-01\"" [t]
  (let [at (fields (micros t) 0)]
    (Date {:year (vector/at at 0) :month (vector/at at 1) :day (vector/at at 2)})))
(defn start-of-day "When a date begins, at UTC.
> (time/start-of-day (time/today-of time/epoch)) => time/epoch"
  [d]
  (Instant (* (to-days d) 86400000000)))
(defn add-days "So many days later.
> (show (time/add-days (time/today-of time/epoch) 59)) => \"1970-03-01\""
  [d n]
  (of-days (+ (to-days d) n)))
(defn add-months "So many months later; the last day of the month where it is too short.
> (result/map (fn [d] (show (time/add-months d 1))) (time/date 2026 1 31)) => (Ok \"2026-02-28\")"
  [d n]
  (of-days (plus-months (to-days d) n)))
(defn add-years "So many years later; 28 February for the 29th where there is none.
> (result/map (fn [d] (show (time/add-years d 1))) (time/date 2024 2 29)) => (Ok \"2025-02-28\")"
  [d n]
  (add-months d (* 12 n)))
(defn days-between "How many days it is from one to the other.
> (time/days-between (time/today-of time/epoch) (time/today-of (time/add time/epoch 48h))) => 2"
  [from to]
  (- (to-days to) (to-days from)))
(defn weekday "Its day of the week.\n> (time/weekday (time/today-of time/epoch)) => Thursday" [d]
  (match (part d 3)
    [1 Monday] [2 Tuesday] [3 Wednesday] [4 Thursday] [5 Friday] [6 Saturday] [_ Sunday]))
(defn weekend? "Whether it is a Saturday or Sunday.
> (time/weekend? (time/today-of time/epoch)) => false"
  [d]
  (> (part d 3) 5))
(defn day-of-year "Which day of its year it is, from 1.
> (time/day-of-year (time/today-of time/epoch)) => 1"
  [d]
  (part d 4))
(defn week-of-year "The ISO year and week that it is in.
> (result/map time/week-of-year (time/date 2027 1 1)) => (Ok (Pair 2026 53))"
  [d]
  (Pair (part d 5) (part d 6)))
(defn leap-year? "Whether the year has 366 days.\n> (time/leap-year? 1900) => false" [year]
  (and (= (rem year 4) 0) (or (not= (rem year 100) 0) (= (rem year 400) 0))))
(defn days-in-month "How many days a month of a year has.
> (time/days-in-month 2024 2) => (Ok 29)"
  [year month]
  (month-length year month))
(sig first-of-month (Fn [Date] Date))
(defn first-of-month "The first day of its month.
> (show (time/first-of-month (time/today-of time/epoch))) => \"1970-01-01\""
  [d]
  (add-days d (- 1 (.day d))))
(defn last-of-month "The last day of its month.
> (show (time/last-of-month (time/today-of time/epoch))) => \"1970-01-31\""
  [d]
  (add-days (add-months (first-of-month d) 1) -1))
(defn next-weekday "The first such day after it.
> (show (time/next-weekday Monday (time/today-of time/epoch))) => \"1970-01-05\""
  [day d]
  (let [next (add-days d 1)] (if (= (weekday next) day) next (next-weekday day next))))
(defn dates "All dates from one up to, not including, another.
> (time/dates (time/today-of time/epoch) (time/today-of time/epoch)) => []"
  [from to]
  (vector/map of-days (vector/range (to-days from) (to-days to))))
(sig age (Fn [Date Date] Int))
(defn age "How many whole years it is from one to the other.
> (time/age (time/today-of time/epoch) (time/today-of (time/add time/epoch 8759h))) => 0"
  [from to]
  (let [years (- (.year to) (.year from))]
    (if (> (add-years from years) to) (- years 1) years)))
