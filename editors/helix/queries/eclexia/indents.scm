; For Helix, as near to `eclexia fmt` as its queries come: what is not said here is said by
; `eclexia fmt`, which the language server runs.

; Arguments stand below the first one ...
(list . (symbol) @_head . (_) @anchor
  (#not-match? @_head "^(def|->$)")
  (#not-any-of? @_head
    "let" "fn" "if" "cond" "when" "do" "match" "loop" "for" "times" "try" "with" "borrow" "as->"
    "cond->" "module" "sig" "implement" "builtin" "extern")
  (#same-line? @_head @anchor)
  (#set! "scope" "tail")) @align

; ... but those of definitions and blocks two columns in.
(list . (symbol) @_head
  (#any-of? @_head
    "let" "fn" "if" "cond" "when" "do" "match" "loop" "for" "times" "try" "with" "borrow" "as->"
    "cond->" "module" "sig" "implement" "builtin" "extern")) @indent
(list . (symbol) @_head
  (#match? @_head "^def")) @indent

; What is in brackets and braces stands below the first of it.
(vector . (_) @anchor (#set! "scope" "tail")) @align
(map . (_) @anchor (#set! "scope" "tail")) @align
