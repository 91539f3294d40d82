" Colours for Eclexia where the tree-sitter grammar is not installed.
" tests/src/editors.rs checks the words against the compiler.
if exists('b:current_syntax')
  finish
endif

syn match eclexiaName /[^][ \t\r,(){}"`~;@#0-9:&'\\|][^][ \t\r,(){}"`~;@#\\|]*/
syn match eclexiaType /\<\u[^][ \t\r,(){}"`~;@#\\|]*/
syn match eclexiaField /(\zs\.[^][ \t\r.,(){}"`~;@#\\|][^][ \t\r,(){}"`~;@#\\|]*/
syn match eclexiaKeyword /:[^][ \t\r,(){}"`~;@#:\\|][^][ \t\r,(){}"`~;@#\\|]*/
syn match eclexiaNumber /[+-]\?\<0x\x[0-9a-fA-F_]*/
syn match eclexiaNumber /[+-]\?\<\d[0-9_]*\%(\.\d[0-9_]*\)\?\%([eE][+-]\?\d\+\)\?%\?/ nextgroup=eclexiaUnit
syn match eclexiaUnit /\a[[:alnum:]_^*\/-]*/ contained
syn match eclexiaPrefix /['`&]\|\~@\?/

syn keyword eclexiaSpecial let fn if cond when and or do match loop recur for times the try return
syn keyword eclexiaSpecial abort with borrow with-fields -> ->> as-> some-> cond->
syn keyword eclexiaDefine module import def defn sig deftype defrecord defalias definterface
syn keyword eclexiaDefine implement defmacro deftest defdimension defunit builtin builtin-type extern
syn keyword eclexiaDefine defadaptive defbudget defvolume defservice defjob defdeployment
syn keyword eclexiaConstant true false unit

syn match eclexiaEscape /\\\%([ntr\\"0]\|u{\x\{1,6}}\)/ contained
syn match eclexiaBadEscape /\\\%([ntr\\"0]\|u{\x\{1,6}}\)\@!./ contained
syn region eclexiaString start=/"/ skip=/\\./ end=/"/ contains=eclexiaEscape,eclexiaBadEscape
syn region eclexiaString start=/"""/ end=/"""/
syn match eclexiaComment /;.*$/ contains=@Spell
syn region eclexiaBlock start=/#|/ end=/|#/ contains=eclexiaBlock,@Spell
syn match eclexiaDropped /#_/

syn sync minlines=200

hi def link eclexiaType Type
hi def link eclexiaField Identifier
hi def link eclexiaKeyword Special
hi def link eclexiaNumber Number
hi def link eclexiaUnit Type
hi def link eclexiaPrefix Operator
hi def link eclexiaSpecial Statement
hi def link eclexiaDefine Define
hi def link eclexiaConstant Boolean
hi def link eclexiaString String
hi def link eclexiaEscape SpecialChar
hi def link eclexiaBadEscape Error
hi def link eclexiaComment Comment
hi def link eclexiaBlock Comment
hi def link eclexiaDropped Comment

let b:current_syntax = 'eclexia'
