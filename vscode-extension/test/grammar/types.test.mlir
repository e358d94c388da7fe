// SYNTAX TEST "source.mlir" "types, attributes and numbers"

!pair = tuple<i32, f64>
// <- punctuation.definition.type.mlir
// <~---- entity.name.type.alias.mlir
//      ^^^^^ ^^^  ^^^ support.type.builtin.mlir
#map = affine_map<(d0)[s0] -> (d0 floordiv 2 + s0)>
// <- punctuation.definition.attribute.mlir
// <~--- entity.name.constant.alias.mlir
//     ^^^^^^^^^^ support.class.attribute.builtin.mlir
//                 ^^  ^^      ^^              ^^ variable.parameter.affine.mlir
//                         ^^ keyword.operator.arrow.mlir
//                                ^^^^^^^^ keyword.operator.word.mlir
//                                         ^ constant.numeric.integer.mlir
//                                           ^ keyword.operator.mlir
%t = test.a : tensor<3x?x4xbf16>, memref<*xui8, strided<[1, ?]>>, vector<[4]x2xf8E4M3FN>, complex<f32>
// <- punctuation.definition.variable.mlir
// <~- variable.other.value.mlir
//   ^^^^ entity.name.namespace.dialect.mlir
//        ^ support.function.operation.mlir
//            ^^^^^^       ^^^^   ^^^^^^   ^^^                    ^^^^^^       ^^^^^^^^   ^^^^^^^ ^^^ support.type.builtin.mlir
//                   ^ ^ ^               ^                                   ^ constant.numeric.integer.dimension.mlir
//                    ^ ^ ^               ^                                 ^ ^ keyword.operator.dimension.mlir
//                                              ^^^^^^^ support.class.attribute.builtin.mlir
//                                                       ^                ^ constant.numeric.integer.mlir
//                                                          ^ keyword.operator.mlir
%u = test.b : !llvm.ptr<1>, !pair, tensor<0xf32>, tensor<4x!quant.any>, tensor<0x3xindex>
// <- punctuation.definition.variable.mlir
// <~- variable.other.value.mlir
//   ^^^^ entity.name.namespace.dialect.mlir
//        ^ support.function.operation.mlir
//            ^             ^                              ^ punctuation.definition.type.mlir
//             ^^^^^^^^      ^^^^                           ^^^^^^^^^ entity.name.type.mlir
//                      ^ constant.numeric.integer.mlir
//                                 ^^^^^^   ^^^   ^^^^^^                ^^^^^^     ^^^^^ support.type.builtin.mlir
//                                        ^              ^                     ^ ^ constant.numeric.integer.dimension.mlir
//                                         ^              ^                     ^ ^ keyword.operator.dimension.mlir
%v = test.c {a = -1.5e-3 : f32, b = 0x7FC0, c = -12, d = true, e = unit, f = dense<[1, 2]> : tensor<2xi32>}
// <- punctuation.definition.variable.mlir
// <~- variable.other.value.mlir
//   ^^^^ entity.name.namespace.dialect.mlir
//        ^ support.function.operation.mlir
//           ^                  ^           ^        ^         ^         ^ entity.other.attribute-name.mlir
//               ^^^^^^^ constant.numeric.float.mlir
//                         ^^^                                                               ^^^^^^   ^^^ support.type.builtin.mlir
//                                  ^^^^^^ constant.numeric.hex.mlir
//                                              ^^^                                 ^  ^ constant.numeric.integer.mlir
//                                                       ^^^^      ^^^^ constant.language.mlir
//                                                                           ^^^^^ support.class.attribute.builtin.mlir
//                                                                                                  ^ constant.numeric.integer.dimension.mlir
//                                                                                                   ^ keyword.operator.dimension.mlir
%w = test.d {g = array<i64: 1, 2>, h = #map, i = #arith.fastmath<fast>, j = "a \22b\22 \n"}
// <- punctuation.definition.variable.mlir
// <~- variable.other.value.mlir
//   ^^^^ entity.name.namespace.dialect.mlir
//        ^ support.function.operation.mlir
//           ^                     ^         ^                          ^ entity.other.attribute-name.mlir
//               ^^^^^ support.class.attribute.builtin.mlir
//                     ^^^ support.type.builtin.mlir
//                          ^  ^ constant.numeric.integer.mlir
//                                     ^         ^ punctuation.definition.attribute.mlir
//                                      ^^^       ^^^^^^^^^^^^^^ support.class.attribute.mlir
//                                                               ^^^^ keyword.other.word.mlir
//                                                                          ^ punctuation.definition.string.begin.mlir
//                                                                           ^    ^ string.quoted.double.mlir
//                                                                             ^^^ ^^^ ^^ constant.character.escape.mlir
//                                                                                       ^ punctuation.definition.string.end.mlir
