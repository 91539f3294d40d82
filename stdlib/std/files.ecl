; Files, for who holds the capability: `(.files world)` in `main`, or less than that. `within` gives
; files of one folder, whose paths lead nowhere else, neither by `..` nor by a link; `read-only`
; gives files that nobody changes. What is given away can not be taken back by who receives it. All
; text is UTF-8; what goes wrong is an `Err` that says with which path.
(module std.files
  :exports [About read write append list about exists? folder? make-folder remove move copy within
            read-only read-only? read-lines write-lines read-json update walk])

(defrecord About "What is known of a file or folder."
  {:folder? Bool :size Memory :changed Duration}
  :deriving [Eq Show])

(builtin read (Fn [Files String] (Result String String))
  "The text of a file.
> (fn [f] (files/read f \"notes.txt\"))")
(builtin write (Fn [Files String String] (Result Unit String))
  "Replaces a file whole: others see the old text or the new, never half of it.
> (fn [f] (files/write f \"notes.txt\" \"text\"))")
(builtin append (Fn [Files String String] (Result Unit String))
  "Adds a text to the end of a file, which is made where there is none.
> (fn [f] (files/append f \"log.txt\" \"one line\\n\"))")
(builtin list (Fn [Files String] (Result (Vector String) String))
  "The names in a folder, sorted; \"\" is the folder itself that files are within.
> (fn [f] (files/list f \".\"))")
(builtin look (Fn [Files String] (Result (Option (Pair Bool (Pair Memory Duration))) String)))
(builtin make-folder (Fn [Files String] (Result Unit String))
  "Makes a folder, and those that it is in; one that is there already is fine.
> (fn [f] (files/make-folder f \"a/b\"))")
(builtin remove (Fn [Files String] (Result Unit String))
  "Removes a file, or a folder that is empty.
> (fn [f] (files/remove f \"notes.txt\"))")
(builtin move (Fn [Files String String] (Result Unit String))
  "Gives a file or folder another path.
> (fn [f] (files/move f \"old.txt\" \"new.txt\"))")
(builtin within (Fn [Files String] Files)
  "The files in a folder, and no others: paths are taken from there, and none leads outside.
> (fn [f] (files/read (files/within f \"data\") \"prices.csv\"))")
(builtin read-only (Fn [Files] Files)
  "The same files, not to be changed.
> (fn [f] (files/read-only? (files/read-only f)))")
(builtin read-only? (Fn [Files] Bool)
  "Whether they may only be read.
> (fn [f] (files/read-only? f))")

(defn about "What is known of a path; None where nothing is.
> (fn [f] (files/about f \"notes.txt\"))"
  [files path]
  (result/map
   (fn [found]
     (option/map (fn [(Pair folder? (Pair size changed))]
                   (About {:folder? folder? :size size :changed changed}))
                 found))
   (look files path)))
(defn exists? "Whether something is there, as far as one may know.
> (fn [f] (files/exists? f \"notes.txt\"))"
  [files path]
  (match (look files path) [(Ok (Some _)) true] [_ false]))
(defn folder? "Whether a folder is there.\n> (fn [f] (files/folder? f \"data\"))"
  [files path]
  (match (look files path) [(Ok (Some (Pair folder? _))) folder?] [_ false]))
(defn copy "Writes the text of a file to another path.
> (fn [f] (files/copy f \"a.txt\" \"b.txt\"))"
  [files from to]
  (result/and-then (fn [text] (write files to text)) (read files from)))
(defn read-lines "The lines of a file.
> (fn [f] (files/read-lines f \"notes.txt\"))"
  [files path]
  (result/map string/lines (read files path)))
(defn write-lines "Replaces a file by lines.
> (fn [f] (files/write-lines f \"notes.txt\" [\"one\" \"two\"]))"
  [files path lines]
  (write files path (string/unlines lines)))
(defn read-json "The JSON value in a file.
> (fn [f] (files/read-json f \"settings.json\"))"
  [files path]
  (result/and-then (fn [text] (result/context path (json/parse text))) (read files path)))
(defn update "Replaces a file by what `f` makes of its text; empty where there is none.
> (fn [f] (files/update f \"count\" (fn [text] (str text \"|\"))))"
  [files path f]
  (write files path (f (if (exists? files path) (try (read files path)) ""))))
(defn walk
  "The paths of all files below a folder, sorted, links not followed twice: at most a million
names deep in at most 64 folders.
> (fn [f] (files/walk f \"src\"))"
  [files folder]
  (walk-into files folder 0 []))
(defn walk-into [files folder depth found]
  (if (> depth 64)
    (Err (str folder ": folders in more than 64 folders"))
    (result/and-then
     (fn [names]
       (vector/fold-while
        (fn [found name]
          (let [path (path/join folder name)]
            (if (folder? files path)
              (walk-into files path (+ depth 1) found)
              (Ok (vector/push found path)))))
        found
        names))
     (list files folder))))
