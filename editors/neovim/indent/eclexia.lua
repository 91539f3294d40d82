-- Lines are indented as `eclexia fmt` lays them out.
if vim.b.did_indent == 1 then
  return
end
vim.b.did_indent = 1

vim.bo.lisp = false
vim.bo.autoindent = true
vim.bo.indentexpr = "v:lua.require'eclexia.indent'.column(v:lnum)"
vim.bo.indentkeys = "!^F,o,O"
vim.b.undo_indent = "setlocal indentexpr< indentkeys< lisp< autoindent<"
