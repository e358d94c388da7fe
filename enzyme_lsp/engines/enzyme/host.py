"""Enzyme inside a worker: loads the native module and calls it; must import the standard library only.

Loaded by `worker.py`. Its arguments are the path of the native module and its version.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from enzyme_lsp.engines import probes
    from enzyme_lsp.engines.enzyme import allowed
else:
    # By the worker, which has loaded this file by its path too.
    load_beside = sys.modules["__main__"].load_beside
    allowed, probes = load_beside("enzyme", "allowed.py"), load_beside("probes.py")


class EnzymeHost:
    """The loaded module."""

    name = "enzyme-ad"

    def __init__(self, module: Any, version: str) -> None:
        self._module = module
        self.version = version
        read = (name for name, text in probes.PROBES if self.run(text, "", generic=False)[0])
        self.spelling = next(read, probes.NONE)

    def run(self, text: str, pipeline: str, *, generic: bool) -> tuple[bool, str]:
        """Parse and verify `text` and run `pipeline` over it."""
        return self._run_generic(text, pipeline) if generic else self._run(text, pipeline)

    def _run_generic(self, text: str, pipeline: str) -> tuple[bool, str]:
        """The same, and the module in generic form, which the binding itself never gives.

        Enzyme's own pass `print` does, into a file. This one has no name that could be left behind when the process is
        killed, or that another one could guess.
        """
        try:
            with tempfile.TemporaryFile() as file:
                passes = [pipeline] if pipeline else []
                passes.append(f"print{{generic=true debug=true stdout=false filename=/dev/fd/{file.fileno()}}}")
                accepted, result = self._run(text, ",".join(passes))
                if accepted:
                    file.seek(0)
                    result = file.read().decode("utf-8", "replace")
                return accepted, result
        except OSError as error:
            return False, f"there is no temporary file to print into: {error}"

    def lower(self, text: str, elements: list[str], *, is_trusted: bool) -> tuple[bool, str, list[tuple[bytes, int]]]:
        """Run the elements of a pipeline and print the module before the first and after each.

        All in one run of the engine. Each print goes to a file without a name, and when it was written is the time at
        which the file was changed last.
        """
        refusal = None if is_trusted else allowed.refusal(",".join(elements), text)
        if refusal is not None:
            return False, refusal, []
        try:
            with ExitStack() as stack:
                files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(len(elements) + 1)]
                prints = [f"print{{debug=true stdout=false filename=/dev/fd/{file.fileno()}}}" for file in files]
                between = [prints[0]]
                for element, print_ in zip(elements, prints[1:], strict=True):
                    between += (element, print_)
                accepted, result = self._run(text, ",".join(between))
                found: list[tuple[bytes, int]] = []
                for file in files:
                    status = os.fstat(file.fileno())
                    if not status.st_size:
                        break  # the module is never printed as nothing, so it did not come to this
                    file.seek(0)
                    found.append((file.read(), status.st_mtime_ns))
                return accepted, "" if accepted else result, found
        except OSError as error:
            return False, f"there is no temporary file to print into: {error}", []

    def _run(self, text: str, pipeline: str) -> tuple[bool, str]:
        try:
            # The list names symbols to rename in the printed module. It should be the user's own.
            _, printed = self._module.run_pass_pipeline([], text, pipeline)
        except UnicodeDecodeError as error:
            # The engine is content; only its binding cannot make a `str` of the bytes that it printed.
            return True, bytes(error.object).decode("utf-8", "replace")
        except ValueError as error:
            return False, str(error)
        return True, printed


def open_host(arguments: list[str]) -> EnzymeHost:
    """Load the native module."""
    path, version = arguments
    # By its path: importing the package `enzyme_ad` would import jax, which need not be there.
    spec = importlib.util.spec_from_file_location("enzyme_call", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no extension module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return EnzymeHost(module, version)
