;;; eclexia-mode.el --- Major mode for Eclexia programs  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1"))
;; Keywords: languages, lisp
;; URL: https://github.com/eclexia/eclexia

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Eclexia is a typed Lisp in which deployments and budgets are programs.
;; This mode colours and indents its files as `eclexia fmt' lays them out,
;; lists their definitions in imenu, talks to an inferior REPL, runs the
;; command as a compiler, and tells eglot to start `eclexia lsp'.
;;
;;   (require 'eclexia-mode)
;;   (add-hook 'eclexia-mode-hook #'eglot-ensure)

;;; Code:

(require 'comint)
(require 'compile)
(require 'lisp-mode)
(require 'subr-x)

(defvar eglot-server-programs)

(defgroup eclexia nil
  "Programs of Eclexia."
  :group 'languages
  :prefix "eclexia-")

(defcustom eclexia-command "eclexia"
  "The command: a name on the path, or a whole path."
  :type 'string
  :safe #'stringp)

;;; Words
;;
;; tests/src/editors.rs checks these lists against the compiler.

(defconst eclexia-special-forms
  '("let" "fn" "if" "cond" "when" "and" "or" "do" "match" "loop" "recur" "for" "times" "the" "try"
    "return" "abort" "with" "borrow" "with-fields" "->" "->>" "as->" "some->" "cond->")
  "Forms of expressions that are no calls.")

(defconst eclexia-definitions
  '("module" "import" "def" "defn" "sig" "deftype" "defrecord" "defalias" "definterface"
    "implement" "defmacro" "deftest" "defdimension" "defunit" "builtin" "builtin-type" "extern"
    "defadaptive" "defbudget" "defvolume" "defservice" "defjob" "defdeployment")
  "Forms that define something, and those macros of the library that do.")

(defconst eclexia-constants '("true" "false" "unit")
  "Names of values that are part of the language.")

;;; Syntax

(defvar eclexia-mode-syntax-table
  (let ((table (make-syntax-table lisp-data-mode-syntax-table)))
    ;; Brackets and braces are brackets, a comma is white space.
    (modify-syntax-entry ?\[ "(]" table)
    (modify-syntax-entry ?\] ")[" table)
    (modify-syntax-entry ?{ "(}" table)
    (modify-syntax-entry ?} "){" table)
    (modify-syntax-entry ?, " " table)
    ;; Prefixes of a datum; a quote inside a name belongs to it.
    (modify-syntax-entry ?' "_ p" table)
    (modify-syntax-entry ?` "'" table)
    (modify-syntax-entry ?~ "'" table)
    (modify-syntax-entry ?@ "_ p" table)
    (modify-syntax-entry ?& "_ p" table)
    ;; Block comments nest; `|' alone is nothing.
    (modify-syntax-entry ?# "_ 14n" table)
    (modify-syntax-entry ?| "_ 23bn" table)
    (modify-syntax-entry ?\; "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?\f " " table)
    ;; Outside of strings a backslash is nothing.
    (modify-syntax-entry ?\\ "\\" table)
    table)
  "Syntax of Eclexia.")

(defconst eclexia--symbol "\\(?:[^][ \t\r\n\f,(){}\"`~;@#0-9:&'\\|][^][ \t\r\n\f,(){}\"`~;@#\\|]*\\)"
  "A name, by what cannot be in one.")

(defconst eclexia--number
  (concat "\\_<\\([+-]?\\(?:0x[0-9a-fA-F_]+\\|[0-9][0-9_]*\\(?:\\.[0-9][0-9_]*\\)?"
          "\\(?:[eE][+-]?[0-9]+\\)?%?\\)\\)"
          "\\([[:alpha:]][[:alnum:]_-]*\\(?:\\^-?[0-9]+\\)?"
          "\\(?:[*/][[:alpha:]][[:alnum:]_-]*\\(?:\\^-?[0-9]+\\)?\\)*\\)?\\_>")
  "A number, with its unit in group 2.")

(defun eclexia--syntax-propertize (start end)
  "Mark raw strings and what `#_' drops' sign, from START to END."
  (goto-char start)
  (eclexia--propertize-raw-end end)
  (while (re-search-forward "\"\"\"\\|#_" end t)
    (let ((from (match-beginning 0)))
      (cond
       ((nth 8 (save-excursion (syntax-ppss from))))
       ((eq (char-after from) ?#)
        (put-text-property from (point) 'syntax-table (string-to-syntax "'")))
       (t
        (put-text-property from (1+ from) 'syntax-table (string-to-syntax "|"))
        (put-text-property (1+ from) (point) 'syntax-table (string-to-syntax "."))
        (eclexia--propertize-raw-end end))))))

(defun eclexia--propertize-raw-end (end)
  "If point is in a raw string, mark where it closes, before END."
  (let ((state (save-excursion (syntax-ppss (point)))))
    (when (eq (nth 3 state) t)
      (when (re-search-forward "\"\"\"" end 'move)
        (put-text-property (- (point) 3) (1- (point)) 'syntax-table (string-to-syntax "."))
        (put-text-property (1- (point)) (point) 'syntax-table (string-to-syntax "|"))))))

;;; Colours

(defconst eclexia-font-lock-keywords
  `((,(concat "(\\(" (regexp-opt '("defn" "defadaptive" "builtin" "extern" "sig")) "\\)"
              "[ \t\n]+\\(" eclexia--symbol "\\)")
     (1 font-lock-keyword-face) (2 font-lock-function-name-face))
    (,(concat "(\\(defmacro\\)[ \t\n]+(\\(" eclexia--symbol "\\)")
     (1 font-lock-keyword-face) (2 font-lock-function-name-face))
    (,(concat "(\\(" (regexp-opt (remove "module" (remove "import" eclexia-definitions))) "\\)"
              "[ \t\n]+\\(" eclexia--symbol "\\)")
     (1 font-lock-keyword-face) (2 font-lock-variable-name-face))
    (,(concat "(\\(" (regexp-opt (append eclexia-definitions eclexia-special-forms)) "\\)\\_>")
     (1 font-lock-keyword-face))
    (,(concat "\\_<" (regexp-opt eclexia-constants) "\\_>") . font-lock-constant-face)
    (,(concat "\\_<:" "[^][ \t\r\n\f,(){}\"`~;@#\\|]+") . font-lock-builtin-face)
    (,eclexia--number (1 font-lock-constant-face) (2 font-lock-type-face nil t))
    ("\\_<[A-Z][^][ \t\r\n\f,(){}\"`~;@#\\|]*" . font-lock-type-face))
  "What is coloured in Eclexia.")

(defun eclexia--syntactic-face (state)
  "The face of what STATE is in: a comment, a docstring or a string."
  (cond
   ((nth 4 state) font-lock-comment-face)
   ((eclexia--is-docstring (nth 1 state) (nth 8 state)) font-lock-doc-face)
   (t font-lock-string-face)))

(defun eclexia--is-docstring (open start)
  "Whether the string at START documents the definition that begins at OPEN."
  (and open
       (save-excursion
         (goto-char open)
         (and (looking-at "(def[^ \t\n]*[ \t\n]")
              (ignore-errors
                (goto-char (match-end 0))
                (forward-sexp)
                (forward-comment (buffer-size))
                (= (point) start))))))

;;; Indentation
;;
;; As compiler/syntax/src/format/layout.rs does it: by the name at the head of a form.

(defconst eclexia-inner-forms '("fn" "sig" "implement" "builtin" "extern")
  "Forms of which every argument that begins a line stands two columns in.
So do the arguments of each form whose name begins with \"def\".")

(defconst eclexia-block-forms
  '(("cond" . 0) ("do" . 0) ("try" . 0)
    ("let" . 1) ("if" . 1) ("when" . 1) ("match" . 1) ("loop" . 1) ("for" . 1) ("times" . 1)
    ("with" . 1) ("borrow" . 1) ("cond->" . 1) ("module" . 1)
    ("as->" . 2))
  "Forms with a body, and how many arguments stand before it.
A body that begins a line stands two columns in, with what follows it.")

(defun eclexia--rule (head)
  "How the arguments behind HEAD are indented: `inner', a number, or `align'."
  (cond
   ((null head) 'align)
   ((and (string-prefix-p "def" head)
         (not (string-match-p "\\`\\(?:default\\|defer\\|deflate\\)" head)))
    'inner)
   ((member head eclexia-inner-forms) 'inner)
   ((cdr (assoc head eclexia-block-forms)))
   (t 'align)))

(defun eclexia--data-before (open limit)
  "The data between the bracket at OPEN and LIMIT, as (START . BEGINS-LINE)."
  (save-excursion
    (goto-char (1+ open))
    (let ((data nil) (more t))
      (while more
        (forward-comment (buffer-size))
        (let ((start (point)))
          (if (>= start limit)
              (setq more nil)
            (while (looking-at "#_\\|~@\\|['`~&]")
              (goto-char (match-end 0))
              (forward-comment (buffer-size)))
            (condition-case nil
                (progn
                  (forward-sexp)
                  (push (cons start (eclexia--begins-line start)) data))
              (scan-error (setq more nil))))))
      (nreverse data))))

(defun eclexia--begins-line (position)
  "Whether POSITION is the first of its line that is no white space."
  (save-excursion
    (goto-char position)
    (skip-chars-backward " \t,")
    (bolp)))

(defun eclexia--column (position)
  "The column of POSITION."
  (save-excursion (goto-char position) (current-column)))

(defun eclexia--is-options (head count position)
  "Whether a record is at POSITION, behind COUNT data of a call of HEAD."
  (and head (> count 1) (string-match-p "\\`[[:alpha:]]" head)
       (save-excursion
         (goto-char position)
         (forward-comment (buffer-size))
         (eq (char-after) ?{))))

(defun eclexia--indent-column (open limit)
  "The column of what begins the line at LIMIT inside the bracket at OPEN."
  (let* ((data (eclexia--data-before open limit))
         (count (length data))
         (column (eclexia--column open))
         (head (save-excursion
                 (goto-char (1+ open))
                 (and (eq (char-after open) ?\()
                      (looking-at eclexia--symbol)
                      (match-string-no-properties 0))))
         (rule (eclexia--rule head))
         (align (if (> count 1) (eclexia--column (car (nth 1 data))) (1+ column)))
         (body (and (integerp rule) (nth (1+ rule) data))))
    (cond
     ((or (not (eq (char-after open) ?\()) (= count 0)) (1+ column))
     ((eq rule 'inner) (+ column 2))
     ((integerp rule)
      (if (and (> count rule) (or (null body) (cdr body))) (+ column 2) align))
     ((or (eclexia--is-options head count limit)
          (eclexia--follows-options head data))
      (+ column 2))
     (t align))))

(defun eclexia--follows-options (head data)
  "Whether a record that began a line is among DATA behind arguments of HEAD."
  (let ((count 0) (found nil))
    (dolist (datum data found)
      (when (and (cdr datum) (eclexia--is-options head count (car datum)))
        (setq found t))
      (setq count (1+ count)))))

(defun eclexia-indent-line ()
  "Indent this line as `eclexia fmt' does."
  (interactive)
  (let* ((start (save-excursion (back-to-indentation) (point)))
         (state (save-excursion (syntax-ppss (line-beginning-position))))
         (open (nth 1 state)))
    (if (nth 8 state)
        'noindent
      (let ((column (if open
                        (eclexia--indent-column open start)
                      0))
            (behind (- (point-max) (point))))
        (unless (= column (eclexia--column start))
          (delete-region (line-beginning-position) start)
          (save-excursion
            (beginning-of-line)
            (indent-to column)))
        (if (< (- (point-max) behind) (save-excursion (back-to-indentation) (point)))
            (back-to-indentation)
          (goto-char (max (point) (- (point-max) behind))))))))

;;; Definitions

(defconst eclexia-imenu-generic-expression
  (let ((name (concat "\\(" eclexia--symbol "\\)")))
    `((nil ,(concat "^(\\(?:defn\\|defadaptive\\|def\\|builtin\\|extern\\)[ \t\n]+" name) 1)
      ("Macros" ,(concat "^(defmacro[ \t\n]+(" name) 1)
      ("Types" ,(concat "^(\\(?:deftype\\|defrecord\\|defalias\\|definterface\\|builtin-type\\)"
                        "[ \t\n]+(?" name) 1)
      ("Units" ,(concat "^(\\(?:defunit\\|defdimension\\)[ \t\n]+" name) 1)
      ("Budgets" ,(concat "^(defbudget[ \t\n]+" name) 1)
      ("Services" ,(concat "^(\\(?:defservice\\|defjob\\|defvolume\\)[ \t\n]+" name) 1)
      ("Deployments" ,(concat "^(defdeployment[ \t\n]+" name) 1)
      ("Tests" "^(deftest[ \t\n]+\"\\([^\"]+\\)\"" 1)))
  "What imenu lists of an Eclexia file.")

;;; The REPL

(defvar eclexia-repl-buffer "*eclexia*"
  "The name of the buffer in which the REPL runs.")

(define-derived-mode eclexia-repl-mode comint-mode "Eclexia-REPL"
  "A talk with `eclexia repl'.
\\{eclexia-repl-mode-map}"
  :syntax-table eclexia-mode-syntax-table
  (setq-local comint-prompt-regexp "^\\(?:ecl\\|\\.\\.\\.\\)> "
              comint-prompt-read-only t
              comint-process-echoes nil
              comment-start ";"
              comment-start-skip ";+ *")
  (setq-local syntax-propertize-function #'eclexia--syntax-propertize))

;;;###autoload
(defun eclexia-repl (&optional file)
  "Start the REPL, or show it; load FILE first if there is one."
  (interactive)
  (unless (comint-check-proc eclexia-repl-buffer)
    (let ((process-connection-type nil)
          (arguments (append '("repl") (and file (list (expand-file-name file))))))
      (with-current-buffer
          (apply #'make-comint-in-buffer "eclexia" eclexia-repl-buffer eclexia-command nil arguments)
        (eclexia-repl-mode))))
  (let ((buffer (get-buffer eclexia-repl-buffer)))
    (when (called-interactively-p 'interactive)
      (pop-to-buffer buffer))
    buffer))

(defun eclexia-send-region (start end)
  "Send the text from START to END to the REPL."
  (interactive "r")
  (let ((text (string-trim (buffer-substring-no-properties start end))))
    (comint-send-string (get-buffer-process (eclexia-repl)) (concat text "\n"))))

(defun eclexia-send-definition ()
  "Send the top-level form around point to the REPL."
  (interactive)
  (save-excursion
    (end-of-defun)
    (let ((end (point)))
      (beginning-of-defun)
      (eclexia-send-region (point) end))))

(defun eclexia-send-last-form ()
  "Send the form before point to the REPL."
  (interactive)
  (eclexia-send-region (save-excursion (backward-sexp) (point)) (point)))

(defun eclexia-send-buffer ()
  "Send the buffer to the REPL."
  (interactive)
  (eclexia-send-region (point-min) (point-max)))

(defun eclexia-load-file ()
  "Save this buffer, and load its file into the REPL."
  (interactive)
  (save-buffer)
  (comint-send-string (get-buffer-process (eclexia-repl))
                      (format ":load %s\n" (expand-file-name buffer-file-name))))

;;; The command

(defconst eclexia--error-regexp
  '("^\\(?:error\\|\\(warning\\)\\)\\[[a-z0-9-]+\\]: .*\n *╭─\\[ \\(.+?\\):\\([0-9]+\\):\\([0-9]+\\) \\]"
    2 3 4 (1))
  "Where the messages of `eclexia' point to.")

(add-to-list 'compilation-error-regexp-alist-alist (cons 'eclexia eclexia--error-regexp))
(add-to-list 'compilation-error-regexp-alist 'eclexia)

(defun eclexia--compile (verb)
  "Run `eclexia VERB' on this buffer's file."
  (save-buffer)
  (compile (mapconcat #'shell-quote-argument
                      (list eclexia-command verb (file-relative-name buffer-file-name))
                      " ")))

(defun eclexia-check ()
  "Check this buffer's file."
  (interactive)
  (eclexia--compile "check"))

(defun eclexia-test ()
  "Test this buffer's file."
  (interactive)
  (eclexia--compile "test"))

(defun eclexia-plan ()
  "Plan the deployment of this buffer's file."
  (interactive)
  (eclexia--compile "plan"))

(defun eclexia-format-buffer ()
  "Lay this buffer out as `eclexia fmt' does."
  (interactive)
  (let ((source (current-buffer))
        (errors (make-temp-file "eclexia")))
    (unwind-protect
        (with-temp-buffer
          (let ((result (current-buffer)))
            (with-current-buffer source
              (if (eql 0 (call-process-region nil nil eclexia-command nil (list result errors) nil
                                              "fmt" "-"))
                  (replace-buffer-contents result)
                (user-error "Eclexia cannot lay this out: %s"
                            (with-temp-buffer
                              (insert-file-contents errors)
                              (string-trim (buffer-string))))))))
      (delete-file errors))))

;;; The mode

(defvar eclexia-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-c C-z") #'eclexia-repl)
    (define-key map (kbd "C-M-x") #'eclexia-send-definition)
    (define-key map (kbd "C-c C-c") #'eclexia-send-definition)
    (define-key map (kbd "C-x C-e") #'eclexia-send-last-form)
    (define-key map (kbd "C-c C-r") #'eclexia-send-region)
    (define-key map (kbd "C-c C-b") #'eclexia-send-buffer)
    (define-key map (kbd "C-c C-l") #'eclexia-load-file)
    (define-key map (kbd "C-c C-k") #'eclexia-check)
    (define-key map (kbd "C-c C-t") #'eclexia-test)
    (define-key map (kbd "C-c C-p") #'eclexia-plan)
    (define-key map (kbd "C-c C-f") #'eclexia-format-buffer)
    map)
  "Keys of `eclexia-mode'.")

;;;###autoload
(define-derived-mode eclexia-mode lisp-data-mode "Eclexia"
  "A mode for programs of Eclexia.
\\{eclexia-mode-map}"
  :group 'eclexia
  (setq-local comment-start ";"
              comment-start-skip ";+ *"
              comment-add 0
              comment-column 40
              fill-column 100
              indent-tabs-mode nil
              indent-line-function #'eclexia-indent-line
              indent-region-function nil
              imenu-case-fold-search nil
              imenu-generic-expression eclexia-imenu-generic-expression
              syntax-propertize-function #'eclexia--syntax-propertize
              font-lock-defaults
              '(eclexia-font-lock-keywords
                nil nil nil nil
                (font-lock-multiline . t)
                (font-lock-syntactic-face-function . eclexia--syntactic-face))))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.ecl\\'" . eclexia-mode))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               (cons 'eclexia-mode (lambda (&rest _) (list eclexia-command "lsp")))))

(provide 'eclexia-mode)

;;; eclexia-mode.el ends here
