; Characters: strings of one code point. What is asked of anything else is false, or None.
(module std.char)

(builtin upper? (Fn [String] Bool) "Whether it is a capital letter.\n> (char/upper? \"Ä\") => true")
(builtin lower? (Fn [String] Bool) "Whether it is a small letter.\n> (char/lower? \"Ä\") => false")
(builtin alphanumeric? (Fn [String] Bool)
  "Whether it is a letter or a digit of any script.\n> (char/alphanumeric? \"٣\") => true")
(builtin control? (Fn [String] Bool)
  "Whether it is a control character.\n> (char/control? \"\\n\") => true")
(builtin punctuation? (Fn [String] Bool)
  "Whether it is punctuation of ASCII.\n> (char/punctuation? \"!\") => true")
(builtin digit-in (Fn [String Int] (Option Int))
  "Its value as a digit to a base from 2 to 36.\n> (char/digit-in \"f\" 16) => (Some 15)")

(defn char? "Whether it is one code point.\n> (char/char? \"ab\") => false" [c]
  (= (string/length c) 1))
(defn letter? "Whether it is a letter.\n> (char/letter? \"é\") => true" [c]
  (if (char? c) (string/letter? c) false))
(defn digit? "Whether it is a digit 0 to 9.\n> (char/digit? \"7\") => true" [c]
  (if (char? c) (string/digit? c) false))
(defn space? "Whether it is white space.\n> (char/space? \"\\t\") => true" [c]
  (if (char? c) (string/space? c) false))
(defn ascii? "Whether it is in ASCII.\n> (char/ascii? \"é\") => false" [c]
  (match (code c) [(Some n) (< n 128)] [None false]))
(defn code "Its code point.\n> (char/code \"A\") => (Some 65)" [c]
  (if (char? c) (string/code c) None))
(defn from-code "The character of a code point.\n> (char/from-code 955) => (Some \"λ\")" [n]
  (string/from-code n))
(defn to-digit "Its value as a decimal digit.\n> (char/to-digit \"7\") => (Some 7)" [c]
  (digit-in c 10))
(defn from-digit "The digit of a value from 0 to 35.\n> (char/from-digit 11) => (Some \"b\")" [n]
  (cond (< n 0) None
        (< n 10) (string/from-code (+ 48 n))
        (< n 36) (string/from-code (+ 87 n))
        :else None))
(defn upper "As a capital letter.\n> (char/upper \"a\") => \"A\"" [c] (string/upper c))
(defn lower "As a small letter.\n> (char/lower \"A\") => \"a\"" [c] (string/lower c))
(defn next "The character with the next code point.\n> (char/next \"a\") => (Some \"b\")" [c]
  (option/and-then (fn [n] (string/from-code (+ n 1))) (code c)))
(defn range "The characters from one up to and with another.
> (char/range \"a\" \"c\") => [\"a\" \"b\" \"c\"]"
  [from to]
  (match (code from)
    [(Some a)
     (match (code to)
       [(Some b) (vector/filter-map string/from-code (vector/range a (+ b 1)))]
       [None []])]
    [None []]))
