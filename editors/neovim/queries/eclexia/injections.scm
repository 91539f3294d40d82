; Marks in comments. Docstrings are left alone: they are plain text with lines of examples, which
; Markdown would show as quotations.

([(line_comment) (block_comment)] @injection.content
  (#set! injection.language "comment"))
