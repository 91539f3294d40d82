;;; eclexia-mode-tests.el --- Tests of eclexia-mode  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;;   emacs --batch -L editors/emacs -l eclexia-mode-tests -f ert-run-tests-batch-and-exit
;;
;; Tests of the REPL and the formatter need the command: ECLEXIA names it, or they are skipped.

;;; Code:

(require 'checkdoc)
(require 'ert)
(require 'imenu)
(require 'eclexia-mode)

(defconst eclexia-tests-folder
  (file-name-directory (or load-file-name buffer-file-name)))

(defun eclexia-tests-programs ()
  "Programs that are laid out: of the folder ECLEXIA_PROGRAMS, or the examples."
  (directory-files (or (getenv "ECLEXIA_PROGRAMS")
                       (expand-file-name "../../examples" eclexia-tests-folder))
                   t "\\.ecl\\'"))

(defmacro eclexia-tests-with (text &rest body)
  "Do BODY in a buffer of `eclexia-mode' with TEXT."
  (declare (indent 1))
  `(with-temp-buffer
     (insert ,text)
     (eclexia-mode)
     (goto-char (point-min))
     ,@body))

(defun eclexia-tests-face (text)
  "The face at the beginning of TEXT in this buffer."
  (font-lock-ensure)
  (goto-char (point-min))
  (search-forward text)
  (get-text-property (match-beginning 0) 'face))

(ert-deftest eclexia-indent-leaves-laid-out-programs-alone ()
  (let ((programs (eclexia-tests-programs)) (lines 0) (moved nil))
    (should (> (length programs) 10))
    (dolist (program programs)
      (eclexia-tests-with (with-temp-buffer (insert-file-contents program) (buffer-string))
        (while (not (eobp))
          (setq lines (1+ lines))
          (let ((before (buffer-substring (line-beginning-position) (line-end-position))))
            (unless (string-empty-p before)
              (eclexia-indent-line)
              (let ((after (buffer-substring (line-beginning-position) (line-end-position))))
                (unless (equal before after)
                  (push (format "%s:%d" (file-name-nondirectory program)
                                (line-number-at-pos))
                        moved)))))
          (forward-line 1))))
    (message "%d lines, %d moved" lines (length moved))
    (should (equal nil (nreverse moved)))))

(ert-deftest eclexia-indent-finds-the-columns-that-fmt-finds ()
  (let ((laid-out "(defn f \"Doc.\"
  [a b]
  (if (< a b)
    a
    b))
(if (< a b) a
    b)
(let [x 1
      y 2]
  (service name
    {:image \"a\"
     :needs [db
             web]}
    :at 3))
(foo a
     'b ; why
     #_ c d
     e)
(foo
 a)
#| a block
   comment |#
(raw \"\"\"
 as \"it\" (is
\"\"\"
     x)
"))
    (eclexia-tests-with (replace-regexp-in-string "^ +\\([^ asc]\\)" "\\1" laid-out)
      (indent-region (point-min) (point-max))
      (should (equal (buffer-string) laid-out)))))

(ert-deftest eclexia-names-have-their-faces ()
  (eclexia-tests-with "(defn area \"Doc.\" [w] (if true (* w 2.5kWh/h) (Some :key)))
(defservice web {}) ; why
(f \"text\" x) #| block |# \"\"\"raw \"a\" ; b\"\"\" (let [])
(defmacro (twice x) x)
"
    (pcase-dolist (`(,text . ,face)
                   '(("defn" . font-lock-keyword-face)
                     ("area" . font-lock-function-name-face)
                     ("\"Doc" . font-lock-doc-face)
                     ("if" . font-lock-keyword-face)
                     ("true" . font-lock-constant-face)
                     ("2.5" . font-lock-constant-face)
                     ("kWh/h" . font-lock-type-face)
                     ("Some" . font-lock-type-face)
                     (":key" . font-lock-builtin-face)
                     ("defservice" . font-lock-keyword-face)
                     ("web" . font-lock-variable-name-face)
                     ("why" . font-lock-comment-face)
                     ("\"text" . font-lock-string-face)
                     ("block" . font-lock-comment-face)
                     ("raw \"a" . font-lock-string-face)
                     ("; b" . font-lock-string-face)
                     ("let" . font-lock-keyword-face)
                     ("twice" . font-lock-function-name-face)))
      (let ((found (eclexia-tests-face text)))
        (should (equal (cons text (if (listp found) (car found) found)) (cons text face)))))))

