"""Where a Python interpreter has upstream MLIR's bindings; must import the standard library only, and never
them.

Run as a script by any interpreter, it prints a line of JSON about that interpreter.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import sys


def in_this_interpreter() -> tuple[str, str] | None:
    """The folder from which `import mlir.ir` would load the bindings, and their version; None where there are none."""
    # For a top-level name this imports nothing. The package has no `__init__.py`, so it may have several places.
    spec = importlib.util.find_spec("mlir")
    places = spec.submodule_search_locations if spec is not None else None
    for place in places or ():
        if os.path.isfile(os.path.join(place, "ir.py")) and os.path.isdir(os.path.join(place, "_mlir_libs")):
            return os.path.dirname(os.path.abspath(place)), _version()
    return None


def _version() -> str:
    """That of MLIR: the packages count their own builds in a fourth number."""
    for name in ("xtc-mlir-python-bindings", "mlir-python-bindings"):
        try:
            return ".".join(importlib.metadata.version(name).split(".")[:3])
        except importlib.metadata.PackageNotFoundError:
            continue
    return ""


if __name__ == "__main__":
    # Not from our own folder, which comes first for a script, nor from the working directory: a folder that a user
    # merely opened in an editor must not get its code run.
    sys.path[:] = [folder for folder in sys.path[1:] if folder]
    found = in_this_interpreter()
    report = {"executable": sys.executable, "version": sys.version_info[:2], "native": found}
    sys.stdout.write(json.dumps(report) + "\n")
