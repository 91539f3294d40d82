; Paths as text, with `/` between their parts; nothing here looks at a disk.
(module std.path
  :exports [join join-all parts normalize absolute? parent file-name extension stem with-extension
            relative-to inside? components])

(defn absolute? "Whether it starts at the root.\n> (path/absolute? \"/etc\") => true" [p]
  (string/starts-with? p "/"))
(defn components "The names that it goes through.
> (path/components \"/a//b/c\") => [\"a\" \"b\" \"c\"]"
  [p]
  (vector/remove string/empty? (string/split p "/")))
(defn join "One path after the other; the second alone if it is absolute.
> (path/join \"a/b\" \"c\") => \"a/b/c\""
  [p q]
  (cond (absolute? q) q
        (= p "") q
        (= q "") p
        (string/ends-with? p "/") (str p q)
        :else (str p "/" q)))
(defn join-all "Paths one after the other.\n> (path/join-all [\"a\" \"b\" \"c\"]) => \"a/b/c\"" [ps]
  (vector/fold join "" ps))
(defn rooted [p names]
  (let [text (string/join "/" names)]
    (cond (absolute? p) (str "/" text)
          (= text "") "."
          :else text)))
(defn normalize "Without `.`, and without `..` where it can be said without.
> (path/normalize \"a/./b/../c\") => \"a/c\"
> (path/normalize \"../a/../..\") => \"../..\""
  [p]
  (rooted p
          (vector/fold (fn [names name]
                         (cond (= name ".") names
                               (not= name "..") (vector/push names name)
                               (climbs? names) (if (absolute? p) names (vector/push names name))
                               :else (vector/init names)))
                       []
                       (components p))))
(defn climbs? [names] (match (vector/last names) [None true] [(Some name) (= name "..")]))
(defn parts "The folder that it is in, and its last name.
> (path/parts \"a/b.txt\") => (Pair \"a\" \"b.txt\")"
  [p]
  (Pair (option/get-or (parent p) "") (option/get-or (file-name p) "")))
(defn parent "The folder that it is in.
> (path/parent \"/a/b\") => (Some \"/a\")
> (path/parent \"a\") => None"
  [p]
  (let [names (components p)]
    (if (> (vector/length names) (if (absolute? p) 0 1)) (Some (rooted p (vector/init names)))
        None)))
(defn file-name "Its last name.\n> (path/file-name \"a/b.txt\") => (Some \"b.txt\")" [p]
  (match (vector/last (components p)) [(Some "..") None] [other other]))
(defn stem "Its last name without the extension.\n> (path/stem \"a/b.tar.gz\") => (Some \"b.tar\")"
  [p]
  (option/map (fn [name] (fst (apart name))) (file-name p)))
(defn extension "What is after the last point of its last name.
> (path/extension \"a/b.tar.gz\") => (Some \"gz\")
> (path/extension \".profile\") => None"
  [p]
  (option/and-then (fn [name] (snd (apart name))) (file-name p)))
(defn apart [name]
  (match (string/split-last name ".")
    [(Some (Pair stem extension)) :when (not (= stem "")) (Pair stem (Some extension))]
    [_ (Pair name None)]))
(defn with-extension "With another extension, or one more where it has none.
> (path/with-extension \"a/b.txt\" \"md\") => \"a/b.md\""
  [p extension]
  (match (stem p)
    [None p]
    [(Some stem) (join (option/get-or (parent p) "") (str stem "." extension))]))
(defn inside? "Whether it is a folder, or leads into it, as far as the text tells.
> (path/inside? \"/srv\" \"/srv/a/../b\") => true
> (path/inside? \"/srv\" \"/srv/../etc\") => false"
  [folder p]
  (match (relative-to folder p)
    [(Some rest) (not (= (vector/first (components rest)) (Some "..")))]
    [None false]))
(defn relative-to "The path from a folder to another, as far as the text tells.
> (path/relative-to \"/a/b\" \"/a/c/d\") => (Some \"../c/d\")
> (path/relative-to \"/a\" \"b\") => None"
  [folder p]
  (if (not (= (absolute? folder) (absolute? p)))
    None
    (let [from (components (normalize folder)) to (components (normalize p))
          from (if (= from ["."]) [] from) to (if (= to ["."]) [] to)
          same (vector/length (vector/take-while (fn [(Pair a b)] (= a b)) (vector/zip from to)))
          up (vector/map (fn [_] "..") (vector/drop same from))]
      (Some (rooted "" (vector/append up (vector/drop same to)))))))
