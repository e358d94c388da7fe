;;; session.el --- eglot with the server, in Emacs without a screen  -*- lexical-binding: t -*-
;; The recipe of docs/editors.md is loaded before this, and the file to open is the argument.
(require 'eglot)
(require 'flymake)

(defun wait-for (what ready)
  "Wait until READY gives something, and return that; WHAT says what it is."
  (let ((end (+ (float-time) 60)) found)
    (while (and (not (setq found (funcall ready))) (< (float-time) end))
      (accept-process-output nil 0.1))
    (or found (error "Waited for %s" what))))

(setq eglot-sync-connect 30 eglot-autoshutdown nil)
(find-file (pop command-line-args-left))
(apply #'eglot (eglot--guess-contact))
(message "mode: %s" major-mode)
(message "comment: %s" comment-start)
(flymake-mode 1)
(flymake-start)
(let ((found (wait-for "diagnostics" #'flymake-diagnostics)))
  (message "diagnostic: %s" (flymake-diagnostic-text (car found))))

;; The quick fix, applied as a user would.
(goto-char (flymake-diagnostic-beg (car (flymake-diagnostics))))
(let* ((server (eglot-current-server))
       (actions (jsonrpc-request
                 server :textDocument/codeAction
                 (list :textDocument (eglot--TextDocumentIdentifier)
                       :range (list :start (eglot--pos-to-lsp-position) :end (eglot--pos-to-lsp-position))
                       :context (list :diagnostics [] :only ["quickfix"]))))
       (action (aref actions 0)))
  (message "action: %s" (plist-get action :title))
  (unless (plist-get action :edit)
    (setq action (jsonrpc-request server :codeAction/resolve action)))
  (eglot--apply-workspace-edit (plist-get action :edit))
  (eglot--signal-textDocument/didChange) ; Emacs without a screen is never idle, which is when eglot does this
  (wait-for "no diagnostics" (lambda () (flymake-start) (null (flymake-diagnostics))))
  (message "fixed: %s" (not (search-forward "enzyme_const" nil t)))
  (goto-char (point-min))
  (search-forward "enzyme.autodiff")
  (let ((hover (jsonrpc-request server :textDocument/hover (eglot--TextDocumentPositionParams))))
    (message "hover: %s" (plist-get (plist-get hover :contents) :value)))
  (set-buffer-modified-p nil)
  (eglot-shutdown server))
