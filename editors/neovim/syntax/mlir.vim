" Colors for MLIR where there is neither a tree-sitter parser nor a server that sends semantic tokens.
if exists('b:current_syntax')
  finish
endif

syntax iskeyword @,48-57,_,$,.

" Words of types. A shape such as `tensor<4x?xf32>` ends with the type of its elements.
syntax match mlirType /\<\%(index\|none\|token\|b\?f16\|tf32\|f\%(32\|64\|80\|128\)\|[su]\?i\d\+\)\>/
syntax match mlirType /\<f[468]E\w\+\>/
syntax match mlirType /\%(x\)\@1<=\%(index\|b\?f16\|tf32\|f\%(32\|64\|80\|128\)\|[su]\?i\d\+\)\>/
syntax keyword mlirType tensor memref vector complex tuple
syntax match mlirNumber /-\?\<\d\+\%(\.\d*\%([eE][-+]\?\d\+\)\?\)\?\>/
syntax match mlirNumber /\<0x\x\+\>/
syntax match mlirShape /\%(<\|x\)\@1<=\%(\d\+\|?\|\*\)\%(x\)\@=/

" Operations: what has a dot between a dialect and a name, and the few that have no dialect.
syntax match mlirOperation /\<\h[[:alnum:]_$]*\.\h[[:alnum:]_$.]*/
syntax keyword mlirOperation module return
syntax match mlirEnzyme /\<enzyme\.\h[[:alnum:]_]*/
syntax keyword mlirActivity enzyme_active enzyme_activenoneed enzyme_const enzyme_constnoneed enzyme_dup enzyme_dupnoneed
syntax keyword mlirKeyword attributes private public nested loc step to iter_args affine_map affine_set array
syntax keyword mlirKeyword dense dense_resource sparse opaque strided offset distinct symbol ceildiv floordiv mod
syntax keyword mlirBoolean true false unit

" Names, each with the mark that says what it is the name of.
syntax match mlirValue /%[[:alnum:]_$.-]\+\%([:#]\d\+\)\?/
syntax match mlirSymbol /@[[:alnum:]_$.-]\+/
syntax region mlirSymbol start=/@"/ skip=/\\"/ end=/"/ oneline
syntax match mlirBlock /\^[[:alnum:]_$.-]\+/
syntax match mlirAttribute /#\h[[:alnum:]_$.]*/
syntax match mlirAlias /!\h[[:alnum:]_$.]*/
syntax region mlirString start=/"/ skip=/\\./ end=/"/ oneline

" Comments, and what lit and FileCheck read in them.
syntax match mlirComment /\/\/.*$/ contains=mlirDirective,mlirTodo,@Spell
syntax match mlirDirective /\<\%(RUN\|XFAIL\|REQUIRES\|UNSUPPORTED\|DEFINE\|REDEFINE\)\ze:/ contained
syntax match mlirDirective /\<[A-Z][A-Z0-9_-]*\%(-\%(NEXT\|SAME\|LABEL\|DAG\|NOT\|EMPTY\|COUNT-\d\+\)\)\?\ze:/ contained
syntax match mlirDirective /expected-\%(error\|warning\|remark\|note\)/ contained
syntax keyword mlirTodo contained TODO FIXME XXX
syntax match mlirSection /^\/\/ -----\s*$/

highlight default link mlirType Type
highlight default link mlirNumber Number
highlight default link mlirShape Number
highlight default link mlirOperation Function
highlight default link mlirEnzyme Special
highlight default link mlirActivity Constant
highlight default link mlirKeyword Keyword
highlight default link mlirBoolean Boolean
highlight default link mlirValue Identifier
highlight default link mlirSymbol Function
highlight default link mlirBlock Label
highlight default link mlirAttribute PreProc
highlight default link mlirAlias Typedef
highlight default link mlirString String
highlight default link mlirComment Comment
highlight default link mlirDirective SpecialComment
highlight default link mlirSection Delimiter
highlight default link mlirTodo Todo

let b:current_syntax = 'mlir'
