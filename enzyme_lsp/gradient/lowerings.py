"""Lowerings: the passes that make machine code of a derivative, in the order in which they are tried."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.lowering.presets import TO_LLVM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.gradient.plan import Case


@dataclass(frozen=True, slots=True)
class Lowering:
    """`pipeline` is for the engine that differentiates, `passes` for the worker that then makes machine code."""

    pipeline: str
    passes: str

    def finished(self, text: str) -> str:
        """What the engine printed, as the worker can read it."""
        return _BROADCAST.sub(_repeated, text)


_CLEANING: Final = "canonicalize,remove-unnecessary-enzyme-ops,canonicalize"
_CACHES: Final = "canonicalize,convert-enzyme-to-memref,canonicalize"
_STABLE: Final = "func.func(chlo-legalize-to-stablehlo)"
_COMPLEX: Final = "convert-complex-to-standard,convert-complex-to-llvm"
_MEMORY: Final = f"convert-linalg-to-loops,{_COMPLEX},{TO_LLVM}"
# The engine has not registered what the first of these need.
_TENSORS: Final = (
    "canonicalize,convert-elementwise-to-linalg,one-shot-bufferize{bufferize-function-boundaries=true"
    f" function-boundary-type-conversion=identity-layout-map}},canonicalize,{_MEMORY}"
)


def lowerings(case: Case) -> Iterator[Lowering]:
    """Those that may fit an op.

    What a loop caches becomes memory, and must not be cleaned away; what else Enzyme leaves behind is not lowered
    unless it is cleaned away.
    """
    for pipeline in case.pipelines:
        tidy = f'{pipeline}{{postpasses="{_CLEANING}"}}' if pipeline.endswith("enzyme") else pipeline
        if b"tensor<" in case.text:
            yield Lowering(f"{pipeline},{_CLEANING},{_STABLE}", _TENSORS)
            yield Lowering(f"{tidy},canonicalize,{_STABLE}", _TENSORS)
            yield Lowering(f"{pipeline},{_CACHES},{_STABLE}", _TENSORS)
        else:
            yield Lowering(f"{pipeline},{_CACHES},{_MEMORY}", "")
            yield Lowering(f"{tidy},{_CACHES},{_MEMORY}", "")
            yield Lowering(f"{pipeline},{_CLEANING},{_MEMORY}", "")


_BROADCAST: Final = re.compile(
    r"(?P<result>%\w+) = \"enzyme\.broadcast\"\((?P<value>%\w+)\) <\{shape = array<i64: \d+>\}> :"
    r" \((?P<from>[^)]*)\) -> (?P<to>tensor<[^>]*>)"
)
_ELEMENT: Final = re.compile(r"tensor<(?:\d+x)*(.+)>")


def _repeated(found: re.Match[str]) -> str:
    """What `enzyme.broadcast` means, which no pass of the engine lowers without StableHLO: the value for each row."""
    result, value, from_, to = found["result"], found["value"], found["from"], found["to"]
    if not from_.startswith("tensor<"):
        return f'{result} = "tensor.splat"({value}) : ({from_}) -> {to}'
    element, empty = _ELEMENT.sub(r"\1", from_), f"%empty_{result[1:]}"
    return (
        f'{empty} = "tensor.empty"() : () -> {to}\n'
        f'{result} = "linalg.broadcast"({value}, {empty}) <{{dimensions = array<i64: 0>}}> ({{\n'
        f'^bb0(%in: {element}, %out: {element}):\n  "linalg.yield"(%in) : ({element}) -> ()\n'
        f"}}) : ({from_}, {to}) -> {to}"
    )
