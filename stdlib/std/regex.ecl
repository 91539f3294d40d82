; Regular expressions. Matching takes time linear in the text, whatever the pattern; there are no
; look-around and no back-references. Places count code points. The syntax is that of the Rust crate
; `regex`: `\d \w \s \b`, classes, `(?<name>…)`, `(?i)`; write patterns as raw strings `"""\d+"""`.
(module std.regex
  :exports [Regex Match compile re pattern escape matches? full-match? find find-all captures
            captures-all named replace replace-first split count])

(deftype Regex "A pattern that was found to be right." :private (Regex String)
  :deriving [Eq Ord Hash])
(implement (Show Regex) (defn show [r] (str "(regex/re " (show-nested (pattern r)) ")")))
(defrecord Match "Matched text, and the code points where it begins and ends."
  {:text String :start Int :end Int}
  :deriving [Eq Ord Show Hash])

(builtin check (Fn [String] (Result Unit String)))
(builtin is-match (Fn [String String] Bool))
(builtin spans (Fn [String String Int] (Vector (Pair String (Pair Int Int)))))
(builtin groups (Fn [String String Int] (Vector (Vector (Option String)))))
(builtin group-names (Fn [String] (Vector (Option String))))
(builtin replace-most (Fn [String String String Int] String))
(builtin parts (Fn [String String] (Vector String)))
(builtin quote (Fn [String] String))

(defn compile "The regular expression of a pattern, or what is wrong with it.
> (regex/compile \"a(\") => (Err \"unclosed group\")"
  [pattern]
  (result/map (fn [_] (Regex pattern)) (check pattern)))
(defn re "The regular expression of a pattern; aborts where it is wrong.
> (regex/matches? (regex/re \"a+\") \"baa\") => true"
  [pattern]
  (match (compile pattern)
    [(Ok r) r]
    [(Err why) (abort (str "the pattern " (show-nested pattern) ": " why))]))
(defn pattern "The text of a regular expression.\n> (regex/pattern (regex/re \"a+\")) => \"a+\"" [r]
  (match r [(Regex text) text]))
(defn escape "A pattern that matches just the text.\n> (regex/escape \"1+1\") => \"1\\\\+1\"" [text]
  (quote text))

(defn matches? "Whether it matches somewhere in a text.
> (regex/matches? (regex/re \"^b\") \"abc\") => false"
  [r text]
  (is-match (pattern r) text))
(defn full-match? "Whether it matches the whole text.
> (regex/full-match? (regex/re \"a|ab\") \"ab\") => true"
  [r text]
  (is-match (str "\\A(?:" (pattern r) ")\\z") text))

(defn of-span [span] (Match {:text (fst span) :start (fst (snd span)) :end (snd (snd span))}))
(defn find "Where it matches first.
> (option/map .text (regex/find (regex/re \"[0-9]+\") \"a12b3\")) => (Some \"12\")"
  [r text]
  (option/map of-span (vector/first (spans (pattern r) text 1))))
(defn find-all "All matches, from the left, without overlaps.
> (vector/map .text (regex/find-all (regex/re \"[0-9]+\") \"a12b3\")) => [\"12\" \"3\"]"
  [r text]
  (vector/map of-span (spans (pattern r) text most)))
(defn count "How often it matches.\n> (regex/count (regex/re \"[0-9]+\") \"a12b3\") => 2" [r text]
  (vector/length (spans (pattern r) text most)))

(defn captures "The groups of the first match; the whole match first, None for what took no part.
> (regex/captures (regex/re \"(a)|(b)\") \"xb\") => (Some [(Some \"b\") None (Some \"b\")])"
  [r text]
  (vector/first (groups (pattern r) text 1)))
(defn captures-all "The groups of every match.
> (regex/captures-all (regex/re \"a(.)\") \"ab\") => [[(Some \"ab\") (Some \"b\")]]"
  [r text]
  (groups (pattern r) text most))
(defn named "The groups `(?<name>…)` of the first match that took part in it, by name.
> (regex/named (regex/re \"(?<k>.+)=(?<v>.+)\") \"a=1\") => (Some {\"k\" \"a\" \"v\" \"1\"})"
  [r text]
  (option/map
   (fn [found]
     (vector/fold (fn [acc (Pair name group)]
                    (match (option/zip name group)
                      [(Some (Pair name text)) (map/insert acc name text)]
                      [None acc]))
       {}
       (vector/zip (group-names (pattern r)) found)))
   (captures r text)))

(defn replace "With another text for every match; `$1` and `${name}` there are groups, `$$` is `$`.
> (regex/replace (regex/re \"(.)=(.)\") \"a=1 b=2\" \"$2=$1\") => \"1=a 2=b\""
  [r text new]
  (replace-most (pattern r) text new 0))
(defn replace-first "With another text for the first match.
> (regex/replace-first (regex/re \"[0-9]\") \"a1b2\" \"#\") => \"a#b2\""
  [r text new]
  (replace-most (pattern r) text new 1))
(defn split "The parts between matches.
> (regex/split (regex/re \", *\") \"a, b,c\") => [\"a\" \"b\" \"c\"]"
  [r text]
  (parts (pattern r) text))

(def most 9223372036854775807)
