// SYNTAX TEST "source.mlir" "comments, directives, resources and text that is not finished"

// a comment with a "string, TODO: and func.func
// <-- punctuation.definition.comment.mlir
// ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ comment.line.double-slash.mlir
// TODO: not a directive
// <-- punctuation.definition.comment.mlir
// ^^^^^^^^^^^^^^^^^^^^^ comment.line.double-slash.mlir
// RUN: enzymexlamlir-opt --enzyme %s | FileCheck --check-prefix=REV %s
// <-- punctuation.definition.comment.mlir
// ^^^ keyword.control.directive.lit.mlir
//    ^ punctuation.separator.directive.mlir
//      ^^^^^^^^^^^^^^^^^               ^^^^^^^^^               ^^^^ comment.line.double-slash.mlir
//                        ^^^^^^^^                ^^^^^^^^^^^^^^ entity.other.attribute-name.option.lit.mlir
//                                 ^^                                ^^ variable.other.substitution.lit.mlir
//                                    ^ keyword.operator.shell.lit.mlir
// CHECK-LABEL: func.func @f(%[[X:.+]]: f64) {{.*}} [[X]]
// <-- punctuation.definition.comment.mlir
// ^^^^^^^^^^^ keyword.control.directive.filecheck.mlir
//            ^ punctuation.separator.directive.mlir
//              ^^^^^^^^^^^^^^        ^^^^^^ comment.line.double-slash.mlir
//                            ^^                    ^^ punctuation.definition.variable.begin.filecheck.mlir
//                              ^                     ^ variable.other.capture.filecheck.mlir
//                               ^ punctuation.separator.filecheck.mlir
//                                ^^           ^^ string.regexp.filecheck.mlir
//                                  ^^                 ^^ punctuation.definition.variable.end.filecheck.mlir
//                                           ^^ punctuation.definition.string.begin.filecheck.mlir
//                                               ^^ punctuation.definition.string.end.filecheck.mlir
// REV-NEXT: %[[#N:]] text
// <-- punctuation.definition.comment.mlir
// ^^^^^^^^ keyword.control.directive.filecheck.mlir
//         ^ punctuation.separator.directive.mlir
//           ^        ^^^^ comment.line.double-slash.mlir
//            ^^ punctuation.definition.variable.begin.filecheck.mlir
//              ^ storage.modifier.filecheck.mlir
//               ^ variable.other.capture.filecheck.mlir
//                ^ punctuation.separator.filecheck.mlir
//                 ^^ punctuation.definition.variable.end.filecheck.mlir
// expected-error@+1 2 {{message "here"}}
// <-- punctuation.definition.comment.mlir
// ^^^^^^^^^^^^^^ keyword.control.directive.expected.mlir
//               ^ punctuation.separator.place.mlir
//                ^^ constant.numeric.place.mlir
//                   ^ constant.numeric.count.mlir
//                     ^^ punctuation.definition.string.begin.mlir
//                       ^^^^^^^^^^^^^^ string.unquoted.message.mlir
//                                     ^^ punctuation.definition.string.end.mlir
// -----
// <-- punctuation.definition.comment.mlir
// ^^^^^ keyword.control.directive.split.mlir
{-#
// <--- punctuation.section.resources.begin.mlir
  dialect_resources: { builtin: { blob_1: "0x0400" } }
//^^^^^^^^^^^^^^^^^    ^^^^^^^    ^^^^^^ entity.other.attribute-name.resource.mlir
//                                        ^ punctuation.definition.string.begin.mlir
//                                         ^^^^^^ string.quoted.double.mlir
//                                               ^ punctuation.definition.string.end.mlir
#-}
// <--- punctuation.section.resources.end.mlir
"never closed
// <- punctuation.definition.string.begin.mlir
// <~------------ string.quoted.double.mlir
test.after %x {key = "open
// <---- entity.name.namespace.dialect.mlir
//   ^^^^^ support.function.operation.mlir
//         ^ punctuation.definition.variable.mlir
//          ^ variable.other.value.mlir
//             ^^^ entity.other.attribute-name.mlir
//                   ^ punctuation.definition.string.begin.mlir
//                    ^^^^ string.quoted.double.mlir
test.other %y
// <---- entity.name.namespace.dialect.mlir
//   ^^^^^ support.function.operation.mlir
//         ^ punctuation.definition.variable.mlir
//          ^ variable.other.value.mlir
