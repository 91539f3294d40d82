(import util.text)
(defn main [world] (print (text/loud "a")))
