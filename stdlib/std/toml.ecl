; TOML 1.0. A document is a JSON object: numbers are Floats, dates and times are text, and an
; integer that no Float holds exactly is refused. `std.json` takes it apart.
(module std.toml)

(builtin parse (Fn [String] (Result Json String))
  "Reads a document, or says where the text is wrong.
> (result/map json/print (toml/parse \"a = 1\")) => (Ok \"{\\\"a\\\":1}\")")
(builtin print (Fn [Json] (Result String String))
  "A document of an object, or why there is none. Keys of null are left out.
> (toml/print (to-json {\"a\" 1})) => (Ok \"a = 1\\n\")")
