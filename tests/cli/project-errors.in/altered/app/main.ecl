(import web.page) (defn main [world] (print page/title))
