-- For Neovim 0.11 and newer: `vim.lsp.enable("eclexia")`.
return {
  cmd = { "eclexia", "lsp" },
  filetypes = { "eclexia" },
  root_markers = { "eclexia.toml", ".git" },
}
