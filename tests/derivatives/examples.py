"""Functions whose derivatives are run: what they are, where they are taken, and which sorts of derivatives they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Argument = float | int | tuple[float, ...]
"""A number, or those in a tensor or in memory, row by row."""

FUNCTION: Final = "f"
"""The name of each of them."""
SORTS: Final = ("reverse", "reverse.primal", "forward", "hvp")


@dataclass(frozen=True, slots=True)
class Example:
    """A module with `@f` in it, and the point at which its derivatives are taken.

    `sorts` are the variants that it has, `wrong` those of them that engine 0.0.15 gets wrong without a word.
    `accuracy` is how well differences can agree with a derivative.
    """

    name: str
    text: str
    at: tuple[Argument, ...]
    sorts: tuple[str, ...] = SORTS
    wrong: tuple[str, ...] = ()
    accuracy: float = 1e-6
    step: float = 1e-5


def _body(signature: str, *lines: str) -> str:
    return "\n".join([f"func.func @f{signature} {{", *(f"  {line}" for line in lines), "}", ""])


FIRST: Final = ("reverse", "reverse.primal", "forward")
_BRANCH: Final = _body(
    "(%x: f64, %y: f64) -> f64",
    "%c = arith.cmpf olt, %x, %y : f64",
    "%z = scf.if %c -> (f64) {",
    "  %p = arith.mulf %x, %y : f64",
    "  scf.yield %p : f64",
    "} else {",
    "  %s = math.sin %x : f64",
    "  scf.yield %s : f64",
    "}",
    "return %z : f64",
)
_BLOCKS: Final = _body(
    "(%x: f64, %b: i1) -> f64",
    "cf.cond_br %b, ^one(%x : f64), ^other",
    "^one(%p: f64):",
    "  %q = arith.mulf %p, %p : f64",
    "  cf.br ^end(%q : f64)",
    "^other:",
    "  %r = math.cos %x : f64",
    "  cf.br ^end(%r : f64)",
    "^end(%y: f64):",
    "  return %y : f64",
)
JACOBIAN: Final = (*SORTS, "jacobian")
NO_FORWARD: Final = ("reverse", "reverse.primal")

EXAMPLES: Final = (
    Example("square", _body("(%x: f64) -> f64", "%y = arith.mulf %x, %x : f64", "return %y : f64"), (1.3,), JACOBIAN),
    Example(
        "polynomial",
        _body(
            "(%x: f64) -> f64",
            "%c = arith.constant 2.5 : f64",
            "%2 = arith.mulf %x, %x : f64",
            "%3 = arith.mulf %2, %x : f64",
            "%cx = arith.mulf %c, %x : f64",
            "%y = arith.subf %3, %cx : f64",
            "return %y : f64",
        ),
        (-0.7,),
        JACOBIAN,
    ),
    Example(
        "product of two",
        _body("(%x: f64, %y: f64) -> f64", "%z = arith.mulf %x, %y : f64", "return %z : f64"),
        (1.5, -2.0),
        JACOBIAN,
    ),
    Example(
        "quotient",
        _body("(%x: f64, %y: f64) -> f64", "%z = arith.divf %x, %y : f64", "return %z : f64"),
        (1.5, -2.0),
        JACOBIAN,
    ),
    Example(
        "sine by cosine",
        _body(
            "(%x: f64) -> f64",
            "%s = math.sin %x : f64",
            "%c = math.cos %x : f64",
            "%y = arith.mulf %s, %c : f64",
            "return %y : f64",
        ),
        (0.4,),
        JACOBIAN,
    ),
    Example(
        "exponential of a root",
        _body("(%x: f64) -> f64", "%s = math.sqrt %x : f64", "%y = math.exp %s : f64", "return %y : f64"),
        (2.2,),
        FIRST,
    ),
    Example(
        "arc tangent of a negative",
        _body(
            "(%x: f64, %y: f64) -> f64",
            "%n = arith.negf %x : f64",
            "%a = math.atan %n : f64",
            "%b = math.absf %y : f64",
            "%z = arith.mulf %a, %b : f64",
            "return %z : f64",
        ),
        (0.3, -1.1),
        FIRST,
    ),
    Example(
        "the greater one",
        _body("(%x: f64, %y: f64) -> f64", "%z = arith.maxnumf %x, %y : f64", "return %z : f64"),
        (1.5, -2.0),
        FIRST,
    ),
    Example(
        "choice by a comparison",
        _body(
            "(%x: f64, %y: f64) -> f64",
            "%c = arith.cmpf olt, %x, %y : f64",
            "%p = arith.mulf %x, %y : f64",
            "%z = arith.select %c, %p, %x : f64",
            "return %z : f64",
        ),
        (1.5, 2.0),
        NO_FORWARD,
    ),
    Example(
        "loop of known length",
        _body(
            "(%x: f64) -> f64",
            "%0 = arith.constant 0 : index",
            "%1 = arith.constant 1 : index",
            "%4 = arith.constant 4 : index",
            "%one = arith.constant 1.0 : f64",
            "%y = scf.for %i = %0 to %4 step %1 iter_args(%p = %one) -> (f64) {",
            "  %q = arith.mulf %p, %x : f64",
            "  scf.yield %q : f64",
            "}",
            "return %y : f64",
        ),
        (1.2,),
        FIRST,
    ),
    Example(
        "loop of unknown length",
        _body(
            "(%x: f64, %n: index) -> f64",
            "%0 = arith.constant 0 : index",
            "%1 = arith.constant 1 : index",
            "%y = scf.for %i = %0 to %n step %1 iter_args(%p = %x) -> (f64) {",
            "  %q = math.sin %p : f64",
            "  scf.yield %q : f64",
            "}",
            "return %y : f64",
        ),
        (1.2, 5),
        FIRST,
    ),
    Example(
        "loop in a loop",
        _body(
            "(%x: f64, %y: f64) -> f64",
            "%0 = arith.constant 0 : index",
            "%1 = arith.constant 1 : index",
            "%3 = arith.constant 3 : index",
            "%z = scf.for %i = %0 to %3 step %1 iter_args(%p = %x) -> (f64) {",
            "  %w = scf.for %j = %0 to %3 step %1 iter_args(%q = %p) -> (f64) {",
            "    %r = arith.mulf %q, %y : f64",
            "    scf.yield %r : f64",
            "  }",
            "  scf.yield %w : f64",
            "}",
            "return %z : f64",
        ),
        (1.2, 0.9),
        FIRST,
    ),
    Example(
        "branch with a value",
        _BRANCH,
        (1.5, 2.0),
        ("reverse", "forward"),
    ),
    Example(
        "the other branch",
        _BRANCH,
        (2.5, 2.0),
        ("reverse", "forward"),
    ),
    Example("blocks", _BLOCKS, (0.6, 0), ("reverse", "forward")),
    Example("blocks, the other way", _BLOCKS, (0.6, 1), ("reverse", "forward"), wrong=("reverse",)),
    Example(
        "memory that is read",
        _body(
            "(%m: memref<3xf64>) -> f64",
            "%0 = arith.constant 0 : index",
            "%1 = arith.constant 1 : index",
            "%2 = arith.constant 2 : index",
            "%a = memref.load %m[%0] : memref<3xf64>",
            "%b = memref.load %m[%1] : memref<3xf64>",
            "%c = memref.load %m[%2] : memref<3xf64>",
            "%p = arith.mulf %a, %b : f64",
            "%y = arith.mulf %p, %c : f64",
            "return %y : f64",
        ),
        ((0.5, -1.5, 2.0),),
    ),
    Example(
        "memory that is written",
        _body(
            "(%x: f64, %y: f64, %out: memref<2xf64>)",
            "%0 = arith.constant 0 : index",
            "%1 = arith.constant 1 : index",
            "%p = arith.mulf %x, %y : f64",
            "%s = math.sin %x : f64",
            "memref.store %p, %out[%0] : memref<2xf64>",
            "memref.store %s, %out[%1] : memref<2xf64>",
            "return",
        ),
        (0.5, -1.5, (0.0, 0.0)),
    ),
    Example(
        "memory that is changed",
        _body(
            "(%m: memref<2xf64>, %x: f64)",
            "%0 = arith.constant 0 : index",
            "%a = memref.load %m[%0] : memref<2xf64>",
            "%p = arith.mulf %a, %x : f64",
            "%q = arith.mulf %p, %a : f64",
            "memref.store %q, %m[%0] : memref<2xf64>",
            "return",
        ),
        ((0.5, -1.5), 1.25),
    ),
    Example(
        "product of matrix and vector, in loops",
        _body(
            "(%a: memref<2x3xf64>, %v: memref<3xf64>, %out: memref<2xf64>)",
            "%0 = arith.constant 0 : index",
            "%1 = arith.constant 1 : index",
            "%2 = arith.constant 2 : index",
            "%3 = arith.constant 3 : index",
            "%zero = arith.constant 0.0 : f64",
            "scf.for %i = %0 to %2 step %1 {",
            "  %sum = scf.for %j = %0 to %3 step %1 iter_args(%s = %zero) -> (f64) {",
            "    %x = memref.load %a[%i, %j] : memref<2x3xf64>",
            "    %y = memref.load %v[%j] : memref<3xf64>",
            "    %p = arith.mulf %x, %y : f64",
            "    %t = arith.addf %s, %p : f64",
            "    scf.yield %t : f64",
            "  }",
            "  memref.store %sum, %out[%i] : memref<2xf64>",
            "}",
            "return",
        ),
        ((0.5, -1.5, 2.0, 1.0, 0.25, -0.75), (3.0, 2.0, 1.0), (0.0, 0.0)),
        ("reverse", "forward"),
    ),
    Example(
        "affine loop over memory",
        _body(
            "(%m: memref<3xf64>, %x: f64) -> f64",
            "%zero = arith.constant 0.0 : f64",
            "%y = affine.for %i = 0 to 3 iter_args(%s = %zero) -> (f64) {",
            "  %v = affine.load %m[%i] : memref<3xf64>",
            "  %p = arith.mulf %v, %x : f64",
            "  %t = arith.addf %s, %p : f64",
            "  affine.yield %t : f64",
            "}",
            "return %y : f64",
        ),
        ((0.5, -1.5, 2.0), 1.75),
        FIRST,
    ),
    Example(
        "memory of its own",
        _body(
            "(%x: f64) -> f64",
            "%0 = arith.constant 0 : index",
            "%m = memref.alloca() : memref<1xf64>",
            "%s = math.sin %x : f64",
            "memref.store %s, %m[%0] : memref<1xf64>",
            "%v = memref.load %m[%0] : memref<1xf64>",
            "%y = arith.mulf %v, %x : f64",
            "return %y : f64",
        ),
        (0.8,),
        ("forward",),
    ),
    Example(
        "product of matrices",
        _body(
            "(%a: memref<2x2xf64>, %b: memref<2x2xf64>, %c: memref<2x2xf64>)",
            "linalg.matmul ins(%a, %b : memref<2x2xf64>, memref<2x2xf64>) outs(%c : memref<2x2xf64>)",
            "return",
        ),
        ((0.5, -1.5, 2.0, 1.0), (3.0, 2.0, 1.0, -1.0), (0.1, 0.2, 0.3, 0.4)),
        ("forward",),
        wrong=("forward",),
    ),
    Example(
        "tensors, number by number",
        _body(
            "(%x: tensor<3xf64>, %y: tensor<3xf64>) -> tensor<3xf64>",
            "%s = math.sin %x : tensor<3xf64>",
            "%p = arith.mulf %s, %y : tensor<3xf64>",
            "return %p : tensor<3xf64>",
        ),
        ((0.5, -1.5, 2.0), (3.0, 2.0, 1.0)),
        JACOBIAN,
    ),
    Example(
        "tensors of rank two, with a constant",
        _body(
            "(%x: tensor<2x2xf64>) -> tensor<2x2xf64>",
            "%c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf64>",
            "%p = arith.mulf %x, %c : tensor<2x2xf64>",
            "%y = arith.mulf %p, %x : tensor<2x2xf64>",
            "return %y : tensor<2x2xf64>",
        ),
        ((0.5, -1.5, 2.0, 0.1),),
        JACOBIAN,
    ),
    Example(
        "a tensor and a number",
        _body(
            "(%x: tensor<2xf64>, %a: f64) -> (tensor<2xf64>, f64)",
            "%y = arith.mulf %x, %x : tensor<2xf64>",
            "%b = math.exp %a : f64",
            "return %y, %b : tensor<2xf64>, f64",
        ),
        ((0.5, -1.5), 0.7),
        JACOBIAN,
    ),
    Example(
        "constants among the arguments",
        _body(
            "(%n: i64, %x: f64, %k: index, %y: f64, %b: i1) -> f64",
            "%f = arith.sitofp %n : i64 to f64",
            "%p = arith.mulf %x, %f : f64",
            "%z = arith.mulf %p, %y : f64",
            "return %z : f64",
        ),
        (3, 0.5, 2, 1.5, 1),
        JACOBIAN,
    ),
    Example(
        "four arguments",
        _body(
            "(%x: f64, %y: f64, %z: f64, %w: f64) -> f64",
            "%a = arith.mulf %x, %y : f64",
            "%b = arith.divf %z, %w : f64",
            "%c = arith.addf %a, %b : f64",
            "%d = math.sin %c : f64",
            "return %d : f64",
        ),
        (0.5, 1.5, -0.25, 2.0),
        JACOBIAN,
    ),
    Example(
        "two results",
        _body(
            "(%x: f64, %y: f64) -> (f64, f64)",
            "%p = arith.mulf %x, %y : f64",
            "%s = math.sin %x : f64",
            "return %p, %s : f64, f64",
        ),
        (0.5, 1.5),
        JACOBIAN,
    ),
    Example(
        "three results of one argument",
        _body(
            "(%x: f64) -> (f64, i64, f64)",
            "%n = arith.constant 7 : i64",
            "%p = arith.mulf %x, %x : f64",
            "%s = math.exp %x : f64",
            "return %p, %n, %s : f64, i64, f64",
        ),
        (0.5,),
        JACOBIAN,
    ),
    Example(
        "a result and memory",
        _body(
            "(%x: f64, %m: memref<2xf64>) -> f64",
            "%0 = arith.constant 0 : index",
            "%1 = arith.constant 1 : index",
            "%a = memref.load %m[%0] : memref<2xf64>",
            "%p = arith.mulf %a, %x : f64",
            "memref.store %p, %m[%1] : memref<2xf64>",
            "%y = arith.mulf %p, %a : f64",
            "return %y : f64",
        ),
        (0.5, (1.5, -0.5)),
    ),
    Example(
        "a call",
        "func.func private @g(%x: f64) -> f64 {\n  %y = math.sin %x : f64\n  return %y : f64\n}\n\n"
        + _body(
            "(%x: f64) -> f64",
            "%y = func.call @g(%x) : (f64) -> f64",
            "%z = arith.mulf %y, %x : f64",
            "return %z : f64",
        ),
        (0.5,),
        FIRST,
    ),
    Example(
        "single precision",
        _body("(%x: f32) -> f32", "%y = math.sin %x : f32", "return %y : f32"),
        (0.5,),
        accuracy=1e-3,
        step=1e-2,
    ),
    Example(
        "a function of LLVM",
        "llvm.func @f(%x: f64, %y: f64) -> f64 {\n"
        "  %0 = arith.mulf %x, %y : f64\n  %1 = math.sin %0 : f64\n  llvm.return %1 : f64\n}\n",
        (0.5, 1.5),
        NO_FORWARD,
    ),
    Example(
        "a function of LLVM on memory",
        "llvm.func @f(%p: !llvm.ptr, %x: f64) {\n"
        "  %0 = llvm.load %p : !llvm.ptr -> f64\n  %1 = arith.mulf %0, %x : f64\n"
        "  llvm.store %1, %p : f64, !llvm.ptr\n  llvm.return\n}\n",
        ((0.5,), 1.5),
        ("reverse",),
    ),
    Example(
        "generic form",
        '"func.func"() <{function_type = (f64, f64) -> f64, sym_name = "f"}> ({\n'
        "^bb0(%x: f64, %y: f64):\n"
        '  %z = "arith.mulf"(%x, %y) <{fastmath = #arith.fastmath<none>}> : (f64, f64) -> f64\n'
        '  "func.return"(%z) : (f64) -> ()\n'
        "}) : () -> ()\n",
        (0.5, 1.5),
        JACOBIAN,
    ),
)