(ert-deftest eclexia-imenu-lists-what-is-defined ()
  (eclexia-tests-with "(module shop)
(defn area [w] w)
(def pi 3)
(defmacro (twice x) x)
(deftype (Pair a b) (Pair a b))
(defrecord Server {:name String})
(defservice web {})
(defdeployment prod {})
(deftest \"it works\" (check true))
"
    (let* ((index (funcall imenu-create-index-function))
           (names (mapcar (lambda (item)
                            (if (imenu--subalist-p item)
                                (cons (car item) (mapcar #'car (cdr item)))
                              (car item)))
                          index)))
      (should (member "area" names))
      (should (member "pi" names))
      (should (member '("Macros" "twice") names))
      (should (member '("Types" "Pair" "Server") names))
      (should (member '("Services" "web") names))
      (should (member '("Deployments" "prod") names))
      (should (member '("Tests" "it works") names)))))

(ert-deftest eclexia-messages-of-the-command-are-found ()
  (with-temp-buffer
    (insert "error[unknown-name]: `cout` is not defined here
   ╭─[ wrong.ecl:3:15 ]
   │
warning[unused]: x
   ╭─[ sub folder/b.ecl:12:1 ]
")
    (goto-char (point-min))
    (pcase-let ((`(,regexp ,file ,line ,column (,warning)) eclexia--error-regexp))
      (should (re-search-forward regexp nil t))
      (should (equal (mapcar #'match-string (list file line column warning))
                     '("wrong.ecl" "3" "15" nil)))
      (should (re-search-forward regexp nil t))
      (should (equal (mapcar #'match-string (list file line column warning))
                     '("sub folder/b.ecl" "12" "1" "warning"))))))

(ert-deftest eclexia-eglot-starts-the-language-server ()
  (unless (require 'eglot nil t) (ert-skip "eglot is not installed"))
  (let ((eclexia-command "/opt/eclexia")
        (contact (cdr (assoc 'eclexia-mode eglot-server-programs))))
    (should (equal (funcall contact nil) '("/opt/eclexia" "lsp")))))

(defun eclexia-tests-command ()
  "The command under test."
  (or (getenv "ECLEXIA") (ert-skip "ECLEXIA names no command")))

(ert-deftest eclexia-repl-evaluates-what-is-sent ()
  (let ((eclexia-command (eclexia-tests-command)))
    (eclexia-tests-with "(defn twice [x]\n  (* 2 x))\n\n(twice 21)\n"
      (eclexia-send-definition)
      (goto-char (point-max))
      (eclexia-send-last-form)
      (let ((process (get-buffer-process eclexia-repl-buffer)) (tries 100))
        (unwind-protect
            (with-current-buffer eclexia-repl-buffer
              (while (and (> tries 0)
                          (not (string-match-p "\\b42\\b" (buffer-string))))
                (accept-process-output process 0.1)
                (setq tries (1- tries)))
              (should (string-match-p "\\b42\\b" (buffer-string))))
          (set-process-query-on-exit-flag process nil)
          (delete-process process))))))

(ert-deftest eclexia-format-buffer-lays-out ()
  (let ((eclexia-command (eclexia-tests-command)))
    (eclexia-tests-with "(defn f [a]\na)"
      (eclexia-format-buffer)
      (should (equal (buffer-string) "(defn f [a]\n  a)\n")))))

(ert-deftest eclexia-mode-is-clean ()
  (let* ((source (expand-file-name "eclexia-mode.el" eclexia-tests-folder))
         (byte-compile-error-on-warn t)
         (compiled (make-temp-file "eclexia" nil ".elc"))
         (byte-compile-dest-file-function (lambda (_) compiled)))
    (unwind-protect
        (should (byte-compile-file source))
      (delete-file compiled))
    (with-current-buffer (find-file-noselect source)
      (let ((checkdoc-diagnostic-buffer "*checkdoc*"))
        (checkdoc-current-buffer t)
        (with-current-buffer "*checkdoc*"
          (goto-char (point-min))
          (should-not (and (re-search-forward "^eclexia-mode.el:[0-9]+:.*" nil t)
                           (match-string 0))))))))

(provide 'eclexia-mode-tests)

;;; eclexia-mode-tests.el ends here
