; Environment variables, for who holds the capability: `(.env world)` in `main`, or less than that.
; `(env/of {"HOME" "/"})` takes no capability: what tests hand to functions that need one.
(module std.env :exports [get get-or require int int-or flag? only of])

(builtin get (Fn [Env String] (Option String))
  "The value of a variable.\n> (env/get (env/of {\"A\" \"1\"}) \"A\") => (Some \"1\")")
(builtin only (Fn [Env (Vector String)] Env)
  "Some of the variables; the others are not there.
> (env/get (env/only (env/of {\"A\" \"1\" \"B\" \"2\"}) [\"A\"]) \"B\") => None")
(builtin made-of (Fn [(Map String String)] Env))

(defn of "Variables of one's own.\n> (env/get (env/of {\"A\" \"1\"}) \"B\") => None" [variables]
  (made-of variables))
(defn get-or "The value of a variable, or the default.
> (env/get-or (env/of {}) \"PORT\" \"80\") => \"80\""
  [env name default]
  (option/get-or (get env name) default))
(defn require "The value of a variable, or an error that names it.
> (env/require (env/of {}) \"PORT\") => (Err \"the variable PORT is not set\")"
  [env name]
  (option/ok-or (get env name) (str "the variable " name " is not set")))
(defn int "The Int in a variable, or what is wrong with it.
> (env/int (env/of {\"PORT\" \"x\"}) \"PORT\") => (Err \"the variable PORT is no whole number: x\")"
  [env name]
  (let [text (try (require env name))]
    (option/ok-or (string/parse-int text)
                  (str "the variable " name " is no whole number: " text))))
(defn int-or "The Int in a variable, or the default where it is not set, or what is wrong.
> (env/int-or (env/of {}) \"PORT\" 8080) => (Ok 8080)
> (env/int-or (env/of {\"A\" \"x\"}) \"A\" 1) => (Err \"the variable A is no whole number: x\")"
  [env name default]
  (match (get env name) [None (Ok default)] [(Some _) (int env name)]))
(defn flag? "Whether a variable is set to `1`, `true`, `yes` or `on`.
> (env/flag? (env/of {\"DEBUG\" \"1\"}) \"DEBUG\") => true"
  [env name]
  (match (get env name)
    [(Some text) (vector/contains? ["1" "true" "yes" "on"] (string/lower text))]
    [None false]))
