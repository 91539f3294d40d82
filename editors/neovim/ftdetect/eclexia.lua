vim.cmd([[autocmd BufRead,BufNewFile *.ecl setfiletype eclexia]])
