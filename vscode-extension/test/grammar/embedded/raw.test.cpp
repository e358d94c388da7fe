// SYNTAX TEST "source.cpp" "raw strings of C++"

auto a = R"mlir(
  %0 = arith.addf %x, %y : f64 "open
//     ^^^^^ meta.embedded.block.mlir entity.name.namespace.dialect.mlir
)mlir";
auto b = f(/*mlir*/ R"x(func.func @f())x", 1);
//                      ^^^^ meta.embedded.block.mlir entity.name.namespace.dialect.mlir
//                                         ^ - meta.embedded.block.mlir
auto c = R"(func.func)";
//          ^^^^^^^^^ - meta.embedded.block.mlir
