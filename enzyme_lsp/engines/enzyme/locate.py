"""Where a Python interpreter has enzyme-ad; must import the standard library only, and never enzyme-ad itself.

Run as a script by any interpreter, also one too old for the rest of the server, it prints a line of JSON about that
interpreter. The server imports it to look into a folder.
"""

from __future__ import annotations

import glob
import importlib.metadata
import importlib.util
import json
import os
import sys


def in_folder(folder: str) -> tuple[str, str] | None:
    """The native module below a folder that holds `enzyme_ad/`, and its version, "" where no metadata tells."""
    paths = sorted(glob.glob(os.path.join(glob.escape(folder), "enzyme_ad", "jax", "enzyme_call*.so")))
    if not paths:
        return None
    versions = [found.version for found in importlib.metadata.distributions(name="enzyme-ad", path=[folder])]
    return os.path.abspath(paths[0]), versions[0] if versions else ""


def in_this_interpreter() -> tuple[str, str] | None:
    """The same for the package that `import enzyme_ad` would find."""
    # For a top-level name this imports nothing. The package has no `__init__.py`, so it may have several places.
    spec = importlib.util.find_spec("enzyme_ad")
    places = spec.submodule_search_locations if spec is not None else None
    return next(filter(None, (in_folder(os.path.dirname(place)) for place in places or ())), None)


if __name__ == "__main__":
    # Not from our own folder, which comes first for a script, nor from the working directory: a folder that a user
    # merely opened in an editor must not get its code run.
    sys.path[:] = [folder for folder in sys.path[1:] if folder]
    found = in_this_interpreter()
    report = {"executable": sys.executable, "version": sys.version_info[:2], "native": found}
    sys.stdout.write(json.dumps(report) + "\n")
