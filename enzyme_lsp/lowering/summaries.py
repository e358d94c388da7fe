"""Summaries: what passes and their options do, in a few words each; it must not know which of them an engine has.

`engines.enzyme.pass_table` has the names, and the tests hold these against it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLE: Final = """
enzyme: differentiates: replaces enzyme.autodiff and enzyme.fwddiff by calls of functions that it makes
enzyme-wrap: makes a derivative of one function, without an operation that asks for it
enzyme-batch: replaces enzyme.batch by calls of functions over tensors that it makes
enzyme-diff-batch: joins differentiation ops of one callee into one of a greater width
enzyme-activity-opt: finds cheaper activities, and takes out arguments and results that nothing needs
enzyme-simplify-math: simplifies the arithmetic that differentiation leaves
enzyme-batch-to-stablehlo: writes what batching leaves in StableHLO
enzyme-batch-to-tensor: writes what batching leaves in operations of tensors
enzyme-hlo-opt: simplifies StableHLO
enzyme-hlo-unroll: unrolls StableHLO's loops of known length
enzyme-hlo-generate-td: makes a transform script of the rewrites that are named
enzyme-hlo-remove-transform: takes transform scripts out of a module
enzyme-lift-cf-to-scf: makes structured loops and conditions of branches, also in functions of LLVM
enzyme-refine-arguments: gives arguments types with known sizes
enzyme-consuming-transform-interpreter: runs a transform script and takes it out
remove-unnecessary-enzyme-ops: replaces caches and gradients that are written once by the values themselves
convert-enzyme-to-memref: keeps what is left of caches and gradients in memory
flatten-enzyme-caches: lowers accesses to caches that are kept in memory
simplify-memref-cache: takes out caches in memory that nothing needs
inline-enzyme-regions: puts the callee of each differentiation op into a region of the op
outline-enzyme-regions: makes functions of the regions of differentiation ops
hoist-enzyme-regions: moves what needs no derivative out of the regions of differentiation ops
lower-enzyme-jacobian-stablehlo: replaces enzyme.jacobian by derivatives of StableHLO
lower-enzyme-binomial-progress: writes how far checkpointing advances in arithmetic
add-to-op-to-split: makes accumulations into separate results of enzyme.addTo
add-to-op-to-index-and-load: makes indexed accumulations into memory of enzyme.addTo
split-multi-results: makes one linalg operation for each result
print-activity-analysis: marks each operation and value as active or constant
expand-impulse: expands the operations of probabilistic programs
lower-impulse-to-stablehlo: writes probabilistic operations in StableHLO
lower-impulse-trace-ops: lowers traces of probabilistic programs
arith-raise: makes StableHLO of arithmetic on tensors
raise-affine-to-stablehlo: makes StableHLO of affine loops over memory
raise-scf-to-affine: makes affine loops of structured ones
affine-cfg: simplifies affine loops and accesses
affine-raise-from-memref: makes affine accesses of plain ones
canonicalize-loops: gives loops a common form
canonicalize-scf-for: gives scf.for a common form
canonicalize-parallel: gives parallel loops a common form
auto-batching: makes one operation on a larger tensor of many like ones
optimize-communication: makes cheaper exchanges between devices
multi-float-conversion: computes in several numbers of less precision
llvm-to-memref-access: makes accesses to memrefs of LLVM's pointers
llvm-to-affine-access: makes affine accesses of LLVM's pointers
libdevice-funcs-raise: makes operations of the math dialect of calls into CUDA's library
polygeist-mem2reg: keeps values in registers instead of memory
mark-func-memory-effects: notes on each function what it does to memory
propagate-constant-bounds: notes what is known of the sizes of kernels
parallel-lower: lowers kernels to parallel loops
parallel-licm: moves what does not change out of parallel loops
parallel-serialization: makes sequential loops of parallel ones
cpuify: makes loops for processors of parallel ones with barriers
convert-polygeist-to-llvm: lowers all that is left to LLVM
convert-parallel-to-gpu1: makes kernels of parallel loops, first step
convert-parallel-to-gpu2: makes kernels of parallel loops, second step
lower-kernel: compiles kernels to machine code
lower-jit: compiles what is called at once to machine code
lower-triton: compiles Triton's kernels
lower-enzymexla-blas: lowers operations of linear algebra to calls of a library, or to StableHLO
lower-enzymexla-lapack: lowers factorizations to calls of a library
lower-enzymexla-linalg: lowers decompositions to those of a library
lower-enzymexla-math: lowers functions of mathematics to simpler ones
lower-enzymexla-ml: lowers functions of machine learning to simpler ones
lower-enzymexla-mpi: lowers messages between processes to calls of MPI
delinearize-indexing: finds the dimensions of accesses that are flattened
simplify-affine-exprs: simplifies affine expressions
sort-memory: orders accesses to memory
drop-unsupported-attributes: takes out attributes that the next compiler does not know
remove-duplicate-func-def: keeps one of functions that are the same
dialect-canonicalize: canonicalizes the operations of some dialects alone
sroa-wrappers: splits aggregates in memory into their members
canonicalize: applies the simplifications that each operation brings along
cse: computes once what is computed more than once
symbol-dce: takes out functions and globals that nothing names
symbol-privatize: makes symbols private
trivial-dce: takes out operations whose results nothing uses
remove-dead-values: takes out values, arguments and results that nothing uses
sccp: computes what is constant on every way
inline: puts the bodies of functions in the place of calls
mem2reg: keeps values in registers instead of memory
sroa: splits memory of aggregates into its members
loop-invariant-code-motion: moves what does not change out of loops
loop-invariant-subset-hoisting: moves reads and writes of parts of tensors out of loops
control-flow-sink: moves operations into the only branch that needs them
topological-sort: orders operations so that values are made before they are used
strip-debuginfo: takes out locations
print-ir: prints the module at this point
print-op-stats: prints how often each operation stands in the module
reconcile-unrealized-casts: takes out casts that cancel each other
lower-affine: lowers affine loops and accesses to scf, memref and arith
lift-cf-to-scf: makes structured loops and conditions of branches
convert-scf-to-cf: lowers structured loops and conditions to branches
convert-to-llvm: lowers each operation whose dialect says how to LLVM's dialect
finalize-memref-to-llvm: lowers memrefs to LLVM's pointers
expand-strided-metadata: computes the offsets of subviews openly
expand-realloc: makes allocations and copies of memref.realloc
fold-memref-alias-ops: accesses memory directly instead of through views
normalize-memrefs: gives memrefs the identity layout
buffer-deallocation-pipeline: frees memory that is not needed any more
ownership-based-buffer-deallocation: frees memory by who owns it
one-shot-bufferize: makes memory of tensors
computeop-and-func-bufferize: makes memory of tensors in functions
affine-loop-fusion: joins affine loops
affine-loop-tile: cuts affine loops into tiles
affine-loop-unroll: unrolls affine loops
affine-parallelize: makes parallel loops of affine ones that can be
affine-scalrep: keeps what is stored and loaded again in registers
affine-super-vectorize: makes vectors of affine loops
scf-for-to-while: makes scf.while of scf.for
scf-forall-to-for: makes loops of scf.forall
scf-forall-to-parallel: makes scf.parallel of scf.forall
scf-parallel-loop-fusion: joins parallel loops
linalg-fuse-elementwise-ops: joins elementwise operations
linalg-generalize-named-ops: makes linalg.generic of named operations
linalg-specialize-generic-ops: makes named operations of linalg.generic
arith-expand: writes some operations of arith in simpler ones
math-expand-ops: writes some operations of math in simpler ones
math-uplift-to-fma: makes fused multiply-adds
chlo-legalize-to-stablehlo: writes CHLO in StableHLO
shape-legalize-to-stablehlo: writes operations on shapes in StableHLO
stablehlo-refine-shapes: finds sizes that are not given
stablehlo-refine-arguments: gives arguments types with known sizes
stablehlo-canonicalize-dynamism: uses the static forms of operations whose sizes are known
stablehlo-complex-math-expander: writes functions of complex numbers in those of real ones
stablehlo-legalize-composite-to-call: makes calls of stablehlo.composite
gpu-kernel-outlining: makes functions of kernels
gpu-to-llvm: lowers the host's part of kernels to LLVM
gpu-map-parallel-loops: notes which loops are blocks and threads
convert-parallel-loops-to-gpu: makes kernels of parallel loops
nvvm-attach-target: notes for which NVIDIA device to compile
rocdl-attach-target: notes for which AMD device to compile
transform-interpreter: runs a transform script
"""


def _rows(table: str) -> Iterator[tuple[str, str]]:
    for line in table.strip().split("\n"):
        key, _, words = line.partition(": ")
        yield key, words


SUMMARIES: Final = dict(_rows(_TABLE))
"""By pass."""

_OPTION_TABLE: Final = """
enzyme postpasses: passes that clean each derivative as soon as it is made
enzyme verifyPostPasses: whether they are verified
enzyme dataflow: whether activity is found by data flow
enzyme-wrap infn: the function that is differentiated
enzyme-wrap outfn: the name of the derivative
enzyme-wrap argTys: an activity for each argument, with commas
enzyme-wrap retTys: an activity for each result, with commas
enzyme-wrap mode: ForwardMode or ReverseModeCombined
enzyme-wrap strongZero: whether zero times infinity is zero
enzyme-wrap dataflow: whether activity is found by data flow
print-activity-analysis funcs: the functions that are looked at
print-activity-analysis annotate: whether the module is marked instead of printed about
print-activity-analysis dataflow: whether activity is found by data flow
canonicalize top-down: whether operations are visited from the top
canonicalize max-iterations: how often all operations are visited at most
canonicalize max-num-rewrites: how many rewrites are made at most
canonicalize region-simplify: how much blocks are merged
canonicalize disable-patterns: rewrites that are left out, by name
canonicalize enable-patterns: the only rewrites that are made, by name
inline max-iterations: how often functions that call themselves are put into themselves
inline default-pipeline: what runs on each function before
lower-enzymexla-lapack backend: cpu, cuda or tpu
lower-enzymexla-blas backend: cpu, cuda or tpu
lower-enzymexla-linalg backend: cpu, cuda or tpu
"""
OPTIONS: Final = {(key.partition(" ")[0], key.partition(" ")[2]): words for key, words in _rows(_OPTION_TABLE)}
"""By pass and option."""

DEFAULTS: Final[dict[tuple[str, str], str]] = {
    ("canonicalize", "top-down"): "true",
    ("canonicalize", "region-simplify"): "normal",
    ("canonicalize", "max-iterations"): "10",
    ("canonicalize", "max-num-rewrites"): "-1",
    ("canonicalize", "test-convergence"): "false",
    ("enzyme", "postpasses"): "none",
    ("enzyme-wrap", "mode"): "ForwardMode",
    ("inline", "default-pipeline"): "canonicalize",
    ("inline", "max-iterations"): "4",
    ("mem2reg", "region-simplify"): "true",
    ("print-op-stats", "json"): "false",
}
"""What an option is where none is given, as far as that is public or has been seen, by pass and option."""

VALUES: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("enzyme-wrap", "mode"): ("ReverseModeCombined", "ForwardMode", "ReverseModeGradient", "ReverseModePrimal"),
    ("enzyme-wrap", "argTys"): ("enzyme_active", "enzyme_dup", "enzyme_const", "enzyme_dupnoneed"),
    ("enzyme-wrap", "retTys"): ("enzyme_active", "enzyme_dup", "enzyme_const", "enzyme_dupnoneed"),
    ("lower-enzymexla-lapack", "backend"): ("cpu", "cuda", "tpu"),
    ("lower-enzymexla-blas", "backend"): ("cpu", "cuda", "tpu"),
    ("lower-enzymexla-linalg", "backend"): ("cpu", "cuda", "tpu"),
}
"""Words that an option can be which the engine takes as any text, by pass and option."""

_FAMILIES: Final = (
    (re.compile(r"convert-(.+)-to-(.+)"), "lowers {0} to {1}"),
    (re.compile(r"(.+)-legalize-to-(.+)"), "writes {0} in {1}"),
    (re.compile(r"lower-(.+)-to-(.+)"), "lowers {0} to {1}"),
    (re.compile(r"(tosa|shape|async)-to-(.+)"), "lowers {0} to {1}"),
)


def summary(name: str) -> str:
    """What a pass does, in a few words; empty where its name is all there is to say."""
    if (own := SUMMARIES.get(name)) is not None:
        return own
    for pattern, words in _FAMILIES:
        if (match := pattern.fullmatch(name)) is not None:
            return words.format(*(part.replace("-", " ") for part in match.groups()))
    return ""
