; The port that every site listens at.
(module web.ports)

(def site "Where a site listens." 8080)
