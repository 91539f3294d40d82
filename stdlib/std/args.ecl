; Arguments of a program: `(.args world)`. An option is `--name value` or `--name=value`, a flag
; `--name`; after `--` there are neither.
(module std.args :exports [flag? option int-option positional])

(defn before-rest [args] (vector/take-while (fn [arg] (not= arg "--")) args))
(defn flag? "Whether a flag is given.\n> (args/flag? [\"a\" \"--dry\"] \"dry\") => true" [args name]
  (vector/contains? (before-rest args) (str "--" name)))
(defn option "The value of an option, the last if it is given more than once.
> (args/option [\"--out\" \"x\" \"--out=y\"] \"out\") => (Some \"y\")
> (args/option [\"--out\"] \"out\") => None"
  [args name]
  (let [args (before-rest args) prefix (str "--" name "=")]
    (loop [i 0 found None]
      (match (vector/get args i)
        [None found]
        [(Some arg)
         (cond (string/starts-with? arg prefix) (recur (+ i 1) (string/strip-prefix arg prefix))
               (= arg (str "--" name))
               (recur (+ i 2) (option/or-else (vector/get args (+ i 1)) found))
               :else (recur (+ i 1) found))]))))
(defn int-option "The Int that is an option's value, or the default, or what is wrong.
> (args/int-option [\"--port\" \"80\"] \"port\" 1) => (Ok 80)
> (args/int-option [\"--port=x\"] \"port\" 1) => (Err \"--port takes a whole number, not x\")"
  [args name default]
  (match (option args name)
    [None (Ok default)]
    [(Some text)
     (option/ok-or (string/parse-int text) (str "--" name " takes a whole number, not " text))]))
(defn positional "The arguments that are no options, where these options take a value.
> (args/positional [\"a\" \"--out\" \"x\" \"--dry\" \"b\"] [\"out\"]) => [\"a\" \"b\"]"
  [args with-value]
  (let [takes? (fn [arg] (vector/contains? with-value (string/drop 2 arg)))]
    (loop [i 0 found []]
      (match (vector/get args i)
        [None found]
        [(Some arg)
         (cond (= arg "--") (vector/append found (vector/drop (+ i 1) args))
               (string/starts-with? arg "--") (recur (+ i (if (takes? arg) 2 1)) found)
               :else (recur (+ i 1) (vector/push found arg)))]))))
