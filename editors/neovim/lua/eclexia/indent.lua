-- Where a line begins, as compiler/syntax/src/format/layout.rs decides it: by the name at the head
-- of the form around it. The text before the line is read from the last bracket in the first column
-- on, which is taken for the beginning of a definition, as Lisp editors do.

local M = {}

-- Forms of which every argument that begins a line stands two columns in; so do those of each form
-- whose name begins with `def`. tests/src/editors.rs checks the lists against the compiler.
local INNER = { "fn", "sig", "implement", "builtin", "extern" }

-- Forms with a body: how many arguments stand before it.
local BLOCK = {
  [0] = { "cond", "do", "try" },
  [1] = {
    "let", "if", "when", "match", "loop", "for", "times", "with", "borrow", "cond->", "module",
  },
  [2] = { "as->" },
}

local RULES = {}
for _, name in ipairs(INNER) do
  RULES[name] = "inner"
end
for count, names in pairs(BLOCK) do
  for _, name in ipairs(names) do
    RULES[name] = count
  end
end

local function rule(head)
  if not head then
    return "align"
  end
  local is_other = head:find("^default") or head:find("^defer") or head:find("^deflate")
  if head:find("^def") and not is_other then
    return "inner"
  end
  return RULES[head] or "align"
end

local function is_options(frame, is_record)
  return is_record and #frame.data > 1 and frame.head_text:find("^%a") ~= nil
end

-- The end of a block comment that begins at `at`; nil if it has none.
local function comment_end(text, at)
  local depth = 0
  while true do
    local found = text:find("[#|][#|]", at)
    if not found then
      return nil
    end
    local mark = text:sub(found, found + 1)
    if mark == "#|" then
      depth = depth + 1
    elseif mark == "|#" then
      depth = depth - 1
    end
    local is_mark = mark == "#|" or mark == "|#"
    at = found + (is_mark and 2 or 1)
    if depth == 0 then
      return at
    end
  end
end

-- The end of a string that begins at `at`; nil if it has none.
local function string_end(text, at)
  if text:sub(at, at + 2) == '"""' then
    local _, last = text:find('"""', at + 3, true)
    return last and last + 1
  end
  at = at + 1
  while true do
    at = text:find('["\\]', at)
    if not at then
      return nil
    end
    if text:sub(at, at) == '"' then
      return at + 1
    end
    at = at + 2
  end
end

local PREFIXES = { "^#_", "^~@", "^['`~]", "^&[^ \t\r\n\f,;)%]}]" }

local function prefix_length(text, at)
  for length, pattern in ipairs({ PREFIXES[3], PREFIXES[1] }) do
    if text:find(pattern, at) then
      if length == 1 and text:find(PREFIXES[2], at) then
        return 2
      end
      return length
    end
  end
  return text:find(PREFIXES[4], at) and 1 or nil
end

-- The frame of the innermost bracket that is open at the end of `text`; nil at the top level, and
-- "inside" in a string or a comment.
local function innermost(text)
  local stack = {}
  local at, fresh, prefix = 1, true, nil

  -- A datum begins at `at`.
  local function note(first)
    local frame = stack[#stack]
    if not frame then
      prefix = nil
      return
    end
    local is_record = first == "{" and not prefix
    local datum = prefix or { at = at, fresh = fresh }
    if #frame.data == 0 then
      frame.head_text = text:match("^[^ \t\r\n\f,()%[%]{}\"`~;@#\\|]*", at)
      frame.head = not prefix and first:find("[^\"%(%[{:%d]") and frame.head_text or nil
    end
    if datum.fresh and is_options(frame, is_record) then
      frame.options = true
    end
    frame.data[#frame.data + 1] = datum
    prefix = nil
  end

  while true do
    at = text:find("[^ \t\r\f,]", at)
    if not at then
      return stack[#stack]
    end
    local c = text:sub(at, at)
    local next_at
    if c == "\n" then
      fresh, next_at = true, at + 1
    elseif c == ";" then
      next_at = text:find("\n", at, true)
      if not next_at then
        return stack[#stack]
      end
    elseif text:find("^#|", at) then
      next_at = comment_end(text, at)
      if not next_at then
        return "inside"
      end
      fresh = false
    elseif c == '"' then
      note(c)
      fresh, next_at = false, string_end(text, at)
      if not next_at then
        return "inside"
      end
    elseif c:find("[%(%[{]") then
      note(c)
      stack[#stack + 1] = { kind = c, at = at, data = {}, head_text = "" }
      fresh, next_at = false, at + 1
    elseif c:find("[%)%]}]") then
      stack[#stack] = nil
      fresh, prefix, next_at = false, nil, at + 1
    elseif prefix_length(text, at) then
      prefix = prefix or { at = at, fresh = fresh }
      fresh, next_at = false, at + prefix_length(text, at)
    else
      note(c)
      local _, last = text:find("^.[^ \t\r\n\f,()%[%]{}\"`~;@#\\|]*", at)
      fresh, next_at = false, last + 1
    end
    at = next_at
  end
end

-- Whether a record is the first datum from the line `lnum` on.
local function begins_record(lnum)
  for n = lnum, vim.fn.line("$") do
    local line = vim.fn.getline(n)
    if line:find("%S") and not line:find("^%s*;") then
      return line:find("^%s*{") ~= nil
    end
  end
  return false
end

-- The last line before `lnum` that begins with a bracket; the first line if there is none.
local function definition(lnum)
  for n = lnum - 1, 2, -1 do
    if vim.fn.getline(n):find("^%(") then
      return n
    end
  end
  return 1
end

--- The column in which the line `lnum` (from 1) begins; -1 leaves it where it is.
function M.column(lnum)
  local lines = vim.api.nvim_buf_get_lines(0, definition(lnum) - 1, lnum - 1, false)
  local text = table.concat(lines, "\n") .. "\n"
  local frame = innermost(text)
  if not frame then
    return 0
  elseif frame == "inside" then
    return -1
  end

  local function column(at)
    local line_start = at
    while line_start > 1 and text:sub(line_start - 1, line_start - 1) ~= "\n" do
      line_start = line_start - 1
    end
    return vim.fn.strdisplaywidth(text:sub(line_start, at - 1))
  end

  local count, here = #frame.data, column(frame.at)
  if frame.kind ~= "(" or count == 0 then
    return here + 1
  end
  local align = count > 1 and column(frame.data[2].at) or here + 1
  local how = rule(frame.head)
  if how == "inner" then
    return here + 2
  elseif how ~= "align" then
    local body = frame.data[how + 2]
    return (count > how and (not body or body.fresh)) and here + 2 or align
  elseif frame.options or is_options(frame, begins_record(lnum)) then
    return here + 2
  end
  return align
end

return M
