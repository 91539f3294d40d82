(defn   f [x]   ; keeps its comment
      (if (> x 0)
  "more"
     "less"))
