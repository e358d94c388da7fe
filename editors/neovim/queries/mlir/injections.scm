; Comments may have languages of their own in them, such as marks for work that is to be done.
((comment) @injection.content
  (#set! injection.language "comment"))

; The command of a RUN line is one of a shell.
((comment) @injection.content
  (#match? @injection.content "^// *RUN: ")
  (#offset! @injection.content 0 8 0 0)
  (#set! injection.language "bash"))
