; Tests of words.ecl; `eclexia test` runs them and the examples in docstrings.
(import project-name.words)
(import std.gen :only [for-all])

(deftest "a name has as many initials as words"
  (for-all [names (gen/vector-of (gen/elements ["Ada" "Grace" "Edsger"]))]
           (= (string/length (words/initials (string/join " " names))) (vector/length names))))
