// SYNTAX TEST "source.mlir" "Enzyme's operations and activities in the classic and the strict spelling"

%0 = enzyme.autodiff @f(%x, %dr) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity "enzyme_activenoneed">]} : (f64, f64) -> f64
// <- punctuation.definition.variable.mlir
// <~- variable.other.value.mlir
//   ^^^^^^ entity.name.namespace.dialect.mlir
//          ^^^^^^^^ keyword.control.derivative.enzyme.mlir
//                   ^ punctuation.definition.symbol.mlir
//                    ^ entity.name.function.symbol.mlir
//                      ^   ^ punctuation.definition.variable.mlir
//                       ^   ^^ variable.other.value.mlir
//                                ^^^^^^^^                                      ^^^^^^^^^^^^ entity.other.attribute-name.enzyme.mlir
//                                            ^                                                 ^ punctuation.definition.attribute.mlir
//                                             ^^^^^^                                            ^^^^^^ support.class.attribute.enzyme.mlir
//                                                    ^^^^^^^^                                          ^^^^^^^^ storage.type.activity.enzyme.mlir
//                                                             ^^^^^^^^^^^^^                                      ^^^^^^^^^^^^^^^^^^^ constant.language.activity.enzyme.mlir
//                                                                                                               ^ punctuation.definition.activity.begin.mlir
//                                                                                                                                   ^ punctuation.definition.activity.end.mlir
//                                                                                                                                           ^^^  ^^^     ^^^ support.type.builtin.mlir
//                                                                                                                                                     ^^ keyword.operator.arrow.mlir
%1 = enzyme.fwddiff @f(%x, %dx) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme<activity<enzyme_dupnoneed>>], width = 2> : (f64, f64) -> f64
// <- punctuation.definition.variable.mlir
// <~- variable.other.value.mlir
//   ^^^^^^ entity.name.namespace.dialect.mlir
//          ^^^^^^^ keyword.control.derivative.enzyme.mlir
//                  ^ punctuation.definition.symbol.mlir
//                   ^ entity.name.function.symbol.mlir
//                     ^   ^ punctuation.definition.variable.mlir
//                      ^   ^^ variable.other.value.mlir
//                               ^^^^^^^^                                   ^^^^^^^^^^^^                                          ^^^^^ entity.other.attribute-name.enzyme.mlir
//                                           ^                                              ^ punctuation.definition.attribute.mlir
//                                            ^^^^^^                                         ^^^^^^ support.class.attribute.enzyme.mlir
//                                                   ^^^^^^^^                                       ^^^^^^^^ storage.type.activity.enzyme.mlir
//                                                            ^^^^^^^^^^                                     ^^^^^^^^^^^^^^^^ constant.language.activity.enzyme.mlir
//                                                                                                                                        ^ constant.numeric.integer.mlir
//                                                                                                                                              ^^^  ^^^     ^^^ support.type.builtin.mlir
//                                                                                                                                                        ^^ keyword.operator.arrow.mlir
%2 = enzyme.batch @f(%x) {batch_shape = array<i64: 2>} : (f64) -> f64
// <- punctuation.definition.variable.mlir
// <~- variable.other.value.mlir
//   ^^^^^^ entity.name.namespace.dialect.mlir
//          ^^^^^ keyword.control.derivative.enzyme.mlir
//                ^ punctuation.definition.symbol.mlir
//                 ^ entity.name.function.symbol.mlir
//                   ^ punctuation.definition.variable.mlir
//                    ^ variable.other.value.mlir
//                        ^^^^^^^^^^^ entity.other.attribute-name.enzyme.mlir
//                                      ^^^^^ support.class.attribute.builtin.mlir
//                                            ^^^         ^^^     ^^^ support.type.builtin.mlir
//                                                 ^ constant.numeric.integer.mlir
//                                                             ^^ keyword.operator.arrow.mlir
%3 = "enzyme.jacobian"(%x) <{fn = @f, activity = [#enzyme<activity enzyme_constnoneed>]}> : (f64) -> f64
// <- punctuation.definition.variable.mlir
// <~- variable.other.value.mlir
//   ^ punctuation.definition.operation.begin.mlir
//    ^^^^^^ entity.name.namespace.dialect.mlir
//           ^^^^^^^^ keyword.control.derivative.enzyme.mlir
//                   ^ punctuation.definition.operation.end.mlir
//                     ^ punctuation.definition.variable.mlir
//                      ^ variable.other.value.mlir
//                           ^^ entity.other.attribute-name.mlir
//                                ^ punctuation.definition.symbol.mlir
//                                 ^ entity.name.function.symbol.mlir
//                                    ^^^^^^^^ entity.other.attribute-name.enzyme.mlir
//                                                ^ punctuation.definition.attribute.mlir
//                                                 ^^^^^^ support.class.attribute.enzyme.mlir
//                                                        ^^^^^^^^ storage.type.activity.enzyme.mlir
//                                                                 ^^^^^^^^^^^^^^^^^^ constant.language.activity.enzyme.mlir
//                                                                                           ^^^     ^^^ support.type.builtin.mlir
//                                                                                                ^^ keyword.operator.arrow.mlir
%4 = enzyme.init : !enzyme.Gradient<f64>
// <- punctuation.definition.variable.mlir
// <~- variable.other.value.mlir
//   ^^^^^^ entity.name.namespace.dialect.mlir
//          ^^^^ support.function.operation.mlir
//                 ^ punctuation.definition.type.mlir
//                  ^^^^^^^^^^^^^^^ entity.name.type.mlir
//                                  ^^^ support.type.builtin.mlir
%5 = enzyme.autodiff_region(%x) {
// <- punctuation.definition.variable.mlir
// <~- variable.other.value.mlir
//   ^^^^^^ entity.name.namespace.dialect.mlir
//          ^^^^^^^^^^^^^^^ keyword.control.derivative.enzyme.mlir
//                          ^ punctuation.definition.variable.mlir
//                           ^ variable.other.value.mlir
} attributes {activity = [#enzyme.activity<enzyme_const>]} : (f64) -> f64
//^^^^^^^^^^ keyword.other.word.mlir
//            ^^^^^^^^ entity.other.attribute-name.enzyme.mlir
//                        ^ punctuation.definition.attribute.mlir
//                         ^^^^^^ support.class.attribute.enzyme.mlir
//                                ^^^^^^^^ storage.type.activity.enzyme.mlir
//                                         ^^^^^^^^^^^^ constant.language.activity.enzyme.mlir
//                                                            ^^^     ^^^ support.type.builtin.mlir
//                                                                 ^^ keyword.operator.arrow.mlir
