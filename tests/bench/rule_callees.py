"""Functions to differentiate, one for each operation that the table of derivative rules speaks of.

In each, `%y` depends on `%x` through the operation. Where that needs other operations they are such as have a rule:
memory is `memref.alloca` with a store and a load. The generic form is used where the custom one differs between releases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Callee:
    """The body of a function of `%x` that gives `%y`; `around` is what must stand beside it in the module."""

    key: str
    """The name of the operation; with ` memory` behind it for one that reads and writes memory and has no result."""
    body: str
    takes: str
    gives: str
    around: str = ""

    @property
    def operation(self) -> str:
        return self.key.partition(" ")[0]


_found: list[Callee] = []


def _add(key: str, body: str, takes: str = "f64", gives: str = "", around: str = "") -> None:
    _found.append(Callee(key, body, takes, gives or takes, around))


def _each(dialect: str, names: str, takes: str = "f64", gives: str = "", *, operands: int = 1) -> None:
    """One callee for each name: the operation with `%x` for every operand, in generic form."""
    values, types = ", ".join(["%x"] * operands), ", ".join([takes] * operands)
    for name in names.split():
        _add(f"{dialect}{name}", f'%y = "{dialect}{name}"({values}) : ({types}) -> {gives or takes}', takes, gives)


_T = "tensor<4xf64>"
_M = "tensor<2x2xf64>"
_S = "tensor<f64>"
_C = "complex<f64>"
_TC = "tensor<4xcomplex<f64>>"
_I = "%i = arith.constant 0 : index\n%o = arith.constant 1 : index\n%n = arith.constant 4 : index\n%c = arith.constant 1.0 : f64\n"
_ALLOCA = f"{_I}%m = memref.alloca() : memref<4xf64>\n"
_STORE = "memref.store %x, %m[%i] : memref<4xf64>\n"
_LOAD = "%y = memref.load %m[%i] : memref<4xf64>"
_STORED = f"{_ALLOCA}{_STORE}"
_TWO = f"{_STORED}%r = memref.alloca() : memref<4xf64>\n"
_LOAD_R = "%y = memref.load %r[%i] : memref<4xf64>"
_ZERO = "%z = stablehlo.constant dense<0.0> : tensor<f64>\n"
_ZERO_I = "%i = stablehlo.constant dense<0> : tensor<i64>\n"


def _arith() -> None:
    _each("arith.", "addf subf mulf divf remf maximumf minimumf maxnumf minnumf maximumnumf minimumnumf", operands=2)
    _each("arith.", "negf flush_denormals")
    _add("arith.extf", "%y = arith.extf %x : f32 to f64", "f32", "f64")
    _add("arith.truncf", "%y = arith.truncf %x : f64 to f32", "f64", "f32")
    _add("arith.convertf", '%y = "arith.convertf"(%x) : (bf16) -> f16', "bf16", "f16")
    _add("arith.bitcast", "%i = arith.bitcast %x : f64 to i64\n%y = arith.bitcast %i : i64 to f64")
    _add("arith.fptosi", "%i = arith.fptosi %x : f64 to i64\n%y = arith.sitofp %i : i64 to f64")
    _add("arith.fptoui", "%i = arith.fptoui %x : f64 to i64\n%y = arith.uitofp %i : i64 to f64")
    _add("arith.cmpf", "%i = arith.cmpf olt, %x, %x : f64\n%y = arith.uitofp %i : i1 to f64")
    _add("arith.select", "%c = arith.constant true\n%y = arith.select %c, %x, %x : f64")


def _math() -> None:
    _each(
        "math.",
        "absf acos acosh asin asinh atan atanh cbrt ceil cos cosh erf erfc exp exp2 expm1 floor log log10 log1p log2"
        " round roundeven rsqrt sin sinh sqrt tan tanh trunc",
    )
    _each("math.", "atan2 copysign powf", operands=2)
    _each("math.", "fma clampf", operands=3)
    _add("math.fpowi", "%i = arith.constant 3 : i32\n%y = math.fpowi %x, %i : f64, i32")
    _add("math.sincos", "%y, %z = math.sincos %x : f64")
    for name in ("isnan", "isinf", "isfinite", "isnormal"):
        _add(f"math.{name}", f"%i = math.{name} %x : f64\n%y = arith.uitofp %i : i1 to f64")


def _complex() -> None:
    _each("complex.", "conj cos exp expm1 log log1p neg rsqrt sign sin sqrt tan tanh", _C)
    _each("complex.", "add sub mul div pow atan2", _C, operands=2)
    _each("complex.", "re im abs angle", _C, "f64")
    _add("complex.create", "%y = complex.create %x, %x : complex<f64>", "f64", _C)
    _add(
        "complex.bitcast",
        "%i = complex.bitcast %x : complex<f64> to i128\n%y = complex.bitcast %i : i128 to complex<f64>",
        _C,
    )
    _add(
        "complex.powi",
        '%i = arith.constant 3 : i32\n%y = "complex.powi"(%x, %i) : (complex<f64>, i32) -> complex<f64>',
        _C,
    )


def _tensor() -> None:
    _add("tensor.extract", f"{_I}%y = tensor.extract %x[%i] : {_T}", _T, "f64")
    _add("tensor.insert", f"{_I}%y = tensor.insert %c into %x[%i] : {_T}", _T)
    _add("tensor.from_elements", "%y = tensor.from_elements %x, %x : tensor<2xf64>", "f64", "tensor<2xf64>")
    _add("tensor.splat", f"%y = tensor.splat %x : {_T}", "f64", _T)
    _add(
        "tensor.extract_slice",
        "%y = tensor.extract_slice %x[0][2][1] : tensor<4xf64> to tensor<2xf64>",
        _T,
        "tensor<2xf64>",
    )
    _add(
        "tensor.insert_slice",
        "%e = tensor.empty() : tensor<8xf64>\n"
        "%y = tensor.insert_slice %x into %e[0][4][1] : tensor<4xf64> into tensor<8xf64>",
        _T,
        "tensor<8xf64>",
    )
    _add(
        "tensor.expand_shape",
        f"%y = tensor.expand_shape %x [[0, 1]] output_shape [2, 2] : tensor<4xf64> into {_M}",
        _T,
        _M,
    )
    _add("tensor.collapse_shape", f"%y = tensor.collapse_shape %x [[0, 1]] : {_M} into tensor<4xf64>", _M, _T)
    _add(
        "tensor.reshape",
        "%s = arith.constant dense<[2, 2]> : tensor<2xi64>\n"
        f"%y = tensor.reshape %x(%s) : (tensor<4xf64>, tensor<2xi64>) -> {_M}",
        _T,
        _M,
    )
    _add("tensor.cast", "%y = tensor.cast %x : tensor<4xf64> to tensor<?xf64>", _T, "tensor<?xf64>")
    _add(
        "tensor.bitcast",
        "%e = tensor.bitcast %x : tensor<4xf64> to tensor<4xi64>\n"
        "%y = tensor.bitcast %e : tensor<4xi64> to tensor<4xf64>",
        _T,
    )
    _add(
        "tensor.concat",
        "%y = tensor.concat dim(0) %x, %x : (tensor<4xf64>, tensor<4xf64>) -> tensor<8xf64>",
        _T,
        "tensor<8xf64>",
    )
    _add(
        "tensor.gather",
        "%s = arith.constant dense<[[0], [1]]> : tensor<2x1xindex>\n"
        "%y = tensor.gather %x[%s] gather_dims([0]) : (tensor<4xf64>, tensor<2x1xindex>) -> tensor<2x1xf64>",
        _T,
        "tensor<2x1xf64>",
    )
    _add("tensor.generate", f"%y = tensor.generate {{\n^bb0(%i: index):\ntensor.yield %x : f64\n}} : {_T}", "f64", _T)
    _add(
        "tensor.pad",
        "%c = arith.constant 1.0 : f64\n%y = tensor.pad %x low[1] high[1] {\n^bb0(%i: index):\n"
        "tensor.yield %c : f64\n} : tensor<4xf64> to tensor<6xf64>",
        _T,
        "tensor<6xf64>",
    )
    _add(
        "tensor.dim",
        f"{_I}%d = tensor.dim %x, %i : tensor<4xf64>\n%q = arith.index_cast %d : index to i64\n"
        "%y = arith.sitofp %q : i64 to f64",
        _T,
        "f64",
    )


def _memref() -> None:
    for name in ("alloca", "store", "load"):
        _add(f"memref.{name}", _STORED + _LOAD)
    heap = f"{_I}%m = memref.alloc() : memref<4xf64>\n{_STORE}{_LOAD}"
    _add("memref.alloc", heap)
    _add("memref.dealloc memory", f"{heap}\nmemref.dealloc %m : memref<4xf64>")
    _add(
        "memref.copy memory",
        f"{_TWO}memref.copy %m, %r : memref<4xf64> to memref<4xf64>\n{_LOAD_R}",
    )
    _add("memref.prefetch memory", f"{_STORED}memref.prefetch %m[%i], read, locality<3>, data : memref<4xf64>\n{_LOAD}")
    strided = "memref<2xf64, strided<[1]>>"
    for name, result, written in (
        ("cast", "memref<?xf64>", "%m : memref<4xf64> to memref<?xf64>"),
        ("memory_space_cast", "memref<4xf64, 1>", "%m : memref<4xf64> to memref<4xf64, 1>"),
        ("subview", strided, f"%m[0][2][1] : memref<4xf64> to {strided}"),
        ("reinterpret_cast", strided, f"%m to offset: [0], sizes: [2], strides: [1] : memref<4xf64> to {strided}"),
    ):
        _add(f"memref.{name}", f"{_STORED}%d = memref.{name} {written}\n%y = memref.load %d[%i] : {result}")
    _add(
        "memref.expand_shape",
        f"{_STORED}%d = memref.expand_shape %m [[0, 1]] output_shape [2, 2] : memref<4xf64> into memref<2x2xf64>\n"
        "%y = memref.load %d[%i, %i] : memref<2x2xf64>",
    )
    square = f"{_I}%m = memref.alloca() : memref<2x2xf64>\nmemref.store %x, %m[%i, %i] : memref<2x2xf64>\n"
    _add(
        "memref.collapse_shape",
        f"{square}%d = memref.collapse_shape %m [[0, 1]] : memref<2x2xf64> into memref<4xf64>\n"
        "%y = memref.load %d[%i] : memref<4xf64>",
    )
    _add(
        "memref.transpose",
        f"{square}%d = memref.transpose %m (i, j) -> (j, i) : memref<2x2xf64> to memref<2x2xf64, strided<[1, 2]>>\n"
        "%y = memref.load %d[%i, %i] : memref<2x2xf64, strided<[1, 2]>>",
    )
    _add(
        "memref.reshape",
        f"{_STORED}%s = memref.alloca() : memref<2xi64>\n"
        "%d = memref.reshape %m(%s) : (memref<4xf64>, memref<2xi64>) -> memref<2x2xf64>\n"
        "%y = memref.load %d[%i, %i] : memref<2x2xf64>",
    )
    _add(
        "memref.view",
        f"{_I}%b = memref.alloca() : memref<64xi8>\n%m = memref.view %b[%i][] : memref<64xi8> to memref<4xf64>\n"
        f"{_STORE}{_LOAD}",
    )
    _add(
        "memref.assume_alignment",
        f"{_ALLOCA}%d = memref.assume_alignment %m, 8 : memref<4xf64>\n"
        "memref.store %x, %d[%i] : memref<4xf64>\n%y = memref.load %d[%i] : memref<4xf64>",
    )
    _add("memref.atomic_rmw", f"{_ALLOCA}%q = memref.atomic_rmw addf %x, %m[%i] : (f64, memref<4xf64>) -> f64\n{_LOAD}")
    _add(
        "memref.extract_strided_metadata",
        f"{_STORED}%d, %e, %s, %t = memref.extract_strided_metadata %m : memref<4xf64> -> memref<f64>, index, index,"
        " index\n%y = memref.load %d[] : memref<f64>",
    )
    _add(
        "memref.realloc",
        f"{_I}%m0 = memref.alloc() : memref<2xf64>\n%m = memref.realloc %m0 : memref<2xf64> to memref<4xf64>\n"
        f"{_STORE}{_LOAD}",
    )
    _add("memref.alloca_scope", "%y = memref.alloca_scope -> (f64) {\nmemref.alloca_scope.return %x : f64\n}")
    affine = f"{_ALLOCA}affine.store %x, %m[0] : memref<4xf64>\n%y = affine.load %m[0] : memref<4xf64>"
    _add("affine.store", affine)
    _add("affine.load", affine)


def _control_flow() -> None:
    _add(
        "scf.for",
        f"{_I}%y = scf.for %k = %i to %n step %o iter_args(%a = %x) -> f64 {{\n%q = arith.mulf %a, %a : f64\n"
        "scf.yield %q : f64\n}",
    )
    branches = "-> f64 {\n%q = arith.mulf %x, %x : f64\nDIALECT.yield %q : f64\n} else {\nDIALECT.yield %x : f64\n}"
    _add("scf.if", f"%t = arith.constant true\n%y = scf.if %t {branches}".replace("DIALECT", "scf"))
    _add(
        "scf.while",
        "%c = arith.constant 1.0 : f64\n%y = scf.while (%a = %x) : (f64) -> f64 {\n"
        "%t = arith.cmpf olt, %a, %c : f64\nscf.condition(%t) %a : f64\n} do {\n^bb0(%a: f64):\n"
        "%q = arith.mulf %a, %a : f64\nscf.yield %q : f64\n}",
    )
    _add(
        "scf.parallel",
        f"{_I}%y = scf.parallel (%k) = (%i) to (%n) step (%o) init (%x) -> f64 {{\nscf.reduce(%x : f64) {{\n"
        "^bb0(%a: f64, %b: f64):\n%q = arith.addf %a, %b : f64\nscf.reduce.return %q : f64\n}\n}",
    )
    _add("scf.execute_region", "%y = scf.execute_region -> f64 {\n%q = arith.mulf %x, %x : f64\nscf.yield %q : f64\n}")
    _add(
        "scf.index_switch",
        f"{_I}%y = scf.index_switch %i -> f64\ncase 0 {{\nscf.yield %x : f64\n}}\ndefault {{\nscf.yield %c : f64\n}}",
    )
    _add(
        "scf.forall",
        "%e = tensor.empty() : tensor<4xf64>\n"
        "%y = scf.forall (%k) in (4) shared_outs(%s = %e) -> tensor<4xf64> {\n"
        "%w = tensor.extract_slice %x[%k][1][1] : tensor<4xf64> to tensor<1xf64>\nscf.forall.in_parallel {\n"
        "tensor.parallel_insert_slice %w into %s[%k][1][1] : tensor<1xf64> into tensor<4xf64>\n}\n}",
        _T,
    )
    _add(
        "affine.for",
        "%y = affine.for %k = 0 to 4 iter_args(%a = %x) -> f64 {\n%q = arith.mulf %a, %a : f64\n"
        "affine.yield %q : f64\n}",
    )
    _add(
        "affine.if",
        f"{_I}%y = affine.if affine_set<(d0) : (d0 >= 0)>(%i) {branches}".replace("DIALECT", "affine"),
    )
    _add(
        "affine.parallel",
        '%y = affine.parallel (%k) = (0) to (4) reduce ("addf") -> f64 {\naffine.yield %x : f64\n}',
    )
    _add("cf.br", "cf.br ^a(%x : f64)\n^a(%y: f64):")
    _add(
        "cf.cond_br",
        "%t = arith.constant true\ncf.cond_br %t, ^a(%x : f64), ^b\n^b:\n%q = arith.mulf %x, %x : f64\n"
        "cf.br ^a(%q : f64)\n^a(%y: f64):",
    )
    _add(
        "cf.switch",
        "%f = arith.constant 3 : i32\ncf.switch %f : i32, [\ndefault: ^a(%x : f64),\n42: ^b\n]\n^b:\n"
        "%q = arith.mulf %x, %x : f64\ncf.br ^a(%q : f64)\n^a(%y: f64):",
    )
    callee = "func.func private @h(%x: f64) -> f64 {\n%y = arith.mulf %x, %x : f64\nreturn %y : f64\n}"
    _add("func.call", "%y = func.call @h(%x) : (f64) -> f64", around=callee)
    _add(
        "func.call_indirect",
        "%h = func.constant @h : (f64) -> f64\n%y = func.call_indirect %h(%x) : (f64) -> f64",
        around=callee,
    )
    _add("builtin.unrealized_conversion_cast", "%y = builtin.unrealized_conversion_cast %x : f64 to f64")


def _vector() -> None:
    first = "%y = vector.extract %v[0] : f64 from vector<4xf64>"
    made = "%v = vector.broadcast %x : f64 to vector<4xf64>\n"
    _add("vector.broadcast", made + first)
    _add("vector.extract", made + first)
    _add(
        "vector.insert",
        "%u = arith.constant dense<0.0> : vector<4xf64>\n%v = vector.insert %x, %u[0] : f64 into vector<4xf64>\n"
        + first,
    )
    _add("vector.reduction", f"{made}%y = vector.reduction <add>, %v : vector<4xf64> into f64")
    _add("vector.from_elements", "%v = vector.from_elements %x, %x, %x, %x : vector<4xf64>\n" + first)
    _add("vector.load", f"{_STORED}%v = vector.load %m[%i] : memref<4xf64>, vector<4xf64>\n{first}")
    _add(
        "vector.transfer_read",
        f"{_STORED}%v = vector.transfer_read %m[%i], %c : memref<4xf64>, vector<4xf64>\n{first}",
    )


_LINALG_UNARY = (
    "exp", "log", "abs", "ceil", "floor", "negf", "sqrt", "rsqrt", "tanh", "erf", "square", "reciprocal", "round",
    "copy",
)  # fmt: skip
_LINALG_BINARY = ("add", "sub", "mul", "div", "max", "min", "powf")


def _linalg() -> None:
    generic = (
        "linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types ="
        ' ["parallel"]} ins(%m : TYPE) outs(%r : TYPE) {\n^bb0(%a: f64, %b: f64):\n%q = arith.mulf %a, %a : f64\n'
        "linalg.yield %q : f64\n}"
    )
    square = f"{_I}%m = memref.alloca() : memref<2x2xf64>\n%r = memref.alloca() : memref<2x2xf64>\nmemref.store %x, %m[%i, %i] : memref<2x2xf64>\n"
    _add("linalg.generic memory", f"{_TWO}{generic.replace('TYPE', 'memref<4xf64>')}\n{_LOAD_R}")
    tensors = f"{generic.replace('TYPE', _T)} -> {_T}".replace("%m", "%x")
    _add("linalg.generic", f"%r = tensor.empty() : {_T}\n%y = {tensors}", _T)
    for name in _LINALG_UNARY:
        written = f"linalg.{name} ins(%m : TYPE) outs(%r : TYPE)"
        _add(f"linalg.{name} memory", f"{_TWO}{written.replace('TYPE', 'memref<4xf64>')}\n{_LOAD_R}")
        on_tensors = written.replace("TYPE", _T).replace("%m", "%x")
        _add(f"linalg.{name}", f"%r = tensor.empty() : {_T}\n%y = {on_tensors} -> {_T}", _T)
    for name in _LINALG_BINARY:
        written = f"linalg.{name} ins(%m, %m : TYPE, TYPE) outs(%r : TYPE)"
        _add(f"linalg.{name} memory", f"{_TWO}{written.replace('TYPE', 'memref<4xf64>')}\n{_LOAD_R}")
        on_tensors = written.replace("TYPE", _T).replace("%m", "%x")
        _add(f"linalg.{name}", f"%r = tensor.empty() : {_T}\n%y = {on_tensors} -> {_T}", _T)
    _add("linalg.fill memory", f"{_ALLOCA}linalg.fill ins(%x : f64) outs(%m : memref<4xf64>)\n{_LOAD}")
    _add(
        "linalg.fill",
        f"%e = tensor.empty() : {_T}\n%y = linalg.fill ins(%x : f64) outs(%e : {_T}) -> {_T}",
        "f64",
        _T,
    )
    _add(
        "linalg.dot memory",
        f"{_STORED}%r = memref.alloca() : memref<f64>\n"
        "linalg.dot ins(%m, %m : memref<4xf64>, memref<4xf64>) outs(%r : memref<f64>)\n"
        "%y = memref.load %r[] : memref<f64>",
    )
    _add(
        "linalg.dot",
        f"%r = tensor.empty() : {_S}\n%y = linalg.dot ins(%x, %x : {_T}, {_T}) outs(%r : {_S}) -> {_S}",
        _T,
        _S,
    )
    for name, ins, rest in (
        ("matmul", "%m, %m : TYPE, TYPE", ""),
        ("transpose", "%m : TYPE", " permutation = [1, 0]"),
    ):
        written = f"linalg.{name} ins({ins}) outs(%r : TYPE)"
        _add(
            f"linalg.{name} memory",
            f"{square}{written.replace('TYPE', 'memref<2x2xf64>')}{rest}\n%y = memref.load %r[%i, %i] : memref<2x2xf64>",
        )
        on_tensors = written.replace("TYPE", _M).replace("%m", "%x")
        arrow = "" if rest else f" -> {_M}"
        _add(f"linalg.{name}", f"%r = tensor.empty() : {_M}\n%y = {on_tensors}{rest}{arrow}", _M)


def _llvm() -> None:
    _each("llvm.", "fadd fsub fmul fdiv frem", operands=2)
    _each("llvm.", "fneg freeze")
    _each(
        "llvm.intr.",
        "acos asin atan canonicalize ceil cos cosh exp exp10 exp2 fabs floor log log10 log2 nearbyint rint round"
        " roundeven sin sinh sqrt tan tanh trunc",
    )
    _each("llvm.intr.", "atan2 copysign maximum maxnum minimum minnum pow", operands=2)
    _each("llvm.intr.", "fma fmuladd", operands=3)
    for name in ("powi", "ldexp"):
        _add(f"llvm.intr.{name}", f'%i = arith.constant 3 : i32\n%y = "llvm.intr.{name}"(%x, %i) : (f64, i32) -> f64')
    _add("llvm.fpext", "%y = llvm.fpext %x : f32 to f64", "f32", "f64")
    _add("llvm.fptrunc", "%y = llvm.fptrunc %x : f64 to f32", "f64", "f32")
    _add("llvm.bitcast", "%q = llvm.bitcast %x : f64 to i64\n%y = llvm.bitcast %q : i64 to f64")
    _add("llvm.fptosi", "%q = llvm.fptosi %x : f64 to i64\n%y = llvm.sitofp %q : i64 to f64")
    _add("llvm.select", "%t = llvm.mlir.constant(true) : i1\n%y = llvm.select %t, %x, %x : i1, f64")
    pair = "!llvm.struct<(f64, f64)>"
    _add(
        "llvm.insertvalue",
        f"%u = llvm.mlir.undef : {pair}\n%s = llvm.insertvalue %x, %u[0] : {pair}\n%y = llvm.extractvalue %s[0] : {pair}",
    )
    _add("llvm.extractvalue", f"%y = llvm.extractvalue %x[0] : {pair}", pair, "f64")
    stored = (
        "%one = llvm.mlir.constant(1 : i32) : i32\n%p = llvm.alloca %one x f64 : (i32) -> !llvm.ptr\n"
        "llvm.store %x, %p : f64, !llvm.ptr\n"
    )
    load = "%y = llvm.load %p : !llvm.ptr -> f64"
    for name in ("alloca", "store", "load"):
        _add(f"llvm.{name}", stored + load)
    for name in ("memcpy", "memmove"):
        _add(
            f"llvm.intr.{name} memory",
            f"{stored}%q = llvm.alloca %one x f64 : (i32) -> !llvm.ptr\n%e = llvm.mlir.constant(8 : i64) : i64\n"
            f'"llvm.intr.{name}"(%q, %p, %e) <{{isVolatile = false}}> : (!llvm.ptr, !llvm.ptr, i64) -> ()\n'
            "%y = llvm.load %q : !llvm.ptr -> f64",
        )
    _add(
        "llvm.intr.memset memory",
        f"{stored}%e = llvm.mlir.constant(8 : i64) : i64\n%b = llvm.mlir.constant(0 : i8) : i8\n"
        f'"llvm.intr.memset"(%p, %b, %e) <{{isVolatile = false}}> : (!llvm.ptr, i8, i64) -> ()\n{load}',
    )
    _add(
        "llvm.getelementptr",
        f"{stored}%q = llvm.getelementptr %p[0] : (!llvm.ptr) -> !llvm.ptr, f64\n%y = llvm.load %q : !llvm.ptr -> f64",
    )
    _add(
        "llvm.addrspacecast",
        f"{stored}%q = llvm.addrspacecast %p : !llvm.ptr to !llvm.ptr<1>\n%y = llvm.load %q : !llvm.ptr<1> -> f64",
    )
    _add("llvm.atomicrmw", f"{stored}%a = llvm.atomicrmw fadd %p, %x monotonic : !llvm.ptr, f64\n{load}")
    _add("llvm.inline_asm", '%y = llvm.inline_asm "fmul", "=r,r" %x : (f64) -> f64')
    _add(
        "llvm.call",
        "%y = llvm.call @h(%x) : (f64) -> f64",
        around="llvm.func @h(%x: f64) -> f64 {\n%y = arith.mulf %x, %x : f64\nllvm.return %y : f64\n}",
    )
    _add("llvm.br", "llvm.br ^a(%x : f64)\n^a(%y: f64):")
    _add(
        "llvm.cond_br",
        "%t = llvm.mlir.constant(true) : i1\nllvm.cond_br %t, ^a(%x : f64), ^b\n^b:\n%q = arith.mulf %x, %x : f64\n"
        "cf.br ^a(%q : f64)\n^a(%y: f64):",
    )


def _stablehlo() -> None:
    _each(
        "stablehlo.",
        "abs cbrt ceil cosine exponential exponential_minus_one floor log log_plus_one logistic negate"
        " round_nearest_afz round_nearest_even rsqrt sign sine sqrt tan tanh optimization_barrier",
        _T,
    )
    _each("stablehlo.", "add atan2 divide maximum minimum multiply power remainder subtract", _T, operands=2)
    _each("stablehlo.", "clamp", _T, operands=3)
    _each("stablehlo.", "convert", "tensor<4xf32>", _T)
    for name, written, takes, gives in (
        ("broadcast_in_dim", "%x, dims = [0] : (tensor<4xf64>) -> tensor<4x2xf64>", _T, "tensor<4x2xf64>"),
        ("concatenate", "%x, %x, dim = 0 : (tensor<4xf64>, tensor<4xf64>) -> tensor<8xf64>", _T, "tensor<8xf64>"),
        ("reshape", f"%x : (tensor<4xf64>) -> {_M}", _T, _M),
        ("transpose", f"%x, dims = [1, 0] : ({_M}) -> {_M}", _M, _M),
        ("reverse", "%x, dims = [0] : tensor<4xf64>", _T, _T),
        ("slice", "%x [0:2] : (tensor<4xf64>) -> tensor<2xf64>", _T, "tensor<2xf64>"),
        ("dot", f"%x, %x : ({_M}, {_M}) -> {_M}", _M, _M),
        ("dot_general", f"%x, %x, contracting_dims = [1] x [0] : ({_M}, {_M}) -> {_M}", _M, _M),
        ("custom_call", "@foo(%x) : (tensor<4xf64>) -> tensor<4xf64>", _T, _T),
        ("cholesky", f"%x, lower = true : {_M}", _M, _M),
        ("complex", f"%x, %x : {_TC}", _T, _TC),
        ("real", f"%x : ({_TC}) -> {_T}", _TC, _T),
        ("imag", f"%x : ({_TC}) -> {_T}", _TC, _T),
        ("fft", f"%x, type = FFT, length = [4] : ({_TC}) -> {_TC}", _TC, _TC),
    ):
        _add(f"stablehlo.{name}", f"%y = stablehlo.{name} {written}", takes, gives)
    for name, inside, takes, gives in (
        ("broadcast", "broadcast_sizes = array<i64: 2>", _T, "tensor<2x4xf64>"),
        ("reduce_precision", "exponent_bits = 5 : i32, mantissa_bits = 10 : i32", _T, _T),
        ("all_gather", "all_gather_dim = 0 : i64, replica_groups = dense<0> : tensor<1x1xi64>", _T, _T),
        (
            "all_to_all",
            (
                "split_dimension = 0 : i64, concat_dimension = 0 : i64, split_count = 1 : i64,"
                " replica_groups = dense<0> : tensor<1x1xi64>"
            ),
            _T,
            _T,
        ),
        ("collective_permute", "source_target_pairs = dense<0> : tensor<1x2xi64>", _T, _T),
    ):
        _add(f"stablehlo.{name}", f'%y = "stablehlo.{name}"(%x) <{{{inside}}}> : ({takes}) -> {gives}', takes, gives)
    added = (
        "^bb0(%a: tensor<f64>, %b: tensor<f64>):\n%q = stablehlo.add %a, %b : tensor<f64>\n"
        "stablehlo.return %q : tensor<f64>\n"
    )
    compared = (
        "^bb0(%a: tensor<f64>, %b: tensor<f64>):\n"
        "%q = stablehlo.compare GE, %a, %b : (tensor<f64>, tensor<f64>) -> tensor<i1>\nstablehlo.return %q : tensor<i1>\n"
    )
    windows = "window_dimensions = array<i64: 2>, window_strides = array<i64: 2>"
    for name, inside in (
        ("all_reduce", "replica_groups = dense<0> : tensor<1x1xi64>"),
        ("reduce_scatter", "scatter_dimension = 0 : i64, replica_groups = dense<0> : tensor<1x1xi64>"),
    ):
        _add(f"stablehlo.{name}", f'%y = "stablehlo.{name}"(%x) <{{{inside}}}> ({{\n{added}}}) : ({_T}) -> {_T}', _T)
    _add(
        "stablehlo.reduce",
        f"{_ZERO}%y = stablehlo.reduce(%x init: %z) applies stablehlo.add across dimensions = [0]"
        " : (tensor<4xf64>, tensor<f64>) -> tensor<f64>",
        _T,
        _S,
    )
    _add(
        "stablehlo.reduce_window",
        f'{_ZERO}%y = "stablehlo.reduce_window"(%x, %z) <{{{windows}}}> ({{\n{added}}})'
        " : (tensor<4xf64>, tensor<f64>) -> tensor<2xf64>",
        _T,
        "tensor<2xf64>",
    )
    _add(
        "stablehlo.select_and_scatter",
        f'{_ZERO}%s = stablehlo.constant dense<0.0> : tensor<2xf64>\n%y = "stablehlo.select_and_scatter"(%x, %s, %z)'
        f" <{{{windows}}}> ({{\n{compared}}}, {{\n{added}}})"
        " : (tensor<4xf64>, tensor<2xf64>, tensor<f64>) -> tensor<4xf64>",
        _T,
    )
    _add(
        "stablehlo.sort", f'%y = "stablehlo.sort"(%x) <{{dimension = 0 : i64}}> ({{\n{compared}}}) : ({_T}) -> {_T}', _T
    )
    _add(
        "stablehlo.map",
        '%y = "stablehlo.map"(%x) <{dimensions = array<i64: 0>}> ({\n^bb0(%a: tensor<f64>):\n'
        "%q = stablehlo.multiply %a, %a : tensor<f64>\nstablehlo.return %q : tensor<f64>\n"
        "}) : (tensor<4xf64>) -> tensor<4xf64>",
        _T,
    )
    numbers = "#stablehlo.gather<offset_dims = [1], start_index_map = [0], index_vector_dim = 1>"
    _add(
        "stablehlo.gather",
        "%s = stablehlo.constant dense<[[0], [1]]> : tensor<2x1xi64>\n"
        f'%y = "stablehlo.gather"(%x, %s) <{{dimension_numbers = {numbers}, slice_sizes = array<i64: 1>}}>'
        " : (tensor<4xf64>, tensor<2x1xi64>) -> tensor<2x1xf64>",
        _T,
        "tensor<2x1xf64>",
    )
    _add(
        "stablehlo.dynamic_gather",
        "%s = stablehlo.constant dense<[[0], [1]]> : tensor<2x1xi64>\n"
        "%l = stablehlo.constant dense<1> : tensor<1xi64>\n"
        f'%y = "stablehlo.dynamic_gather"(%x, %s, %l) <{{dimension_numbers = {numbers}}}>'
        " : (tensor<4xf64>, tensor<2x1xi64>, tensor<1xi64>) -> tensor<2x1xf64>",
        _T,
        "tensor<2x1xf64>",
    )
    scattered = (
        "#stablehlo.scatter<inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>"
    )
    _add(
        "stablehlo.scatter",
        "%s = stablehlo.constant dense<[[0]]> : tensor<1x1xi64>\n"
        "%u = stablehlo.slice %x [0:1] : (tensor<4xf64>) -> tensor<1xf64>\n"
        f'%y = "stablehlo.scatter"(%x, %s, %u) <{{scatter_dimension_numbers = {scattered}}}> ({{\n{added}}})'
        " : (tensor<4xf64>, tensor<1x1xi64>, tensor<1xf64>) -> tensor<4xf64>",
        _T,
    )
    _add(
        "stablehlo.dynamic_slice",
        f"{_ZERO_I}%y = stablehlo.dynamic_slice %x, %i, sizes = [2] : (tensor<4xf64>, tensor<i64>) -> tensor<2xf64>",
        _T,
        "tensor<2xf64>",
    )
    _add(
        "stablehlo.dynamic_update_slice",
        f"{_ZERO_I}%u = stablehlo.slice %x [0:2] : (tensor<4xf64>) -> tensor<2xf64>\n"
        "%y = stablehlo.dynamic_update_slice %x, %u, %i"
        " : (tensor<4xf64>, tensor<2xf64>, tensor<i64>) -> tensor<4xf64>",
        _T,
    )
    _add(
        "stablehlo.pad",
        f"{_ZERO}%y = stablehlo.pad %x, %z, low = [1], high = [1], interior = [0]"
        " : (tensor<4xf64>, tensor<f64>) -> tensor<6xf64>",
        _T,
        "tensor<6xf64>",
    )
    _add(
        "stablehlo.dynamic_pad",
        f"{_ZERO}%l = stablehlo.constant dense<1> : tensor<1xi64>\n%y = stablehlo.dynamic_pad %x, %z, %l, %l, %l"
        " : (tensor<4xf64>, tensor<f64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf64>",
        _T,
        "tensor<?xf64>",
    )
    _add(
        "stablehlo.real_dynamic_slice",
        "%l = stablehlo.constant dense<1> : tensor<1xi64>\n%y = stablehlo.real_dynamic_slice %x, %l, %l, %l"
        " : (tensor<4xf64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf64>",
        _T,
        "tensor<?xf64>",
    )
    _add(
        "stablehlo.dynamic_broadcast_in_dim",
        "%s = stablehlo.constant dense<[4, 2]> : tensor<2xi64>\n"
        "%y = stablehlo.dynamic_broadcast_in_dim %x, %s, dims = [0]"
        " : (tensor<4xf64>, tensor<2xi64>) -> tensor<4x2xf64>",
        _T,
        "tensor<4x2xf64>",
    )
    _add(
        "stablehlo.dynamic_reshape",
        "%s = stablehlo.constant dense<[2, 2]> : tensor<2xi64>\n"
        f"%y = stablehlo.dynamic_reshape %x, %s : (tensor<4xf64>, tensor<2xi64>) -> {_M}",
        _T,
        _M,
    )
    _add(
        "stablehlo.select",
        "%p = stablehlo.constant dense<true> : tensor<4xi1>\n"
        "%y = stablehlo.select %p, %x, %x : tensor<4xi1>, tensor<4xf64>",
        _T,
    )
    _add(
        "stablehlo.compare",
        "%p = stablehlo.compare LT, %x, %x : (tensor<4xf64>, tensor<4xf64>) -> tensor<4xi1>\n"
        "%y = stablehlo.convert %p : (tensor<4xi1>) -> tensor<4xf64>",
        _T,
    )
    _add(
        "stablehlo.is_finite",
        "%p = stablehlo.is_finite %x : (tensor<4xf64>) -> tensor<4xi1>\n"
        "%y = stablehlo.convert %p : (tensor<4xi1>) -> tensor<4xf64>",
        _T,
    )
    _add(
        "stablehlo.bitcast_convert",
        "%q = stablehlo.bitcast_convert %x : (tensor<4xf64>) -> tensor<4xi64>\n"
        "%y = stablehlo.bitcast_convert %q : (tensor<4xi64>) -> tensor<4xf64>",
        _T,
    )
    _add(
        "stablehlo.einsum",
        f'%y = "stablehlo.einsum"(%x, %x) <{{einsum_config = "ij,jk->ik"}}> : ({_M}, {_M}) -> {_M}',
        _M,
    )
    _add(
        "stablehlo.triangular_solve",
        '%y = "stablehlo.triangular_solve"(%x, %x) <{left_side = true, lower = true, transpose_a ='
        f" #stablehlo<transpose NO_TRANSPOSE>, unit_diagonal = false}}> : ({_M}, {_M}) -> {_M}",
        _M,
    )
    _add(
        "stablehlo.convolution",
        "%y = stablehlo.convolution(%x, %x) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0], window = {}"
        " {batch_group_count = 1 : i64, feature_group_count = 1 : i64}"
        " : (tensor<1x1x3xf64>, tensor<1x1x3xf64>) -> tensor<1x1x1xf64>",
        "tensor<1x1x3xf64>",
        "tensor<1x1x1xf64>",
    )
    _add(
        "stablehlo.torch_index_select",
        "%s = stablehlo.constant dense<[0, 1]> : tensor<2xi64>\n"
        '%y = "stablehlo.torch_index_select"(%x, %s) <{dim = 0 : i64, batch_dims = 0 : i64}>'
        " : (tensor<4xf64>, tensor<2xi64>) -> tensor<2xf64>",
        _T,
        "tensor<2xf64>",
    )
    _add(
        "stablehlo.composite",
        '%y = stablehlo.composite "a.b" %x {decomposition = @h} : (tensor<4xf64>) -> tensor<4xf64>',
        _T,
        around="func.func private @h(%x: tensor<4xf64>) -> tensor<4xf64> {\nreturn %x : tensor<4xf64>\n}",
    )
    _add(
        "stablehlo.while",
        f"{_ZERO_I}%n = stablehlo.constant dense<4> : tensor<i64>\n%o = stablehlo.constant dense<1> : tensor<i64>\n"
        "%w:2 = stablehlo.while(%k = %i, %a = %x) : tensor<i64>, tensor<4xf64> cond {\n"
        "%t = stablehlo.compare LT, %k, %n : (tensor<i64>, tensor<i64>) -> tensor<i1>\n"
        "stablehlo.return %t : tensor<i1>\n} do {\n%l = stablehlo.add %k, %o : tensor<i64>\n"
        "%b = stablehlo.multiply %a, %a : tensor<4xf64>\nstablehlo.return %l, %b : tensor<i64>, tensor<4xf64>\n}\n"
        "%y = stablehlo.negate %w#1 : tensor<4xf64>",
        _T,
    )
    arms = (
        "({\n%q = stablehlo.multiply %x, %x : tensor<4xf64>\nstablehlo.return %q : tensor<4xf64>\n}, {\n"
        "stablehlo.return %x : tensor<4xf64>\n})"
    )
    for name, type_, chosen in (("if", "tensor<i1>", "true"), ("case", "tensor<i32>", "0")):
        _add(
            f"stablehlo.{name}",
            f"%t = stablehlo.constant dense<{chosen}> : {type_}\n"
            f'%y = "stablehlo.{name}"(%t) {arms} : ({type_}) -> tensor<4xf64>',
            _T,
        )
    ones = "%s = stablehlo.constant dense<1.0> : tensor<2xf64>\n"
    of_norm = "<{epsilon = 0.001 : f32, feature_index = 1 : i64}>"
    _add(
        "stablehlo.batch_norm_inference",
        f'{ones}%y = "stablehlo.batch_norm_inference"(%x, %s, %s, %s, %s) {of_norm}'
        f" : ({_M}, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>) -> {_M}",
        _M,
    )
    _add(
        "stablehlo.batch_norm_training",
        f'{ones}%y, %b, %v = "stablehlo.batch_norm_training"(%x, %s, %s) {of_norm}'
        f" : ({_M}, tensor<2xf64>, tensor<2xf64>) -> ({_M}, tensor<2xf64>, tensor<2xf64>)",
        _M,
    )


def _chlo() -> None:
    _each(
        "chlo.",
        "acos acosh asin asinh atan atanh bessel_i1e conj cosh digamma erf erf_inv erfc lgamma sinh square tan",
        _T,
    )
    _each(
        "chlo.",
        "polygamma zeta next_after broadcast_add broadcast_subtract broadcast_multiply broadcast_divide"
        " broadcast_maximum broadcast_minimum broadcast_power broadcast_remainder broadcast_atan2",
        _T,
        operands=2,
    )
    _add(
        "chlo.top_k",
        "%y, %i = chlo.top_k(%x, k = 2) : tensor<4xf64> -> (tensor<2xf64>, tensor<2xi32>)",
        _T,
        "tensor<2xf64>",
    )


def _of_enzyme() -> None:
    _add(
        "enzyme.broadcast",
        '%y = "enzyme.broadcast"(%x) <{shape = array<i64: 2>}> : (f64) -> tensor<2xf64>',
        "f64",
        "tensor<2xf64>",
    )
    _add("enzyme.concat", "%y = enzyme.concat(%x, %x) : (f64, f64) -> tensor<2xf64>", "f64", "tensor<2xf64>")
    _add("enzyme.extract", "%y = enzyme.extract %x[0] : (tensor<2xf64>) -> f64", "tensor<2xf64>", "f64")
    _add("enzyme.ignore_derivatives", "%y = enzyme.ignore_derivatives %x : f64 -> f64")
    _add("enzyme.dump", '%y = "enzyme.dump"(%x) <{label = "l"}> : (f64) -> f64')
    _add("enzyme.fill_zero memory", f"{_STORED}enzyme.fill_zero %m : memref<4xf64>\n{_LOAD}")
    _add("enzyme.load", f"{_STORED}%y = enzyme.load %m[%i] ([2]) : memref<4xf64>")
    _add("enzyme.store", f"{_ALLOCA}enzyme.store %x, %m[%i] ([2]) : memref<4xf64>\n{_LOAD}")
    _add(
        "enzyme.atomic_rmw",
        f"{_ALLOCA}%q = enzyme.atomic_rmw addf %x, %m[%i] monotonic : (f64, memref<4xf64>) -> f64\n{_LOAD}",
    )
    _add(
        "enzyme.affine_atomic_rmw",
        f'{_ALLOCA}%q = "enzyme.affine_atomic_rmw"(%x, %m, %i) <{{kind = 0 : i64, map = affine_map<(d0) -> (d0)>,'
        f" ordering = 2 : i32}}> : (f64, memref<4xf64>, index) -> f64\n{_LOAD}",
    )


def _others() -> None:
    _each("enzymexla.math.", "relu softplus sinc cosc", _T)
    _each("enzymexla.math.", "hypot", _T, operands=2)
    for name, inside, gives in (
        ("rotate", "amount = 1 : i32, dimension = 0 : i32", _T),
        ("extend", "lhs = 1 : i64, rhs = 1 : i64, dimension = 0 : i64", "tensor<6xf64>"),
    ):
        _add(f"enzymexla.{name}", f'%y = "enzymexla.{name}"(%x) <{{{inside}}}> : ({_T}) -> {gives}', _T, gives)
    _add(
        "sdy.sharding_constraint",
        "%y = sdy.sharding_constraint %x <@mesh, [{}]> : tensor<4xf64>",
        _T,
        around='sdy.mesh @mesh = <["a"=2]>',
    )


for _fill in (
    _arith, _math, _complex, _tensor, _memref, _control_flow, _vector, _linalg, _llvm, _stablehlo, _chlo, _of_enzyme,
    _others,
):  # fmt: skip
    _fill()

CALLEES: Final = {callee.key: callee for callee in _found}
"""By key."""

MEMORY: Final = {
    "memref.load": "%v = memref.load %m[%i] : memref<4xf64>",
    "memref.store": "memref.store %x, %m[%i] : memref<4xf64>",
    "memref.alloca": "%v = memref.alloca() : memref<4xf64>",
    "memref.alloc": "%v = memref.alloc() : memref<4xf64>",
    "memref.dealloc": "memref.dealloc %m : memref<4xf64>",
    "memref.copy": "memref.copy %m, %m : memref<4xf64> to memref<4xf64>",
    "memref.atomic_rmw": "%v = memref.atomic_rmw addf %x, %m[%i] : (f64, memref<4xf64>) -> f64",
    "memref.prefetch": "memref.prefetch %m[%i], read, locality<3>, data : memref<4xf64>",
    "memref.get_global": "%v = memref.get_global @g : memref<4xf64>",
    "memref.dim": "%v = memref.dim %m, %i : memref<4xf64>",
    "memref.cast": "%v = memref.cast %m : memref<4xf64> to memref<?xf64>",
    "memref.subview": "%v = memref.subview %m[0][2][1] : memref<4xf64> to memref<2xf64, strided<[1]>>",
    "affine.load": "%v = affine.load %m[0] : memref<4xf64>",
    "affine.store": "affine.store %x, %m[0] : memref<4xf64>",
    "vector.load": "%v = vector.load %m[%i] : memref<4xf64>, vector<4xf64>",
    "vector.transfer_read": "%v = vector.transfer_read %m[%i], %x : memref<4xf64>, vector<4xf64>",
    "linalg.fill": "linalg.fill ins(%x : f64) outs(%m : memref<4xf64>)",
    "linalg.copy": "linalg.copy ins(%m : memref<4xf64>) outs(%m : memref<4xf64>)",
    "linalg.generic": 'linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} outs(%m : memref<4xf64>) {\n^bb0(%a: f64):\nlinalg.yield %a : f64\n}',
    "llvm.load": "%v = llvm.load %p : !llvm.ptr -> f64",
    "llvm.store": "llvm.store %x, %p : f64, !llvm.ptr",
    "llvm.alloca": "%w = arith.constant 1 : i32\n%v = llvm.alloca %w x f64 : (i32) -> !llvm.ptr",
    "llvm.getelementptr": "%v = llvm.getelementptr %p[0] : (!llvm.ptr) -> !llvm.ptr, f64",
    "llvm.atomicrmw": "%v = llvm.atomicrmw fadd %p, %x monotonic : !llvm.ptr, f64",
    "llvm.inline_asm": '%v = llvm.inline_asm has_side_effects "nop", "=r,r" %x : (f64) -> f64',
    "llvm.mlir.addressof": "%v = llvm.mlir.addressof @p : !llvm.ptr",
    "cf.assert": '%v = arith.constant true\ncf.assert %v, "m"',
    "func.call_indirect": "%w = func.constant @h : (f64) -> f64\n%v = func.call_indirect %w(%x) : (f64) -> f64",
    "stablehlo.custom_call": "%w = stablehlo.constant dense<1.0> : tensor<f64>\n%v = stablehlo.custom_call @foo(%w) : (tensor<f64>) -> tensor<f64>",
    "stablehlo.while": "%w = stablehlo.constant dense<true> : tensor<i1>\n%v = stablehlo.while(%a = %w) : tensor<i1> cond {\nstablehlo.return %a : tensor<i1>\n} do {\nstablehlo.return %a : tensor<i1>\n}",
    "scf.while": "%v = scf.while (%a = %x) : (f64) -> f64 {\n%t = arith.constant true\nscf.condition(%t) %a : f64\n} do {\n^bb0(%a: f64):\nscf.yield %a : f64\n}",
    "enzyme.load": "%v = enzyme.load %m[%i] ([2]) : memref<4xf64>",
    "enzyme.store": "enzyme.store %x, %m[%i] ([2]) : memref<4xf64>",
    "enzyme.fill_zero": "enzyme.fill_zero %m : memref<4xf64>",
    "enzyme.atomic_rmw": "%v = enzyme.atomic_rmw addf %x, %m[%i] monotonic : (f64, memref<4xf64>) -> f64",
    "enzyme.init": '%v = "enzyme.init"() : () -> !enzyme.Cache<f64>',
    "enzyme.dump": '%v = "enzyme.dump"(%x) <{label = "l"}> : (f64) -> f64',
    "enzyme.placeholder": '%v = "enzyme.placeholder"() : () -> f64',
    "arith.mulf": "%v = arith.mulf %x, %x : f64",
}
"""Operations in a function of `%x: f64`, `%m: memref<4xf64>`, `%p: !llvm.ptr` and `%i: index`, of which each may read
or write memory or have another effect."""
