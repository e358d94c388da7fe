"""Common operations: those that people write most, in order, with what their lines are like; so that a list for an
empty word begins with what is likely.

Counted over StableHLO's own tests and the examples in the documentation of upstream's dialects: what a line is like
is what most of theirs are like. The order is put together by hand, so that the dialects stand side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Common:
    """What the lines of an operation are like in the custom form; None, or empty, where they differ.

    `place` is how many operations are more common. `lead` is what the text behind the name begins with. `has_function`:
    the types are `(a, b) -> c` and not one or a list. `words` stand before a `=` or `:` in it.
    """

    place: int
    results: int | None
    operands: int | None
    lead: bytes
    has_function: bool | None
    words: tuple[bytes, ...]


# Name, results, operands, lead, types ("(": a function), words; "?" and "." where they differ.
_TABLE: Final = """
func.func 0 ? @ :
return 0 1 % :
stablehlo.constant 1 0 dense :
arith.constant 1 0 . :
stablehlo.add 1 2 % :
stablehlo.multiply 1 2 % :
stablehlo.return 0 1 % :
call ? ? @ (
func.call ? ? @ (
arith.addf 1 2 % :
arith.mulf 1 2 % :
func.return 0 1 . :
module 0 0 @ : num_partitions
llvm.func 0 ? @ .
stablehlo.subtract 1 2 % :
stablehlo.broadcast_in_dim 1 1 % ( dims
stablehlo.reshape 1 1 % (
stablehlo.transpose 1 1 % ( dims
stablehlo.slice 1 1 % (
stablehlo.dot_general 1 2 % ( contracting_dims batching_dims precision
stablehlo.concatenate 1 ? % ( dim
stablehlo.reduce ? 2 ( ( init dimensions
stablehlo.select 1 3 % :
stablehlo.compare 1 2 . (
stablehlo.convert 1 1 % (
stablehlo.divide 1 2 % :
stablehlo.while ? 4 ( :
stablehlo.dynamic_slice 1 ? % ( sizes
stablehlo.dynamic_update_slice 1 4 % (
stablehlo.pad 1 2 % ( low interior high
stablehlo.negate 1 1 % :
stablehlo.iota 1 0 . : dim
stablehlo.sine 1 1 % :
stablehlo.cosine 1 1 % :
stablehlo.exponential 1 1 % :
stablehlo.log 1 1 % :
stablehlo.sqrt 1 1 % :
stablehlo.tanh 1 1 % :
stablehlo.maximum 1 2 % :
stablehlo.minimum 1 2 % :
stablehlo.abs 1 1 % :
stablehlo.power 1 2 % :
stablehlo.gather 1 2 . .
stablehlo.scatter ? 3 . .
stablehlo.if ? 1 . .
stablehlo.reverse 1 1 % . dims
stablehlo.and 1 2 % :
stablehlo.or 1 2 % :
stablehlo.not 1 1 % :
stablehlo.custom_call ? ? @ ( has_side_effect
stablehlo.convolution 1 2 ( :
stablehlo.reduce_window ? 2 . .
stablehlo.complex 1 2 % .
stablehlo.real 1 1 % (
stablehlo.imag 1 1 % (
stablehlo.rsqrt 1 1 % :
stablehlo.clamp 1 3 % .
stablehlo.sign 1 1 % :
stablehlo.floor 1 1 % :
stablehlo.remainder 1 2 % :
stablehlo.xor 1 2 % :
stablehlo.case ? 1 . .
stablehlo.composite ? ? . ( decomposition
stablehlo.get_tuple_element 1 1 % (
stablehlo.tuple 1 ? % :
stablehlo.dot 1 2 % ( precision
stablehlo.map ? 1 . .
stablehlo.sort ? 1 . .
stablehlo.tan 1 1 % :
stablehlo.cbrt 1 1 % :
stablehlo.ceil 1 1 % :
stablehlo.atan2 1 2 % :
stablehlo.logistic 1 1 % :
stablehlo.is_finite 1 1 % (
stablehlo.bitcast_convert 1 1 % (
stablehlo.log_plus_one 1 1 % :
stablehlo.exponential_minus_one 1 1 % :
stablehlo.fft 1 1 % ( length type
stablehlo.rng_bit_generator 2 1 . .
stablehlo.rng 1 3 . .
stablehlo.shift_left 1 2 % :
stablehlo.shift_right_logical 1 2 % :
stablehlo.round_nearest_even 1 1 % :
stablehlo.round_nearest_afz 1 1 % :
stablehlo.optimization_barrier ? 2 % :
stablehlo.triangular_solve ? 2 . .
stablehlo.cholesky 1 1 . .
stablehlo.select_and_scatter ? 3 . .
stablehlo.popcnt 1 1 % :
stablehlo.all_gather ? 1 . .
stablehlo.all_reduce ? 1 . .
enzyme.autodiff ? ? @ .
enzyme.fwddiff ? ? @ .
enzyme.batch ? ? @ .
enzyme.jacobian ? ? @ .
arith.subf 1 2 % :
arith.divf 1 2 . :
arith.negf 1 1 % :
arith.addi 1 2 % :
arith.subi 1 2 % :
arith.muli 1 2 % :
arith.cmpi 1 2 . :
arith.cmpf 1 2 . :
arith.select 1 3 % :
arith.index_cast 1 1 % :
arith.sitofp 1 1 . .
arith.extf 1 1 % :
arith.truncf 1 1 % :
arith.maximumf 1 2 . :
arith.minimumf 1 2 . :
arith.maxnumf 1 2 . :
arith.minnumf 1 2 . :
arith.andi 1 2 % :
arith.ori 1 2 % :
arith.xori 1 2 % :
arith.extsi 1 1 % :
arith.extui 1 1 % :
arith.trunci 1 1 % :
arith.divsi 1 2 % :
arith.divui 1 2 % :
arith.remsi 1 2 % :
arith.remui 1 2 % :
arith.shli 1 2 . :
arith.shrui 1 2 . :
arith.shrsi 1 2 . :
arith.fptosi 1 1 . .
arith.bitcast 1 1 . .
arith.remf 1 2 . :
arith.uitofp 1 1 . .
arith.index_castui 1 1 . .
arith.maxsi 1 2 . :
arith.minsi 1 2 . :
arith.fptoui 1 1 . .
arith.maxui 1 2 . :
arith.minui 1 2 . :
arith.ceildivsi 1 2 . :
arith.floordivsi 1 2 . :
arith.ceildivui 1 2 . :
math.sin 1 1 . :
math.cos 1 1 . :
math.exp 1 1 . :
math.log 1 1 . :
math.sqrt 1 1 . :
math.powf 1 2 . :
math.tanh 1 1 . :
math.absf 1 1 . :
math.fma 1 3 . :
math.exp2 1 1 . :
math.log1p 1 1 . :
math.rsqrt 1 1 . :
math.erf 1 1 . :
math.fpowi 1 2 . :
math.atan2 1 2 . :
math.floor 1 1 . :
math.ceil 1 1 . :
math.copysign 1 2 . :
math.absi 1 1 . :
math.tan 1 1 . :
math.log2 1 1 . :
math.log10 1 1 . :
math.cbrt 1 1 . :
math.expm1 1 1 . :
math.roundeven 1 1 . :
math.round 1 1 . :
memref.load 1 2 % :
memref.store 0 3 % :
memref.alloc 1 0 ( :
memref.alloca 1 ? ( :
memref.dealloc 0 1 . .
memref.subview 1 ? % .
memref.cast 1 1 % :
memref.copy 0 2 . .
memref.get_global 1 0 @ .
memref.global 0 0 . :
memref.dim 1 2 . .
memref.reinterpret_cast ? 1 % .
memref.collapse_shape 1 1 . .
memref.expand_shape 1 2 . .
memref.alloca_scope 1 0 . .
memref.view 1 2 % :
scf.for ? 4 % .
scf.yield 0 ? % :
scf.if ? 1 % .
scf.while 1 2 ( (
scf.condition 0 ? ( :
scf.parallel ? ? ( .
scf.reduce 0 ? . .
scf.execute_region 1 0 0 .
scf.forall ? ? ( .
scf.index_switch 1 1 . .
scf.reduce.return 0 1 % :
affine.for ? ? % .
affine.load 1 2 % :
affine.store 0 3 % :
affine.yield 0 ? % :
affine.apply 1 1 # .
affine.parallel ? ? ( .
affine.if ? ? # .
affine.min ? 1 . .
affine.max ? 1 . .
affine.vector_load 1 3 % :
affine.vector_store 0 4 % :
cf.br 0 ? ^ :
cf.cond_br 0 ? % .
cf.switch ? 3 . .
cf.assert ? 1 . .
llvm.return 0 ? . :
llvm.load 1 1 % :
llvm.store 0 2 . : alignment
llvm.getelementptr 1 ? % .
llvm.call ? ? @ .
llvm.mlir.constant 1 0 ( :
llvm.mlir.addressof 1 0 @ :
llvm.mlir.undef 1 0 . .
llvm.mlir.zero 1 0 . .
llvm.mlir.poison 1 0 . .
llvm.mlir.global 0 0 . :
llvm.alloca 1 1 . .
llvm.br 0 ? ^ .
llvm.cond_br 0 ? % .
llvm.fadd 1 2 . .
llvm.fmul 1 2 . .
llvm.fsub 1 2 . .
llvm.fdiv 1 2 . .
llvm.add 1 2 . .
llvm.sub 1 2 . .
llvm.mul 1 2 . .
llvm.icmp 1 2 . .
llvm.fcmp 1 2 . .
llvm.bitcast 1 1 . .
llvm.insertvalue 1 2 . .
llvm.extractvalue 1 1 . .
llvm.sext 1 1 . .
llvm.zext 1 1 . .
llvm.trunc 1 1 . .
llvm.unreachable 0 0 . .
llvm.addrspacecast 1 1 . .
llvm.inttoptr 1 1 . .
llvm.ptrtoint 1 1 % :
llvm.select 1 3 . .
llvm.and 1 2 . .
llvm.or 1 2 . .
llvm.xor 1 2 . .
llvm.shl 1 2 . .
llvm.lshr 1 2 . .
llvm.ashr 1 2 . .
llvm.sdiv 1 2 . .
llvm.srem 1 2 . .
llvm.sitofp 1 1 . .
llvm.fptosi 1 1 . .
llvm.fneg 1 1 . .
llvm.freeze 1 1 . .
tensor.empty 1 0 ( :
tensor.extract 1 3 % :
tensor.insert 1 ? % :
tensor.from_elements 1 2 % :
tensor.extract_slice 1 ? % :
tensor.insert_slice 1 2 % .
tensor.cast 1 1 % :
tensor.splat 1 2 . .
tensor.dim 1 2 % :
tensor.collapse_shape 1 1 . .
tensor.expand_shape 1 2 . .
linalg.generic 1 0 . . indexing_maps
linalg.yield 0 ? % :
linalg.matmul ? ? . .
linalg.fill 1 1 . :
linalg.index 1 0 0 :
vector.load 1 ? % :
vector.store 0 ? % :
vector.broadcast 1 1 % :
vector.extract 1 ? % .
vector.insert 1 ? % :
vector.transfer_read 1 4 % .
vector.transfer_write ? 4 % .
vector.reduction 1 1 < :
vector.contract 1 3 # .
complex.create 1 2 . .
complex.re 1 1 . .
complex.im 1 1 . .
complex.add 1 2 . .
complex.mul 1 2 . .
complex.abs 1 1 . .
complex.constant 1 0 . .
gpu.launch 0 4 . . sz_bx sz_by sz_bz
gpu.terminator 0 0 . .
gpu.thread_id 1 0 . .
gpu.block_id 1 0 . .
gpu.block_dim 1 0 . .
gpu.barrier 0 0 . .
gpu.module 0 0 @ .
gpu.func 0 ? @ .
gpu.return 0 ? . .
gpu.launch_func 1 4 . .
gpu.grid_dim 1 0 . .
chlo.top_k 2 1 ( :
chlo.erf 1 1 % :
chlo.tan 1 1 % :
chlo.lgamma 1 1 % :
chlo.digamma 1 1 % :
chlo.conj 1 1 . .
chlo.square 1 1 . .
builtin.module 0 0 . .
unrealized_conversion_cast 1 1 % .
builtin.unrealized_conversion_cast 1 1 % :
ub.poison 1 0 . .
sdy.mesh 0 0 @ .
enzyme.yield 0 ? % .
enzyme.autodiff_region ? ? . .
enzyme.fwddiff_region ? ? . .
"""


_ENZYMEXLA: Final = """
ValueRange alternatives barrier blas.gemm blas.symm blas.syrk blas.trmm blas.trsm cacheload comm_region
get_stream gpu_block gpu_error gpu_kernel_address gpu_occupancy gpu_thread gpu_wrapper jit_call kernel_call
lapack.gemqrt lapack.geqrf lapack.geqrt lapack.gesdd lapack.gesvd lapack.gesvj lapack.getrf lapack.getri
lapack.orgqr lapack.ormqr lapack.potrf linalg.lu linalg.qr linalg.svd linalg.tridiagonal_solve math.cosc
math.fmuladd math.gelu math.hypot math.lgamma math.relu math.sinc math.softplus math.tgamma memcpy memcpy2d
memref2pointer memset mpi.allreduce mpi.barrier mpi.bcast mpi.comm_rank mpi.comm_size mpi.irecv mpi.isend
mpi.recv mpi.send mpi.wait mpi.waitall multi_pad multi_rotate multi_slice noop piecewise_select pointer2memref
polygeist_yield rotate scope special.besselh special.besseli special.besselix special.besselj special.besseljx
special.besselk special.besselkx special.bessely special.besselyx special.hankelh1x special.hankelh2x
special.jinc special.sphericalbesselj special.sphericalbessely store_var stream2token subindex typeAlign
xla_wrapper
"""
"""Those of Enzyme-JAX's own dialect, which no bindings describe."""

UNDESCRIBED: Final = {"enzymexla": tuple(f"enzymexla.{name}" for name in _ENZYMEXLA.split())}
"""Operations of dialects that no bindings describe, by dialect."""


def _read(place: int, line: str) -> tuple[str, Common]:
    name, results, operands, lead, form, *words = line.split()
    return name, Common(
        place,
        int(results) if results != "?" else None,
        int(operands) if operands != "?" else None,
        lead.encode() if lead != "." else b"",
        form == "(" if form != "." else None,
        tuple(word.encode() for word in words),
    )


COMMON: Final = dict(_read(place, line) for place, line in enumerate(_TABLE.strip().split("\n")))
"""By name."""

_TERMINATORS: Final = {
    "func.func": ("return", "func.return"),
    "llvm.func": ("llvm.return",),
    "gpu.func": ("gpu.return",),
    "gpu.launch": ("gpu.terminator",),
    "scf.while": ("scf.condition", "scf.yield"),
    "scf.parallel": ("scf.reduce",),
    "scf.reduce": ("scf.reduce.return",),
    "enzyme.genericAdjoint": ("enzyme.addTo",),
}
_ENDINGS: Final = ("yield", "return", "terminator")


def terminators(holder: str) -> tuple[str, ...]:
    """The operations that may end the regions of an operation, the likeliest first."""
    dialect, _, _ = holder.partition(".")
    return _TERMINATORS.get(holder, tuple(f"{dialect}.{ending}" for ending in _ENDINGS) if dialect else ())
