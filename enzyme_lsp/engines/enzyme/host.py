"""Enzyme inside a worker: loads the native module and calls it; must import the standard library only.

Loaded by `worker.py`. Its arguments are the path of the native module and its version.
"""

from __future__ import annotations

import importlib.util
import tempfile
from typing import Any

CLASSIC, STRICT, NONE = "classic", "strict", "none"

_PROBE = """\
func.func private @f(f64) -> f64
func.func private @g(%%x: f64) -> f64 {
  %%r = enzyme.fwddiff @f(%%x) %s : (f64) -> f64
  return %%r : f64
}
"""
_PROBES = (
    (CLASSIC, "{activity = [#enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_dup>]}"),
    (STRICT, "<activity = [#enzyme.activity<enzyme_const>], ret_activity = [#enzyme.activity<enzyme_dup>]>"),
)


class EnzymeHost:
    """The loaded module. The spelling is found by trying, since versions do not tell: sources are built between."""

    name = "enzyme-ad"

    def __init__(self, module: Any, version: str) -> None:
        self._module = module
        self.version = version
        self.spelling = next((name for name, form in _PROBES if self.run(_PROBE % form, "", generic=False)[0]), NONE)

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
