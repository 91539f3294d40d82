(import std.deploy :all)
(defservice a {:image "a" :needs [a]})
(defdeployment p {:regions [] :services [a a]})
