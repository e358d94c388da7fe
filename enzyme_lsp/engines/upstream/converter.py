"""Bytecode inside a worker: upstream MLIR's bindings read and write it; must import the standard library only.

Loaded by `worker.py`. Its arguments are the folder that holds the package `mlir`, and the version of that.

Dialects that upstream does not have stay what they are, so Enzyme's operations must be in generic form. Each module has
a context of its own: one that has seen a resource gives the next one of that name another.
"""

from __future__ import annotations

import importlib
import io
import re
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from enzyme_lsp.engines import unknown_places
    from enzyme_lsp.engines.upstream import bindings
else:
    # By the worker, which has loaded this file by its path too.
    load_beside = sys.modules["__main__"].load_beside
    bindings, unknown_places = load_beside("upstream", "bindings.py"), load_beside("unknown_places.py")

_OWN: Final = re.compile(r'"-":(\d{1,9})')
_MOST_LINES: Final = 10_000_000
"""That are put in front of a text. One that names a line behind them as its own loses that."""
_OWN_FILE: Final = "-"
_IN_FULL: Final = {"binary": True, "enable_debug_info": True, "print_generic_op_form": True}


class ConverterHost:
    """The loaded bindings."""

    name = "bytecode of mlir"
    spelling = "none"

    def __init__(self, version: str) -> None:
        self.version = version
        self._ir = importlib.import_module("mlir.ir")

    def to_text(self, data: bytes) -> tuple[bool, str, bytes]:
        """(True, "", bytecode as text), or (False, why not, nothing). Places that are recorded are part of it."""
        with self._context():
            try:
                operation = self._ir.Module.parse(data).operation
            except (ValueError, self._ir.MLIRError) as error:
                return False, str(error), b""
            printed: bytes = operation.get_asm(binary=True, enable_debug_info=True, use_name_loc_as_prefix=True)
        return True, "", unknown_places.left_out(printed)

    def to_bytecode(self, text: str, version: int) -> tuple[bool, str, bytes]:
        """(True, "", a text as bytecode), or (False, why not, nothing).

        It is in `version`, or in the newest one where that would lose something, and is read again before it is given.
        The place of what has none in the text is unknown, and not where it stands there.
        """
        recorded = {int(line) for line in _OWN.findall(text)}
        above = min(max(recorded, default=0), _MOST_LINES)
        if recorded:
            # First as it is, since a problem is to be told where it stands.
            accepted, error, _ = self._written(text, version, above=0)
            if not accepted:
                return False, error, b""
        # Behind so many lines a place in this text is not to be taken for one that the text records.
        return self._written("\n" * above + text, version, above, has_start=0 in recorded)

    def _written(self, text: str, version: int, above: int, *, has_start: bool = False) -> tuple[bool, str, bytes]:
        with self._context():
            try:
                module = self._ir.Module.parse(text).operation
                self._forget_places(module, above, has_start=has_start)
                meant = module.get_asm(**_IN_FULL)
                data, newest = io.BytesIO(), io.BytesIO()
                module.write_bytecode(data, version)
                module.write_bytecode(newest)
            except (ValueError, self._ir.MLIRError) as error:
                return False, str(error), b""
        for made in (data.getvalue(), newest.getvalue()):
            if self._in_full(made) == meant:
                return True, "", made
        return False, "what MLIR writes of this module it reads as another one, so nothing is written", b""

    def _in_full(self, data: bytes) -> Any:
        """All that bytecode says; None where it cannot be read."""
        with self._context():
            try:
                return self._ir.Module.parse(data).operation.get_asm(**_IN_FULL)
            except (ValueError, self._ir.MLIRError):
                return None

    def _context(self) -> Any:
        context = bindings.context(self._ir)
        context.allow_unregistered_dialects = True
        return context

    def _forget_places(self, module: Any, above: int, *, has_start: bool) -> None:
        """Make unknown what is a place in the text that was read, below its first lines.

        `has_start`: line 0, where a module stands that the text does not have, is one that it records.
        """
        unknown, advance = self._ir.Location.unknown(), self._ir.WalkResult.ADVANCE

        def is_own(place: Any) -> bool:
            if not place.is_a_file() or place.filename != _OWN_FILE:
                return False
            return place.start_line > above or (not place.start_line and not has_start)

        def see(operation: Any) -> Any:
            if is_own(operation.location):
                operation.location = unknown
            for region in operation.regions:
                for block in region.blocks:
                    for argument in block.arguments:
                        if is_own(argument.location):
                            argument.set_location(unknown)
            return advance

        module.walk(see)


def open_host(arguments: list[str]) -> ConverterHost:
    """Load the bindings."""
    folder, version = arguments
    bindings.reach(folder)
    return ConverterHost(version)
