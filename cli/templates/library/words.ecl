; project-name.words: a module for others. In this folder:
;
;   eclexia test         the tests, and the examples in docstrings
;   eclexia doc --html   its documentation as pages
;
; Another project uses it after `eclexia add ../project-name`, with `(import project-name.words)`.
(module project-name.words :exports [greeting initials])

(defn greeting "A greeting.
> (greeting \"Ada\") => \"Hello, Ada!\"" [name]
  (str "Hello, " name "!"))

(defn initials "The first letters of the words of a name.
> (initials \"Ada Lovelace\") => \"AL\"" [name]
  (string/join "" (vector/map (fn [word] (string/take 1 word)) (string/words name))))
