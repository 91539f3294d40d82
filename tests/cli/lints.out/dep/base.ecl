(module base :exports [team twice])
(import std.deploy :all)
(defbudget team {:cpu 64cpu :memory 64GiB})
(defn twice [n] (do (* 2 n)))
