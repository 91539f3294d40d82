(module web.page) (def title "two")
