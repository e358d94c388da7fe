"""Words: the fixed words that attributes of other dialects and the syntax of their operations have, the common first.

Only those that people write; the words of Enzyme's own operations are in `ops.py`, the activities in `activity.py`.
"""

from __future__ import annotations

from typing import Final

_ARITH_FLAGS: Final = ("none", "fast", "contract", "nnan", "ninf", "nsz", "arcp", "afn", "reassoc")
_LLVM_LINKAGE: Final = (
    "external", "internal", "private", "weak", "weak_odr", "linkonce", "linkonce_odr", "common", "appending",
    "extern_weak", "available_externally",
)  # fmt: skip
_OVERFLOW: Final = ("none", "nsw", "nuw")
_COMPARISONS: Final = ("LT", "GT", "EQ", "NE", "GE", "LE")
_COMPARISON_TYPES: Final = ("FLOAT", "SIGNED", "UNSIGNED", "TOTALORDER")
_FLOAT_PREDICATES: Final = (
    "olt", "ogt", "ole", "oge", "oeq", "une", "ult", "ugt", "ule", "uge", "one", "ueq", "ord", "uno", "false", "true",
)  # fmt: skip
_INTEGER_PREDICATES: Final = ("eq", "ne", "slt", "sgt", "sle", "sge", "ult", "ugt", "ule", "uge")
_DIMENSIONS: Final = ("x", "y", "z")
_FFT: Final = ("FFT", "IFFT", "RFFT", "IRFFT")
_TRANSPOSES: Final = ("NO_TRANSPOSE", "TRANSPOSE", "ADJOINT")
_MPI_TYPES: Final = ("MPI_INT", "MPI_DOUBLE", "MPI_FLOAT", "MPI_BYTE", "MPI_CHAR", "MPI_C_BOOL", "MPI_INT64_T")
_MPI_OPERATIONS: Final = ("MPI_SUM", "MPI_MAX", "MPI_MIN", "MPI_PROD", "MPI_LAND", "MPI_LOR", "MPI_BAND", "MPI_BOR")
_VISIBILITIES: Final = ("private", "public", "nested")

ATTRIBUTES: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("arith", "fastmath"): _ARITH_FLAGS,
    ("arith", "overflow"): _OVERFLOW,
    ("enzymexla", "guaranteed"): ("NOTGUARANTEED", "GUARANTEED", "UNKNOWN"),
    ("enzymexla", "side"): ("left", "right"),
    ("enzymexla", "transpose"): ("transpose", "none", "adjoint"),
    ("enzymexla", "uplo"): ("F", "U", "L"),
    ("enzymexla", "datatype"): _MPI_TYPES,
    ("enzymexla", "op"): _MPI_OPERATIONS,
    ("gpu", "dim"): _DIMENSIONS,
    ("impulse", "rng_distribution"): ("UNIFORM", "NORMAL", "MULTINORMAL"),
    ("impulse", "transpose"): _TRANSPOSES,
    ("llvm", "fastmath"): _ARITH_FLAGS,
    ("llvm", "linkage"): _LLVM_LINKAGE,
    ("llvm", "cconv"): ("ccc", "fastcc", "ptx_kernelcc"),
    ("llvm", "framePointerKind"): ("all", "non-leaf", "none", "reserved"),
    ("llvm", "overflow"): _OVERFLOW,
    ("llvm", "uwtableKind"): ("async", "sync", "none"),
    ("stablehlo", "comparison_direction"): _COMPARISONS,
    ("stablehlo", "comparison_type"): _COMPARISON_TYPES,
    ("stablehlo", "fft_type"): _FFT,
    ("stablehlo", "precision"): ("DEFAULT", "HIGH", "HIGHEST"),
    ("stablehlo", "rng_algorithm"): ("DEFAULT", "THREE_FRY", "PHILOX"),
    ("stablehlo", "rng_distribution"): ("UNIFORM", "NORMAL"),
    ("stablehlo", "transpose"): _TRANSPOSES,
    ("vector", "kind"): ("add", "mul", "minsi", "maxsi", "minimumf", "maximumf", "and", "or", "xor"),
}
"""By dialect and name of the attribute: `#stablehlo<precision DEFAULT>`, `#arith.fastmath<fast>`."""

OPERATIONS: Final[dict[str, tuple[str, ...]]] = {
    "arith.cmpf": _FLOAT_PREDICATES,
    "arith.cmpi": _INTEGER_PREDICATES,
    "llvm.fcmp": tuple(f'"{word}"' for word in _FLOAT_PREDICATES),
    "llvm.icmp": tuple(f'"{word}"' for word in _INTEGER_PREDICATES),
    "stablehlo.compare": _COMPARISONS,
    "chlo.broadcast_compare": _COMPARISONS,
    "gpu.thread_id": _DIMENSIONS,
    "gpu.block_id": _DIMENSIONS,
    "gpu.block_dim": _DIMENSIONS,
    "gpu.grid_dim": _DIMENSIONS,
    "func.func": _VISIBILITIES,
    "llvm.func": _LLVM_LINKAGE,
    "llvm.mlir.global": _LLVM_LINKAGE,
    "memref.global": ('"private"', '"public"', "constant"),
}
"""By operation, what can stand right behind its name."""

LAST: Final[dict[str, tuple[str, ...]]] = {
    "stablehlo.compare": _COMPARISON_TYPES,
}
"""By operation, what can stand behind its last operand."""

KEYS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("stablehlo.dot_general", "precision"): ("DEFAULT", "HIGH", "HIGHEST"),
    ("stablehlo.dot", "precision"): ("DEFAULT", "HIGH", "HIGHEST"),
    ("stablehlo.convolution", "precision"): ("DEFAULT", "HIGH", "HIGHEST"),
    ("stablehlo.fft", "type"): _FFT,
    ("stablehlo.rng", "distribution"): ("UNIFORM", "NORMAL"),
    ("stablehlo.rng_bit_generator", "algorithm"): ("DEFAULT", "THREE_FRY", "PHILOX"),
}
"""By operation and the word before its `=`."""

FLAGS: Final[dict[str, tuple[str, ...]]] = {"fastmath": _ARITH_FLAGS, "overflow": _OVERFLOW}
"""By the word before its `<`: `arith.addf %a, %b fastmath<fast>`."""
