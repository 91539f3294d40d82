-- A session of neovim: opens, diagnoses, hovers, completes, goes to a definition, renames, lays
-- out; says what each gave, one line each.
local root, command = vim.env.ECLEXIA_PROJECT, vim.env.ECLEXIA_COMMAND
local function say(what, value)
  io.stdout:write(what .. ": " .. tostring(value):gsub("\n", " ") .. "\n")
end
local function fail(what)
  say("failed", what)
  vim.cmd("cquit")
end

vim.o.swapfile = false
vim.cmd("edit " .. root .. "/main.ecl")
local buffer = vim.api.nvim_get_current_buf()
local id = vim.lsp.start_client({ name = "eclexia", cmd = { command, "lsp" }, root_dir = root })
if not id then fail("start") end
vim.lsp.buf_attach_client(buffer, id)
if not vim.wait(20000, function()
  local client = vim.lsp.get_client_by_id(id)
  return client and client.initialized
end, 10) then fail("initialize") end
local client = vim.lsp.get_client_by_id(id)
say("encoding", client.offset_encoding)

local function diagnostics(count, what)
  if not vim.wait(20000, function() return #vim.diagnostic.get(buffer) == count end, 10) then
    fail(what .. ": " .. vim.inspect(vim.diagnostic.get(buffer)))
  end
end
local function position(line, character)
  return { textDocument = { uri = vim.uri_from_bufnr(buffer) },
           position = { line = line, character = character } }
end
local function ask(method, params)
  local answers, why = vim.lsp.buf_request_sync(buffer, method, params, 20000)
  if not answers then fail(method .. ": " .. tostring(why)) end
  local answer = answers[id]
  if answer.err then fail(method .. ": " .. vim.inspect(answer.err)) end
  return answer.result
end

diagnostics(1, "diagnose")
local found = vim.diagnostic.get(buffer)[1]
say("diagnostic", found.code .. " at " .. found.lnum .. ":" .. found.col)
vim.api.nvim_buf_set_text(buffer, 5, 27, 5, 31, { "greet" })
diagnostics(0, "corrected")
say("hover", ask("textDocument/hover", position(5, 29)).contents.value)
local to = ask("textDocument/definition", position(5, 29))[1]
say("definition", vim.fn.fnamemodify(vim.uri_to_fname(to.uri), ":t") .. ":" .. to.range.start.line)
local items = ask("textDocument/completion", position(5, 32))
local labels = {}
for _, item in ipairs(items.items or items) do labels[item.label] = true end
say("completion", labels["greet"] and "has greet" or vim.inspect(vim.tbl_keys(labels)))
local rename = position(5, 29)
rename.newName = "hail"
vim.lsp.util.apply_workspace_edit(ask("textDocument/rename", rename), client.offset_encoding)
say("renamed", vim.api.nvim_buf_get_lines(buffer, 5, 6, true)[1])
diagnostics(0, "renamed")
vim.lsp.buf.formatting_sync(nil, 20000)
say("formatted", table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, true), "|"))
vim.lsp.stop_client(id)
if not vim.wait(20000, function() return vim.lsp.client_is_stopped(id) end, 10) then fail("stop") end
say("stopped", "yes")
vim.cmd("qall!")
