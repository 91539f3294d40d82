(module import-itself)
(import import-itself)
(def x import-itself/x)
