"""Presets: pipelines that have a name, and what each makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Preset:
    """A pipeline; `meaning` is one sentence without a full stop."""

    name: str
    meaning: str
    pipeline: str


_DERIVATIVE: Final = "enzyme,canonicalize,remove-unnecessary-enzyme-ops,canonicalize"
# A loop with a dynamic bound leaves enzyme.store behind remove-unnecessary-enzyme-ops, which nothing lowers.
_MEMREF: Final = "enzyme,canonicalize,convert-enzyme-to-memref,canonicalize"
# Blocks cannot stand in affine loops, so these go first; and expand-strided-metadata writes affine.apply anew.
TO_LLVM: Final = (
    "lower-affine,convert-math-to-llvm,convert-math-to-libm,convert-scf-to-cf,expand-strided-metadata,lower-affine,"
    "finalize-memref-to-llvm,convert-arith-to-llvm,convert-index-to-llvm,convert-cf-to-llvm,convert-func-to-llvm,"
    "reconcile-unrealized-casts"
)

PRESETS: Final = {
    one.name: one
    for one in (
        Preset("differentiate", "What Enzyme makes of differentiation ops, as it is", "enzyme"),
        Preset(
            "simplify",
            "What Enzyme makes of differentiation ops, without its accumulators and caches, and simplified",
            f"{_DERIVATIVE},enzyme-simplify-math,canonicalize,cse",
        ),
        Preset("batch", "Batches as functions of their own", "enzyme-batch"),
        Preset("memref", "Derivatives whose caches are memory", _MEMREF),
        Preset("llvm", "Derivatives in the dialect of LLVM, which can be run", f"{_MEMREF},{TO_LLVM}"),
        Preset("stablehlo", "StableHLO as Enzyme-JAX optimizes it, nothing differentiated", "enzyme-hlo-opt"),
        Preset(
            "stablehlo-derivative",
            "Derivatives of StableHLO, raised to tensors and optimized as Enzyme-JAX does",
            "enzyme,canonicalize,remove-unnecessary-enzyme-ops,enzyme-simplify-math,arith-raise{stablehlo=true},"
            "enzyme-hlo-opt",
        ),
    )
}
"""By name, in the order in which they are offered."""
DEFAULT: Final = "simplify"
