# SYNTAX TEST "source.python" "strings of Python behind a marker"

# mlir
A = """
  %0 = arith.addf %x, %y : f64
#      ^^^^^ meta.embedded.block.mlir entity.name.namespace.dialect.mlir
"""
b = "func.func"
#    ^^^^^^^^^ - meta.embedded.block.mlir
c = f(  # mlir
    r'''
  %0 = arith.addf %x, %y : f64
#      ^^^^^ meta.embedded.block.mlir entity.name.namespace.dialect.mlir
''')
d = """
  %0 = arith.addf
#      ^^^^^ - meta.embedded.block.mlir
"""
# mlir
e = 1
f = """ %0 = arith.addf """
#            ^^^^^ - meta.embedded.block.mlir
