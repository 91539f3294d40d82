;;; eglot.el --- A session of Emacs with eglot  -*- lexical-binding: t -*-
;; Opens, diagnoses, hovers, completes, goes to a definition, renames, lays out; says what each
;; gave, one line each.
(package-initialize)
(require 'eglot)
(require 'flymake)

(define-derived-mode eclexia-mode lisp-data-mode "Eclexia")
(add-to-list 'eglot-server-programs
             `(eclexia-mode . (,(getenv "ECLEXIA_COMMAND") "lsp")))
(setq eglot-sync-connect t
      eglot-send-changes-idle-time 0
      make-backup-files nil
      create-lockfiles nil)

(defun say (what value)
  (princ (format "%s: %s\n" what (replace-regexp-in-string "\n" " " (format "%s" value)))))

(defun await (what done)
  (let ((end (+ (float-time) 20)))
    (while (and (not (funcall done)) (< (float-time) end))
      (accept-process-output nil 0.02))
    (unless (funcall done)
      (say "failed" what)
      (kill-emacs 1))))

(defun ask (method &optional more)
  (eglot--signal-textDocument/didChange)
  (jsonrpc-request (eglot--current-server-or-lose) method
                   (append (eglot--TextDocumentPositionParams) more)))

(let* ((root (file-name-as-directory (getenv "ECLEXIA_PROJECT")))
       (project (cons 'transient root)))
  (find-file (concat root "main.ecl"))
  (eclexia-mode)
  (let* ((contact (eglot--guess-contact)))
    (apply #'eglot--connect contact))
  (say "mode" (if (eglot-managed-p) "managed" "not managed"))
  (flymake-start)
  (await "diagnose" (lambda () (= (length (flymake-diagnostics)) 1)))
  (let ((found (car (flymake-diagnostics))))
    (say "diagnostic" (format "%s at %d" (car (split-string (flymake-diagnostic-text found) "\n"))
                              (line-number-at-pos (flymake-diagnostic-beg found)))))
  (goto-char (point-min))
  (search-forward "gret")
  (replace-match "greet" t t)
  (eglot--signal-textDocument/didChange)
  (await "corrected" (lambda () (null (flymake-diagnostics))))
  (backward-char 2)
  (say "hover" (plist-get (plist-get (ask :textDocument/hover) :contents) :value))
  (let ((to (elt (ask :textDocument/definition) 0)))
    (say "definition" (format "%s:%d" (file-name-nondirectory (plist-get to :uri))
                              (plist-get (plist-get (plist-get to :range) :start) :line))))
  (let* ((answer (ask :textDocument/completion))
         (items (if (vectorp answer) answer (plist-get answer :items)))
         (labels (mapcar (lambda (item) (plist-get item :label)) items)))
    (say "completion" (if (member "greet" labels) "has greet" labels)))
  (eglot-rename "hail")
  (say "renamed" (buffer-substring (line-beginning-position) (line-end-position)))
  (eglot-format-buffer)
  (say "formatted" (replace-regexp-in-string "\n" "|" (buffer-string)))
  (set-buffer-modified-p nil)
  (eglot-shutdown (eglot--current-server-or-lose))
  (say "stopped" "yes")
  (kill-emacs 0))
