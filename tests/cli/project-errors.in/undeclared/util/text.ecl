(module util.text) (defn loud [s] (str s "!"))
