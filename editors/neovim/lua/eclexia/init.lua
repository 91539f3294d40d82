-- `require("eclexia").setup()` starts the language server for each Eclexia buffer, on Neovim 0.7
-- and newer, and tells nvim-treesitter, if it is there, where the grammar is.

local M = {}

local MARKERS = { "eclexia.toml", ".git" }

local here = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p")

-- The folder of the project around a file: the nearest with a marker, or the file's own.
local function root(path)
  local folder = vim.fn.fnamemodify(path, ":p:h")
  local at = folder
  while true do
    for _, marker in ipairs(MARKERS) do
      local candidate = at .. "/" .. marker
      if vim.fn.filereadable(candidate) == 1 or vim.fn.isdirectory(candidate) == 1 then
        return at
      end
    end
    local parent = vim.fn.fnamemodify(at, ":h")
    if parent == at then
      return folder
    end
    at = parent
  end
end

-- Clients by root, for Neovim 0.7, which does not look for them itself.
local clients = {}

local function start(options, buffer)
  local folder = root(vim.api.nvim_buf_get_name(buffer))
  local config = vim.tbl_extend("force", {
    name = "eclexia",
    cmd = { options.command, "lsp" },
    root_dir = folder,
  }, options.server)
  if vim.lsp.start then
    vim.lsp.start(config)
    return
  end
  local id = clients[folder]
  if not id or not vim.lsp.get_client_by_id(id) then
    id = vim.lsp.start_client(config)
    clients[folder] = id
  end
  if id then
    vim.lsp.buf_attach_client(buffer, id)
  end
end

local function register_grammar()
  local install_info = {
    path = vim.fn.fnamemodify(here, ":h:h:h:h") .. "/tree-sitter-eclexia",
    files = { "src/parser.c", "src/scanner.c" },
  }
  -- The older nvim-treesitter calls the folder `url`.
  install_info.url = install_info.path
  local has_parsers, parsers = pcall(require, "nvim-treesitter.parsers")
  if not has_parsers then
    return
  end
  local known = parsers.get_parser_configs and parsers.get_parser_configs() or parsers
  known.eclexia = { install_info = install_info, filetype = "eclexia" }
end

--- Options: `command`, the `eclexia` command; `server`, more fields of the client's configuration.
function M.setup(options)
  options = vim.tbl_extend("force", { command = "eclexia", server = {} }, options or {})
  register_grammar()
  local group = vim.api.nvim_create_augroup("eclexia", { clear = true })
  vim.api.nvim_create_autocmd("User", {
    group = group,
    pattern = "TSUpdate",
    callback = register_grammar,
  })
  vim.api.nvim_create_autocmd("FileType", {
    group = group,
    pattern = "eclexia",
    callback = function(event)
      start(options, event.buf)
    end,
  })
end

return M
