; JSON (RFC 8259). Numbers are Floats; objects are written in the order of their keys.
(module std.json)

(builtin parse (Fn [String] (Result Json String))
  "Reads one value, or says where the text is wrong.
> (json/parse \"[1, true]\") => (Ok (JsonArray [(JsonNumber 1.0) (JsonBool true)]))")
(builtin print (Fn [Json] String) "On one line.\n> (json/print (to-json [1 2])) => \"[1,2]\"")
(builtin pretty (Fn [Json] String)
  "With a line for each part, indented by two.\n> (json/pretty (to-json [1])) => \"[\\n  1\\n]\"")

(defn get "The value of a key of an object.
> (json/get (to-json {\"a\" 1}) \"a\") => (Some (JsonNumber 1.0))"
  [j key]
  (match j [(JsonObject m) (map/get m key)] [_ None]))

(defn at "The element of an array at an index from 0.
> (json/at (to-json [5]) 0) => (Some (JsonNumber 5.0))"
  [j i]
  (match j [(JsonArray v) (vector/get v i)] [_ None]))

(defn path "The value at the end of a path of keys.
> (json/path (to-json {\"a\" {\"b\" true}}) [\"a\" \"b\"]) => (Some (JsonBool true))"
  [j keys]
  (vector/fold (fn [found key] (option/and-then (fn [j] (get j key)) found)) (Some j) keys))

(defn as-string "The text, if it is one.\n> (json/as-string (to-json \"a\")) => (Some \"a\")" [j]
  (match j [(JsonString s) (Some s)] [_ None]))
(defn as-number "The number, if it is one.\n> (json/as-number (to-json 2)) => (Some 2.0)" [j]
  (match j [(JsonNumber x) (Some x)] [_ None]))
(defn as-int "The number, if it is whole.\n> (json/as-int (JsonNumber 2.5)) => None" [j]
  (match j
    [(JsonNumber x)
     (if (and (<= (abs x) 9e15) (= (float (truncate x)) x)) (Some (truncate x)) None)]
    [_ None]))
(defn as-bool "The truth value, if it is one.\n> (json/as-bool (to-json true)) => (Some true)" [j]
  (match j [(JsonBool b) (Some b)] [_ None]))
(defn as-array
  "The elements, if it is an array.\n> (json/as-array (to-json [1])) => (Some [(JsonNumber 1.0)])"
  [j]
  (match j [(JsonArray v) (Some v)] [_ None]))
(defn as-object "The entries, if it is an object.\n> (json/as-object JsonNull) => None" [j]
  (match j [(JsonObject m) (Some m)] [_ None]))
