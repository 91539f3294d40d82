(defn area "The area." [width] (if true (* width 2.5m) unit))
;<- punctuation.bracket
;^ keyword
;     ^ function
;          ^ string.documentation
;                       ^ variable.parameter
;                               ^ keyword
;                                  ^ constant.builtin
;                                        ^ function.call
;                                          ^ variable
;                                                ^ number
;                                                   ^ type
;                                                      ^ constant.builtin

(defservice web {:port 80 :at (.host (Server {:x list/map}))})
;^ keyword
;           ^ variable
;                ^ string.special.symbol
;                              ^ property
;                                     ^ type
;                                                ^ variable

(let [x "a\n\q"] (eat &x 5//) #_ x) ; why
;^ keyword
;       ^ string
;         ^ string.escape
;           ^ error
;                 ^ function.call
;                     ^ operator
;                        ^ error
;                             ^ comment
;                                   ^ comment

(defmacro (twice x) "Two." (-> x 'x))
;          ^ function.macro
;                   ^ string.documentation
;                           ^ keyword
;                                ^ operator
