(def grüße "héllo")
; café
(def ÿş 2)
