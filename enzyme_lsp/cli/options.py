"""Settings from the command line's options; must not know who uses them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp import settings
from enzyme_lsp.cli import files
from enzyme_lsp.cli.misuse import complain, misuse
from enzyme_lsp.lowering.project import troubles
from enzyme_lsp.workspace.project import Projects

if TYPE_CHECKING:
    from argparse import Namespace

    from enzyme_lsp.settings import Settings


_QUIET = {"log": {"level": "error"}}
"""A command says itself what its user must know; the log is for those who ask for it."""


def settings_from(arguments: Namespace) -> Settings:
    """The settings file's, then the options, which win. What cannot be used in the file is said and left out.

    What either says is `said`, so that it wins over a project file too.
    """
    made, problems = settings.read(settings.merged(_QUIET, _config(arguments.config)))
    for problem in problems:
        complain(f"{arguments.config}: {problem}")
    said = {*made.said}
    engine = made.engine
    if arguments.engine is not None:
        engine = replace(engine, enabled=arguments.engine)
    if arguments.engine_python is not None:
        engine = replace(engine, python=arguments.engine_python)
    if arguments.engine_path is not None:
        engine = replace(engine, path=arguments.engine_path)
    if (arguments.engine, arguments.engine_python, arguments.engine_path) != (None, None, None):
        said.add("engine.kind")
    diagnostics = made.diagnostics
    if getattr(arguments, "deep", None) is not None:
        diagnostics = replace(diagnostics, deep="pause" if arguments.deep else "off")
        said.add("diagnostics.deep")
    return replace(made, engine=engine, diagnostics=diagnostics, said=frozenset(said))


class ProjectSettings:
    """`own` over those of the nearest project file above each file; what is wrong with one is told once."""

    def __init__(self, own: Settings) -> None:
        self._own = own
        # A terminal knows of no workspace, so the file may be in any folder above.
        here = _working_folder()
        self._projects = Projects((Path(here).anchor,), roots=(here,))
        self._told: set[str] = set()

    def of(self, path: str) -> Settings:
        """For a file, or for standard input."""
        if path == files.STDIN:
            return self._own
        uri = Path(path).absolute().as_uri()
        found = self._projects.of(uri)
        if found is not None and found.path not in self._told:
            self._told.add(found.path)
            for one in troubles(found):
                line = found.data.count(b"\n", 0, one.span.start) + 1
                complain(f"{found.path}:{line}: {one.message}")
        return self._projects.settings(uri, self._own)


def _working_folder() -> str:
    try:
        return os.getcwd()
    except OSError:
        return os.path.abspath(os.sep)  # It was removed under us, and files with whole paths are there all the same.


def _config(path: str | None) -> object:
    if path is None:
        return None
    try:
        return json.loads(Path(path).read_bytes())
    except OSError as error:
        misuse(f"cannot read {path}: {error.strerror}")
    except (ValueError, RecursionError) as error:
        misuse(f"{path} is not JSON: {error}")
