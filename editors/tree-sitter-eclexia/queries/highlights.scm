; What the words of Eclexia are. Of several patterns that match a node the last one counts.
; The lists of words are checked against the compiler by `tests/src/editors.rs`.

[(line_comment) (block_comment)] @comment

(symbol) @variable
(keyword) @string.special.symbol
[(number) (percent)] @number
(unit) @type
[(string) (raw_string)] @string
(escape) @string.escape
[(bad_token) (bad_escape)] @error

["(" ")" "[" "]" "{" "}"] @punctuation.bracket
["'" "`" "~" "~@" "&"] @operator

((symbol) @type (#match? @type "^[A-Z]"))
((symbol) @property (#match? @property "^[.][^.]"))
((symbol) @constant.builtin (#any-of? @constant.builtin "true" "false" "unit"))
((symbol) @variable.builtin (#any-of? @variable.builtin "_" "..." "&"))

(list . (symbol) @function.call
  (#not-match? @function.call "^[A-Z.]"))

; Special forms.
(list . (symbol) @keyword
  (#any-of? @keyword
    "let" "fn" "if" "cond" "when" "and" "or" "do" "match" "loop" "recur" "for" "times" "the" "try"
    "return" "abort" "with" "borrow" "with-fields" "->" "->>" "as->" "some->" "cond->"))

; Forms that define something, and those macros of the library that do.
(list . (symbol) @keyword
  (#any-of? @keyword
    "module" "import" "def" "defn" "sig" "deftype" "defrecord" "defalias" "definterface"
    "implement" "defmacro" "deftest" "defdimension" "defunit" "builtin" "builtin-type" "extern"
    "defadaptive" "defbudget" "defvolume" "defservice" "defjob" "defdeployment"))

; What is defined, its docstring and its parameters. Heads are caught again, since a highlighter
; may drop a match whose first node a later one claims.
(list . (symbol) @keyword . [(symbol) (list)] . (string) @string.documentation
  (#match? @keyword "^def"))
(list . (symbol) @keyword . (symbol) @function
  (#any-of? @keyword "defn" "defadaptive" "builtin" "extern"))
(list . (symbol) @keyword . (symbol) @function . (string) @string.documentation
  (#any-of? @keyword "defn" "defadaptive"))
(list . (symbol) @keyword . (symbol) @function . (vector (symbol)+ @variable.parameter)
  (#any-of? @keyword "defn" "defadaptive"))
(list . (symbol) @keyword . (symbol) @function . (string) @string.documentation .
  (vector (symbol)+ @variable.parameter)
  (#any-of? @keyword "defn" "defadaptive"))
(list . (symbol) @keyword . (list . (symbol) @function.macro)
  (#eq? @keyword "defmacro"))
(list . (symbol) @keyword . (list . (symbol) @function.macro) . (string) @string.documentation
  (#eq? @keyword "defmacro"))
(list . (symbol) @keyword . (vector (symbol)+ @variable.parameter)
  (#eq? @keyword "fn"))

(datum_comment) @comment
