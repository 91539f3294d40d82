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
  "The Int that a text is: digits behind a sign, or without, and nothing else.
> (string/parse-int \"-42\") => (Some -42)
> (string/parse-int (string/trim \" 7\\n\")) => (Some 7)")
(builtin parse-float (Fn [String] (Option Float))
  "The Float that a text is: digits with sign, point and exponent, or without, and nothing else.
> (string/parse-float \"1e3\") => (Some 1000.0)")
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
  (if (< i 0) None (let [c (slice s i (+ i 1))] (if (= c "") None (Some c)))))

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

; ---------------------------------------------------------- what people see, bytes, and columns

(builtin graphemes (Fn [String] (Vector String))
  "The characters as people see them, whatever code points they are made of.
> (string/graphemes \"e\u{301}a\") => [\"e\u{301}\" \"a\"]")
(builtin word-parts (Fn [String] (Vector String))
  "The words, without punctuation between them.
> (string/word-parts \"Well, it's so.\") => [\"Well\" \"it's\" \"so\"]")
(builtin width (Fn [String] Int)
  "How many columns of a terminal it takes.\n> (string/width \"日本\") => 4")
(builtin bytes (Fn [String] (Vector Int))
  "Its bytes in UTF-8.\n> (string/bytes \"é\") => [195 169]")
(builtin from-bytes (Fn [(Vector Int)] (Option String))
  "The text of bytes in UTF-8, if they are.\n> (string/from-bytes [195 169]) => (Some \"é\")")
(builtin byte-length (Fn [String] Int)
  "How many bytes it has in UTF-8.\n> (string/byte-length \"é\") => 2")
(builtin last-index-of (Fn [String String] (Option Int))
  "Where the second is last in the first.\n> (string/last-index-of \"abcab\" \"ab\") => (Some 3)")
(builtin occurrences (Fn [String String] Int)
  "How often the second is in the first, without overlaps.
> (string/occurrences \"banana\" \"an\") => 2")
(builtin replace-first (Fn [String String String] String)
  "With the third where the second was first.
> (string/replace-first \"a-b-c\" \"-\" \"+\") => \"a+b-c\"")
(builtin parse-int-in (Fn [String Int] (Option Int))
  "The Int that a text is to a base from 2 to 36: digits behind a sign, or without.
> (string/parse-int-in \"ff\" 16) => (Some 255)")

(defn grapheme-count "How many characters people see.
> (string/grapheme-count \"e\u{301}a\") => 2"
  [s]
  (vector/length (graphemes s)))
(defn reverse-graphemes "The characters that people see, back to front.
> (string/reverse-graphemes \"ae\u{301}\") => \"e\u{301}a\""
  [s]
  (concat (vector/reverse (graphemes s))))
(defn from-chars "Strings one after the other.\n> (string/from-chars [\"a\" \"b\"]) => \"ab\"" [cs]
  (concat cs))

; ----------------------------------------------------------------------------- reading values

(defn parse-bool "`true` or `false`.\n> (string/parse-bool \"true\") => (Some true)" [s]
  (match (trim s) ["true" (Some true)] ["false" (Some false)] [_ None]))

; --------------------------------------------------------------------------------- taking apart

(defn split-lines "The lines, as `lines`.\n> (string/split-lines \"a\\nb\") => [\"a\" \"b\"]" [s]
  (lines s))
(defn unlines
  "Lines, each with its end.\n> (string/unlines [\"a\" \"b\"]) => \"a\\nb\\n\"" [parts]
  (concat (vector/map (fn [line] (string-append line "\n")) parts)))
(defn unwords "Words with spaces between.\n> (string/unwords [\"a\" \"b\"]) => \"a b\"" [parts]
  (join " " parts))

(defn split-last "What is before and after the last separator.
> (string/split-last \"a.b.c\" \".\") => (Some (Pair \"a.b\" \"c\"))"
  [s separator]
  (match (last-index-of s separator)
    [None None]
    [(Some i) (Some (Pair (take i s) (drop (+ i (length separator)) s)))]))

(builtin split-most (Fn [String String Int] (Vector String))
  "At most `n` parts between separators; the last holds what is left.
> (string/split-most \"a,b,c\" \",\" 2) => [\"a\" \"b,c\"]")

(defn split-at "The first `n` code points, and the others.
> (string/split-at 1 \"abc\") => (Pair \"a\" \"bc\")"
  [n s]
  (Pair (take n s) (drop n s)))
(defn take-last "The last `n` code points.\n> (string/take-last 2 \"abc\") => \"bc\"" [n s]
  (drop (- (length s) (max n 0)) s))
(defn drop-last "Without the last `n` code points.\n> (string/drop-last 2 \"abc\") => \"a\"" [n s]
  (take (- (length s) (max n 0)) s))
(defn take-while "The longest start of whose code points `p` holds.
> (string/take-while string/digit? \"12ab3\") => \"12\""
  [p s]
  (concat (vector/take-while p (chars s))))
(defn drop-while "Without the longest start of whose code points `p` holds.
> (string/drop-while string/digit? \"12ab3\") => \"ab3\""
  [p s]
  (concat (vector/drop-while p (chars s))))
(defn chunks "Pieces of `n` code points; the last may be shorter.
> (string/chunks 2 \"abc\") => [\"ab\" \"c\"]"
  [n s]
  (vector/map concat (vector/chunks n (chars s))))

(builtin indices-of (Fn [String String] (Vector Int))
  "All places of the second in the first, without overlaps.
> (string/indices-of \"banana\" \"an\") => [1 3]")

; --------------------------------------------------------------------------- by code points

(defn map-chars "Every code point changed by `f`.
> (string/map-chars (fn [c] (if (= c \"a\") \"o\" c)) \"banana\") => \"bonono\""
  [f s]
  (concat (vector/map f (chars s))))
(defn filter "The code points of which `keep?` holds.
> (string/filter string/digit? \"a1b2\") => \"12\""
  [keep? s]
  (concat (vector/filter keep? (chars s))))
(defn any? "Whether `p` holds of some code point.\n> (string/any? string/digit? \"a1\") => true"
  [p s]
  (vector/any? p (chars s)))
(defn all? "Whether `p` holds of every code point.\n> (string/all? string/digit? \"a1\") => false"
  [p s]
  (vector/all? p (chars s)))
(defn fold "Combines the code points from the left.
> (string/fold (fn [n c] (+ (* 10 n) (string/length c))) 0 \"ab\") => 11"
  [f init s]
  (vector/fold f init (chars s)))

; ------------------------------------------------------------------------------ case and layout

(defn equal-ignoring-case? "Whether they differ in capitals at most.
> (string/equal-ignoring-case? \"Straße\" \"STRASSE\") => true"
  [a b]
  (= (lower (upper a)) (lower (upper b))))
(defn title "With a capital first letter of each word.
> (string/title \"the end\") => \"The End\""
  [s]
  (join " " (vector/map capitalize (split s " "))))
(defn center "In the middle of a length.\n> (string/center \"ab\" 5 \".\") => \".ab..\""
  [s width fill]
  (let [missing (max 0 (- width (length s)))]
    (str (repeat fill (quot missing 2)) s (repeat fill (- missing (quot missing 2))))))
(defn truncate "At most `n` code points, the last a mark where some are missing.
> (string/truncate \"abcdef\" 4 \"…\") => \"abc…\""
  [s n mark]
  (if (<= (length s) n) s (string-append (take (- n (length mark)) s) mark)))
(defn indent
  "Every line that is not empty after a prefix.
> (string/indent \"a\\nb\" \"  \") => \"  a\\n  b\""
  [s prefix]
  (join "\n" (vector/map (fn [line] (if (= line "") line (string-append prefix line)))
                         (split s "\n"))))
(defn wrap "Words in lines of at most so many columns, where words are no longer than that.
> (string/wrap \"to be or not to be\" 8) => \"to be or\\nnot to\\nbe\""
  [s columns]
  (let [add (fn [(Pair lines line) word]
              (cond (= line "") (Pair lines word)
                    (<= (+ (width line) (+ 1 (width word))) columns)
                    (Pair lines (str line " " word))
                    :else (Pair (vector/push lines line) word)))
        (Pair lines line) (vector/fold add (Pair [] "") (words s))]
    (join "\n" (if (= line "") lines (vector/push lines line)))))
(defn squeeze "With single spaces for all white space, and none at the ends.
> (string/squeeze \"  a   b \") => \"a b\""
  [s]
  (join " " (words s)))
(defn common-prefix "The longest start of both.
> (string/common-prefix \"prefix\" \"prelude\") => \"pre\""
  [a b]
  (concat (vector/map fst (vector/take-while (fn [(Pair x y)] (= x y))
                                             (vector/zip (chars a) (chars b))))))
