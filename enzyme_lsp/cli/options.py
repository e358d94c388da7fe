"""Settings from the command line's options; must not know who uses them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp import settings
from enzyme_lsp.cli.misuse import complain, misuse

if TYPE_CHECKING:
    from argparse import Namespace

    from enzyme_lsp.settings import Settings


_QUIET = {"log": {"level": "error"}}
"""A command says itself what its user must know; the log is for those who ask for it."""


def settings_from(arguments: Namespace) -> Settings:
    """The settings file's, then the options, which win. What cannot be used in the file is said and left out."""
    made, problems = settings.read(settings.merged(_QUIET, _config(arguments.config)))
    for problem in problems:
        complain(f"{arguments.config}: {problem}")
    engine = made.engine
    if arguments.engine is not None:
        engine = replace(engine, enabled=arguments.engine)
    if arguments.engine_python is not None:
        engine = replace(engine, python=arguments.engine_python)
    if arguments.engine_path is not None:
        engine = replace(engine, path=arguments.engine_path)
    diagnostics = made.diagnostics
    if getattr(arguments, "deep", None) is not None:
        diagnostics = replace(diagnostics, deep="pause" if arguments.deep else "off")
    return replace(made, engine=engine, diagnostics=diagnostics)


def _config(path: str | None) -> object:
    if path is None:
        return None
    try:
        return json.loads(Path(path).read_bytes())
    except OSError as error:
        misuse(f"cannot read {path}: {error.strerror}")
    except ValueError as error:
        misuse(f"{path} is not JSON: {error}")
