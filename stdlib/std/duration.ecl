; Lengths of time: quantities of seconds, `90s`, `1.5h`. A day is 24 hours here, a week seven days.
(module std.duration)

(builtin parse (Fn [String] (Result Duration String))
  "Reads ISO 8601 (`PT1H30M`, `P1DT2H`) or words (`1h 30m`).
> (duration/parse \"PT1H30M\") => (Ok 1.5h)
> (duration/parse \"1 day, 2 hours\") => (Ok 26h)")
(builtin to-iso (Fn [Duration] String) "As ISO 8601.\n> (duration/to-iso 90min) => \"PT1H30M\"")
(builtin human (Fn [Duration] String) "In words.\n> (duration/human 90min) => \"1h 30m\"")

(sig hours (Fn [Duration] Float))
(defn hours "How many hours it is.\n> (duration/hours 90min) => 1.5" [d] (/ d 1h))
(sig minutes (Fn [Duration] Float))
(defn minutes "How many minutes it is.\n> (duration/minutes 90s) => 1.5" [d] (/ d 1min))
(sig seconds (Fn [Duration] Float))
(defn seconds "How many seconds it is.\n> (duration/seconds 1.5min) => 90.0" [d] (/ d 1s))
(sig millis (Fn [Duration] Int))
(defn millis "How many milliseconds it is, to the nearest.\n> (duration/millis 1.5s) => 1500" [d]
  (round (/ d 1ms)))
(sig days (Fn [Duration] Float))
(defn days "How many times 24 hours it is.\n> (duration/days 36h) => 1.5" [d] (/ d 1day))
(defn of-hours "So many hours.\n> (duration/of-hours 1.5) => 1.5h" [n] (* n 1h))
(defn of-minutes "So many minutes.\n> (duration/of-minutes 1.5) => 90s" [n] (* n 1min))
(defn of-seconds "So many seconds.\n> (duration/of-seconds 1.5) => 1.5s" [n] (* n 1s))
(defn of-days "So many times 24 hours.\n> (duration/of-days 1.5) => 36h" [n] (* n 1day))
(sig clock (Fn [Duration] String))
(defn clock "As hours, minutes and seconds.\n> (duration/clock 3661s) => \"1:01:01\"" [d]
  (let [n (round (/ d 1s)) s (abs n) two (fn [x] (string/pad-left (show x) 2 "0"))]
    (str (if (< n 0) "-" "") (quot s 3600) ":" (two (rem (quot s 60) 60)) ":" (two (rem s 60)))))
