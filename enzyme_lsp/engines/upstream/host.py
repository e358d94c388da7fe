"""Upstream MLIR inside a worker: loads its Python bindings and calls them; must import the standard library only.

Loaded by `worker.py`. Its arguments are the folder that holds the package `mlir`, the version of that, and a file with
dialects as IRDL, which are registered beside upstream's own. A definition in there may have an attribute `spelled`: the
name that it is to have, where that is one which IRDL's own verifier refuses.
"""

from __future__ import annotations

import importlib
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from enzyme_lsp.engines import missing_pass
    from enzyme_lsp.engines.enzyme import allowed
    from enzyme_lsp.engines.upstream import bindings, leftovers
else:
    # By the worker, which has loaded this file by its path too.
    load_beside = sys.modules["__main__"].load_beside
    allowed, missing_pass = load_beside("enzyme", "allowed.py"), load_beside("missing_pass.py")
    bindings, leftovers = load_beside("upstream", "bindings.py"), load_beside("upstream", "leftovers.py")

GENERIC = "generic"

MOST_BYTES = 256 << 20
"""Of text that one context reads: it keeps every type, attribute and location that it has seen, and a new one takes
some 30 ms to make."""


class UpstreamHost:
    """The loaded bindings."""

    name = "mlir"
    spelling = GENERIC

    def __init__(self, load: Callable[[str], Any], version: str, dialects: str) -> None:
        self.version = version
        self._ir = load("mlir.ir")
        self._irdl = load("mlir.dialects.irdl")
        self._passmanager = load("mlir.passmanager")
        self._dialects = dialects
        self._renew()

    def run(self, text: str, pipeline: str, *, generic: bool) -> tuple[bool, str]:
        """Parse and verify `text` and run `pipeline` over it."""
        accepted, result = self._do(text, [pipeline] if pipeline else [], is_printed=generic)
        if not accepted:
            return False, result
        if not pipeline and not generic:
            return True, ""
        return True, result.get_asm(enable_debug_info=True, print_generic_op_form=generic)

    def lower(self, text: str, elements: list[str], *, is_trusted: bool) -> tuple[bool, str, list[tuple[bytes, int]]]:
        """Run the elements of a pipeline and print the module before the first and after each."""
        refusal = None if is_trusted else allowed.refusal(",".join(elements), text)
        if refusal is not None:
            return False, refusal, []
        prints: list[tuple[bytes, int]] = []

        def print_(module: Any) -> None:
            printed: str = module.get_asm(enable_debug_info=True)
            prints.append((printed.encode("utf-8", "replace"), time.time_ns()))

        accepted, result = self._do(text, elements, print_)
        return accepted, "" if accepted else result, prints

    def _do(
        self, text: str, elements: list[str], see: Callable[[Any], None] | None = None, *, is_printed: bool = False
    ) -> tuple[bool, Any]:
        """(True, the operation of the module), or (False, why not); `see` gets the module before and after elements."""
        is_printed = see is not None or bool(elements) or is_printed
        if self._read > MOST_BYTES or self._left.disturb(text, is_printed=is_printed):
            self._renew()
        self._read += len(text)
        self._left.keep(text)
        with self._context, self._ir.Location.unknown():
            try:
                module = self._ir.Module.parse(text).operation
                # All before the first runs, so that a mistake in the last one is found at once.
                passes = [self._passmanager.PassManager.parse(f"builtin.module({element})") for element in elements]
                if see is not None:
                    see(module)
                for one in passes:
                    one.run(module)
                    if see is not None:
                        see(module)
            except (ValueError, self._ir.MLIRError) as error:
                return False, missing_pass.explained(str(error), allowed.pass_table.PASSES)
        return True, module

    def _renew(self) -> None:
        self._context, self._left, self._read = self._fresh(), leftovers.Leftovers(), 0

    def _fresh(self) -> Any:
        """A context with all dialects."""
        context = bindings.context(self._ir)
        with context, self._ir.Location.unknown():
            module = self._ir.Module.parse(self._dialects)
            module.operation.walk(self._spell)
            self._irdl.load_dialects(module)
        return context

    def _spell(self, operation: Any) -> Any:
        attributes = operation.attributes
        if "spelled" in attributes:
            attributes["sym_name" if "sym_name" in attributes else "base_type"] = attributes["spelled"]
            del attributes["spelled"]
        return self._ir.WalkResult.ADVANCE


def open_host(arguments: list[str]) -> UpstreamHost:
    """Load the bindings."""
    folder, version, dialects = arguments
    bindings.reach(folder)
    with open(dialects, encoding="utf-8") as file:
        return UpstreamHost(importlib.import_module, version, file.read())
