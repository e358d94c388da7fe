; Colors by the tree of the parser `mlir` (tree-sitter-mlir 0.2). What stands later wins.

(comment) @comment @spell

; lit and FileCheck read these.
((comment) @keyword.directive
  (#match? @keyword.directive "^// *(RUN|XFAIL|REQUIRES|UNSUPPORTED):"))

; Literals
[
  (integer_literal)
  (dimension_size)
] @number
(float_literal) @number.float
[
  (bool_literal)
  (unit_literal)
] @boolean
(string_literal) @string
(escape_sequence) @string.escape

; Types and attributes
[
  (builtin_type)
  (integer_type)
  (float_type)
  (index_type)
  (none_type)
  (memref_type)
  (tensor_type)
  (vector_type)
  (complex_type)
  (tuple_type)
] @type.builtin
[
  (type_alias)
  (type_alias_def)
  (dialect_type)
] @type
(attribute_entry (bare_id) @property)
[
  (attribute_alias)
  (attribute_alias_def)
] @attribute
(dialect_namespace) @module
(dialect_ident) @attribute

; Names
(value_use) @variable
(op_result) @variable
(func_arg_list (value_use) @variable.parameter)
(block_arg_list (value_use) @variable.parameter)
(symbol_ref_id) @function
(func_operation sym_name: (symbol_ref_id) @function)
(caret_id) @label

; Operations
(custom_op_name) @function.builtin
(generic_operation (string_literal) @function.builtin)
(func_operation name: _ @keyword.function)
(func_operation visibility: _ @keyword.modifier)
(module_operation name: _ @keyword)
[
  (function_specifier)
  "attributes"
  "loc"
  "dense_resource"
  "affine_map"
  "affine_set"
  "strided"
  "distinct"
] @keyword

; Enzyme
((custom_op_name) @keyword.operator
  (#match? @keyword.operator "^enzyme\\."))
((bare_id) @constant.builtin
  (#match? @constant.builtin "^ *enzyme_(active|activenoneed|const|constnoneed|dup|dupnoneed)$"))

; Signs
[
  "("
  ")"
  "["
  "]"
  "{"
  "}"
  "<"
  ">"
] @punctuation.bracket
[
  ","
  ":"
  "::"
] @punctuation.delimiter
[
  "="
  "->"
] @operator
