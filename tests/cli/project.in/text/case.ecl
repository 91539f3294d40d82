(module text.case)
(defn loud "With a mark.\n> (loud \"hey\") => \"hey!\"" [s] (str s "!"))
