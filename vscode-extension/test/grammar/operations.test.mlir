// SYNTAX TEST "source.mlir" "operations, values, symbols, blocks and words"

module @m attributes {llvm.noalias, test.width = 2 : i64} {
// <------ storage.type.operation.mlir
//     ^ punctuation.definition.symbol.mlir
//      ^ entity.name.function.symbol.mlir
//        ^^^^^^^^^^ keyword.other.word.mlir
//                    ^^^^          ^^^^ entity.name.namespace.dialect.mlir
//                         ^^^^^^^       ^^^^^ entity.other.attribute-name.mlir
//                                               ^ constant.numeric.integer.mlir
//                                                   ^^^ support.type.builtin.mlir
  func.func private @square(%x: f64, %xs: memref<?xf64>) -> f64 {
//^^^^ entity.name.namespace.dialect.mlir
//     ^^^^ storage.type.operation.mlir
//          ^^^^^^^ storage.modifier.mlir
//                  ^ punctuation.definition.symbol.mlir
//                   ^^^^^^ entity.name.function.symbol.mlir
//                          ^        ^ punctuation.definition.variable.mlir
//                           ^        ^^ variable.parameter.mlir
//                              ^^^       ^^^^^^   ^^^      ^^^ support.type.builtin.mlir
//                                               ^ constant.numeric.integer.dimension.mlir
//                                                ^ keyword.operator.dimension.mlir
//                                                       ^^ keyword.operator.arrow.mlir
    %y, %z:2 = arith.mulf %x, %q#1 fastmath<fast> : f64
//  ^   ^                 ^   ^ punctuation.definition.variable.mlir
//   ^   ^                 ^   ^ variable.other.value.mlir
//        ^                     ^ punctuation.separator.results.mlir
//         ^                     ^ constant.numeric.integer.results.mlir
//             ^^^^^ entity.name.namespace.dialect.mlir
//                   ^^^^ support.function.operation.mlir
//                                 ^^^^^^^^ ^^^^ keyword.other.word.mlir
//                                                  ^^^ support.type.builtin.mlir
    %r = "test.op"(%x) <{flag}> ({}) : (f64) -> f64
//  ^              ^ punctuation.definition.variable.mlir
//   ^              ^ variable.other.value.mlir
//       ^ punctuation.definition.operation.begin.mlir
//        ^^^^ entity.name.namespace.dialect.mlir
//             ^^ support.function.operation.mlir
//               ^ punctuation.definition.operation.end.mlir
//                       ^^^^ keyword.other.word.mlir
//                                      ^^^     ^^^ support.type.builtin.mlir
//                                           ^^ keyword.operator.arrow.mlir
    cf.cond_br %c, ^bb1(%x : f64), ^bb2
//  ^^ entity.name.namespace.dialect.mlir
//     ^^^^^^^ keyword.control.operation.mlir
//             ^        ^ punctuation.definition.variable.mlir
//              ^        ^ variable.other.value.mlir
//                 ^               ^ punctuation.definition.label.mlir
//                  ^^^             ^^^ entity.name.label.mlir
//                           ^^^ support.type.builtin.mlir
  ^bb1(%a: f64):
//^ punctuation.definition.label.mlir
// ^^^ entity.name.label.definition.mlir
//     ^ punctuation.definition.variable.mlir
//      ^ variable.parameter.mlir
//         ^^^ support.type.builtin.mlir
    %s = scf.for %i = %lo to %hi step %one iter_args(%so_far = %zero) -> f64 {
//  ^            ^    ^      ^        ^              ^         ^ punctuation.definition.variable.mlir
//   ^            ^    ^^     ^^       ^^^            ^^^^^^    ^^^^ variable.other.value.mlir
//       ^^^ entity.name.namespace.dialect.mlir
//           ^^^ keyword.control.operation.mlir
//                        ^^     ^^^^      ^^^^^^^^^ keyword.other.word.mlir
//                                                                    ^^ keyword.operator.arrow.mlir
//                                                                       ^^^ support.type.builtin.mlir
    }
    %call = func.call @lib::@"odd name"(%x) : (f64) -> f64
//  ^                                   ^ punctuation.definition.variable.mlir
//   ^^^^                                ^ variable.other.value.mlir
//          ^^^^ entity.name.namespace.dialect.mlir
//               ^^^^ support.function.operation.mlir
//                    ^     ^ punctuation.definition.symbol.mlir
//                     ^^^   ^^^^^^^^^^ entity.name.function.symbol.mlir
//                        ^^ punctuation.separator.symbol.mlir
//                                             ^^^     ^^^ support.type.builtin.mlir
//                                                  ^^ keyword.operator.arrow.mlir
    %p = arith.cmpi slt, %m, %n : index
//  ^                    ^   ^ punctuation.definition.variable.mlir
//   ^                    ^   ^ variable.other.value.mlir
//       ^^^^^ entity.name.namespace.dialect.mlir
//             ^^^^ support.function.operation.mlir
//                  ^^^ constant.language.predicate.mlir
//                                ^^^^^ support.type.builtin.mlir
    return %y : f64 loc("f.mlir":1:2)
//  ^^^^^^ keyword.control.operation.mlir
//         ^ punctuation.definition.variable.mlir
//          ^ variable.other.value.mlir
//              ^^^ support.type.builtin.mlir
//                  ^^^ keyword.other.location.mlir
//                      ^ punctuation.definition.string.begin.mlir
//                       ^^^^^^ string.quoted.double.mlir
//                             ^ punctuation.definition.string.end.mlir
//                               ^ ^ constant.numeric.integer.mlir
  }
}
