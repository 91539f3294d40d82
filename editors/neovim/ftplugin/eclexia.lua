-- Options of buffers with Eclexia programs.
if vim.b.did_ftplugin == 1 then
  return
end
vim.b.did_ftplugin = 1

local set = vim.opt_local
set.comments = ":;"
set.commentstring = "; %s"
-- The characters of names: ! $ & ' * + - . / digits : < = > ? ^ _
set.iskeyword = "@,33,36,38,39,42,43,45-58,60-63,94,95"
set.suffixesadd = ".ecl"
set.expandtab = true
set.shiftwidth = 2
set.softtabstop = 2
set.textwidth = 100
set.formatoptions:remove("t")
-- `gggqG` lays the whole file out.
set.formatprg = "eclexia fmt -"
-- `:make %` checks the file, and the quickfix list has its messages.
set.makeprg = "eclexia check"
set.errorformat = "%E%trror[%.%#]: %m,%W%tarning[%.%#]: %m,%C%*[ ]╭─[ %f:%l:%c ],%-C%.%#,%-G%.%#"
vim.b.undo_ftplugin = "setlocal comments< commentstring< iskeyword< suffixesadd< expandtab<"
  .. " shiftwidth< softtabstop< textwidth< formatoptions< formatprg< makeprg< errorformat<"
