; Strings: Unicode text, counted in code points.
(module std.string)

(builtin length (Fn [String] Int) "How many code points.\n> (string/length \"häß\") => 3")
(builtin slice (Fn [String Int Int] String)
  "The code points from an index up to, not including, another.
> (string/slice \"Größe\" 1 4) => \"röß\"")
(builtin chars (Fn [String] (Vector String))
  "Each code point as a string.\n> (string/chars \"ab\") => [\"a\" \"b\"]")
(builtin lines (Fn [String] (Vector String))
  "The lines without their ends.\n> (string/lines \"a\\nb\\n\") => [\"a\" \"b\"]")
(builtin words (Fn [String] (Vector String))
  "The parts between white space.\n> (string/words \" a  b \") => [\"a\" \"b\"]")
(builtin split (Fn [String String] (Vector String))
  "The parts between separators.\n> (string/split \"a,b,\" \",\") => [\"a\" \"b\" \"\"]")
(builtin join (Fn [String (Vector String)] String)
  "Strings with a separator between them.\n> (string/join \", \" [\"a\" \"b\"]) => \"a, b\"")
(builtin trim (Fn [String] String)
  "Without white space at both ends.\n> (string/trim \" a b \") => \"a b\"")
(builtin trim-start (Fn [String] String)
  "Without white space at the start.\n> (string/trim-start \" a \") => \"a \"")
(builtin trim-end (Fn [String] String)
  "Without white space at the end.\n> (string/trim-end \" a \") => \" a\"")
(builtin upper (Fn [String] String) "In capitals.\n> (string/upper \"straße\") => \"STRASSE\"")
(builtin lower (Fn [String] String) "In small letters.\n> (string/lower \"ÄB\") => \"äb\"")
(builtin reverse (Fn [String] String)
  "Code points back to front.\n> (string/reverse \"abc\") => \"cba\"")
(builtin contains? (Fn [String String] Bool)
  "Whether the second is in the first.\n> (string/contains? \"abc\" \"bc\") => true")
(builtin starts-with? (Fn [String String] Bool)
  "Whether the first starts with the second.\n> (string/starts-with? \"abc\" \"ab\") => true")
(builtin ends-with? (Fn [String String] Bool)
  "Whether the first ends with the second.\n> (string/ends-with? \"abc\" \"ab\") => false")
(builtin index-of (Fn [String String] (Option Int))
  "Where the second is first in the first.\n> (string/index-of \"äbc\" \"c\") => (Some 2)")
(builtin replace (Fn [String String String] String)
  "With the third wherever the second was.\n> (string/replace \"a-b-c\" \"-\" \"+\") => \"a+b+c\"")
(builtin repeat (Fn [String Int] String)
  "The string so many times.\n> (string/repeat \"ab\" 3) => \"ababab\"")
(builtin parse-int (Fn [String] (Option Int))
  "The Int that is written there.\n> (string/parse-int \" -42 \") => (Some -42)")
(builtin parse-float (Fn [String] (Option Float))
  "The Float that is written there.\n> (string/parse-float \"1e3\") => (Some 1000.0)")
(builtin code (Fn [String] (Option Int))
  "The code point of the first character.\n> (string/code \"A\") => (Some 65)")
(builtin from-code (Fn [Int] (Option String))
  "The character of a code point.\n> (string/from-code 65) => (Some \"A\")")
(builtin letter? (Fn [String] Bool)
  "Whether it is letters only, and not empty.\n> (string/letter? \"é\") => true")
(builtin digit? (Fn [String] Bool)
  "Whether it is digits 0 to 9 only, and not empty.\n> (string/digit? \"12\") => true")
(builtin space? (Fn [String] Bool)
  "Whether it is white space only, and not empty.\n> (string/space? \" \") => true")
(builtin keyword (Fn [String] Keyword)
  "The keyword of that name.\n> (string/keyword \"cpu\") => :cpu")

(defn empty? "Whether there is nothing in it.\n> (string/empty? \"\") => true" [s] (= s ""))
(defn blank? "Whether there is nothing but white space in it.\n> (string/blank? \" \") => true" [s]
  (= (trim s) ""))
(defn append "One after the other.\n> (string/append \"a\" \"b\") => \"ab\"" [a b]
  (string-append a b))
(defn concat "All one after the other.\n> (string/concat [\"a\" \"b\"]) => \"ab\"" [parts]
  (join "" parts))
(defn take "The first `n` code points.\n> (string/take 2 \"abc\") => \"ab\"" [n s] (slice s 0 n))
(defn drop "Without the first `n` code points.\n> (string/drop 2 \"abc\") => \"c\"" [n s]
  (slice s n (length s)))

(defn char-at "The code point at an index from 0.\n> (string/char-at \"abc\" 1) => (Some \"b\")"
  [s i]
  (if (and (>= i 0) (< i (length s))) (Some (slice s i (+ i 1))) None))

(defn strip-prefix
  "Without that start, if it has it.\n> (string/strip-prefix \"abc\" \"ab\") => (Some \"c\")"
  [s prefix]
  (if (starts-with? s prefix) (Some (drop (length prefix) s)) None))

(defn strip-suffix
  "Without that end, if it has it.\n> (string/strip-suffix \"abc\" \"bc\") => (Some \"a\")"
  [s suffix]
  (if (ends-with? s suffix) (Some (take (- (length s) (length suffix)) s)) None))

(defn split-once "What is before and after the first separator.
> (string/split-once \"k=v=w\" \"=\") => (Some (Pair \"k\" \"v=w\"))"
  [s separator]
  (match (index-of s separator)
    [None None]
    [(Some i) (Some (Pair (take i s) (drop (+ i (length separator)) s)))]))

(defn capitalize "With a capital first letter.\n> (string/capitalize \"abc\") => \"Abc\"" [s]
  (string-append (upper (take 1 s)) (drop 1 s)))

(defn pad-left "Filled up at the left to a length.\n> (string/pad-left \"7\" 3 \"0\") => \"007\""
  [s width fill]
  (string-append (repeat fill (- width (length s))) s))

(defn pad-right "Filled up at the right to a length.\n> (string/pad-right \"7\" 3 \".\") => \"7..\""
  [s width fill]
  (string-append s (repeat fill (- width (length s)))))
