-- nvim --headless -u NONE --cmd 'set rtp^=editors/neovim' -S editors/neovim/test/run.lua
-- Checks the plug-in, on the programs of the folder ECLEXIA_PROGRAMS, which are
-- laid out. PARSER is the compiled grammar, ECLEXIA the command. Writes a line per check; ends with
-- 1 if one failed.

local failed = false

local function check(name, found, expected)
  local is_same = vim.deep_equal(found, expected)
  failed = failed or not is_same
  io.stdout:write((is_same and "ok " or "FAILED ") .. name .. "\n")
  if not is_same then
    io.stdout:write("  found " .. vim.inspect(found) .. "\n  expected " .. vim.inspect(expected) .. "\n")
  end
end

local function group_at(line, text)
  local column = vim.fn.getline(line):find(text, 1, true)
  return vim.fn.synIDattr(vim.fn.synID(line, column, 1), "name")
end

-- The server starts for a buffer, once for a folder, and says what is wrong.
local function server()
  vim.fn.system({ vim.env.ECLEXIA or "eclexia", "lsp", "--help" })
  if vim.v.shell_error ~= 0 then
    io.stdout:write("skipped: ECLEXIA names no command that has `lsp`\n")
    return
  end
  local folder = vim.fn.tempname()
  vim.fn.mkdir(folder)
  vim.fn.writefile({ "(def total (+ cout 1))" }, folder .. "/one.ecl")
  vim.fn.writefile({ "(def right 1)" }, folder .. "/two.ecl")
  vim.cmd("edit " .. folder .. "/two.ecl")
  vim.cmd("edit " .. folder .. "/one.ecl")
  vim.wait(20000, function()
    return #vim.diagnostic.get(0) > 0
  end, 20)
  local found = vim.diagnostic.get(0)[1] or {}
  check("the server finds a mistake", { found.lnum, found.col, found.code }, { 0, 14, "unknown-name" })
  check("one server for one folder", #vim.lsp.get_active_clients(), 1)
  vim.lsp.stop_client(vim.lsp.get_active_clients())
end

local function run()
  vim.cmd("filetype plugin indent on | syntax on")
  local programs = vim.fn.glob(vim.env.ECLEXIA_PROGRAMS .. "/*.ecl", true, true)
  check("there are programs", #programs > 10, true)

  local moved, lines = {}, 0
  for _, program in ipairs(programs) do
    vim.cmd("edit " .. vim.fn.fnameescape(program))
    local before = vim.api.nvim_buf_get_lines(0, 0, -1, false)
    lines = lines + #before
    vim.cmd("silent normal! gg=G")
    for n, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
      if line ~= before[n] then
        moved[#moved + 1] = program .. ":" .. n
      end
    end
    vim.cmd("silent edit!")
  end
  io.stdout:write(lines .. " lines indented, " .. #moved .. " moved\n")
  check("`=` leaves laid out programs alone", vim.list_slice(moved, 1, 5), {})

  vim.cmd("enew")
  vim.bo.filetype = "eclexia"
  vim.api.nvim_buf_set_lines(0, 0, -1, false, {
    '(defn area "Doc." [w] (if true (* w 2.5kWh) (Some :key)))',
    '(defservice web {:a "x\\n\\q"}) ; why',
    '#| block #| in |# still |# (f """raw "a" ; b""" 3)',
  })
  check("the filetype has options", vim.bo.commentstring, "; %s")
  for _, case in ipairs({
    { 1, "defn", "eclexiaDefine" },
    { 1, "if", "eclexiaSpecial" },
    { 1, "true", "eclexiaConstant" },
    { 1, "2.5", "eclexiaNumber" },
    { 1, "kWh", "eclexiaUnit" },
    { 1, "Some", "eclexiaType" },
    { 1, ":key", "eclexiaKeyword" },
    { 2, "defservice", "eclexiaDefine" },
    { 2, "\\n", "eclexiaEscape" },
    { 2, "\\q", "eclexiaBadEscape" },
    { 2, "why", "eclexiaComment" },
    { 3, "still", "eclexiaBlock" },
    { 3, "; b", "eclexiaString" },
    { 3, "3", "eclexiaNumber" },
  }) do
    check("colour of " .. case[2], group_at(case[1], case[2]), case[3])
  end

  vim.fn.setqflist({}, "r", {
    efm = vim.bo.errorformat,
    lines = {
      "error[unknown-name]: `cout` is not defined here",
      "   ╭─[ wrong.ecl:3:15 ]",
      "   │",
      " 3 │ (def total (+ cout 1))",
      "───╯",
    },
  })
  local found = vim.fn.getqflist()[1]
  check("messages are found", { found.lnum, found.col, found.type }, { 3, 15, "e" })

  vim.treesitter.require_language("eclexia", vim.env.PARSER)
  local get_query = vim.treesitter.get_query or vim.treesitter.query.get
  for _, name in ipairs({ "highlights", "folds", "injections" }) do
    check("query " .. name, get_query("eclexia", name) ~= nil, true)
  end
  local tree = vim.treesitter.get_parser(0, "eclexia"):parse()[1]:root()
  check("the grammar reads the buffer", { tree:type(), tree:has_error() }, { "source_file", false })

  local grammars = {}
  package.loaded["nvim-treesitter.parsers"] = {
    get_parser_configs = function()
      return grammars
    end,
  }
  require("eclexia").setup({ command = vim.env.ECLEXIA })
  local grammar = grammars.eclexia.install_info
  check("nvim-treesitter knows the sources", {
    vim.fn.filereadable(grammar.url .. "/" .. grammar.files[1]),
    vim.fn.filereadable(grammar.url .. "/" .. grammar.files[2]),
  }, { 1, 1 })
  server()
end

local ran, problem = pcall(run)
check("the checks run to their end", problem, nil)
vim.cmd((failed or not ran) and "cquit 1" or "qall!")
