"""Imports go down only; the word `async` stays where waiting is; workers need the standard library only."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).resolve().parents[2] / "enzyme_lsp"
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS = {
    "text": 0,
    "settings": 0,
    "engine_files": 0,
    "log": 0,
    "syntax": 1,
    "dialect": 1,
    "engines": 1,
    "workspace": 2,
    "checks": 3,
    "derivatives": 3,
    "gradient": 3,
    "lowering": 3,
    "verification": 3,
    "features": 4,
    "server": 5,
    "cli": 5,
    "bindings": 6,  # what users load in scripts, and no part of the server does
}
BESIDE = {
    ("log", "settings"),
    ("settings", "engine_files"),
    ("dialect", "syntax"),
    ("checks", "verification"),  # `engine_verdict` words what an engine said
    ("checks", "lowering"),  # what is wrong with a pipeline is wrong in a RUN line
    ("lowering", "verification"),  # which writes what is sent, and knows the way back
    ("derivatives", "checks"),  # no text is made that a check complains of
    ("gradient", "derivatives"),  # of a function that nothing differentiates they are written
    ("gradient", "lowering"),  # which knows the passes that end in LLVM's dialect
    ("gradient", "verification"),  # which has a module for each op alone
    ("cli", "server"),  # `serve` starts it, and both make the same links
}
"""What a part may import from its own layer."""
NOT_BELOW = {
    ("engines", "text"),
    *(("bindings", part) for part in LAYERS if part not in ("dialect", "syntax", "text")),
}
"""What a part may not import although it lies below: an engine never hears of offsets, and the bindings of no server."""
MAY_WAIT = {"engines", "verification", "lowering", "gradient", "server", "cli"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_only(path: Path):
    part = _part(path)
    for imported in _imports(path):
        package, _, rest = imported.partition(".")
        other = rest.partition(".")[0]
        if package != "enzyme_lsp" or other in ("", "__version__", part):
            continue
        assert part != "", f"{path.name} holds no more than it must, but imports {imported}"
        is_below = LAYERS[other] < LAYERS[part] and (part, other) not in NOT_BELOW
        assert is_below or (part, other) in BESIDE, f"{part} must not import {imported}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_what_may_take_seconds_is_async(path: Path):
    if _part(path) in MAY_WAIT:
        return
    found = [node for node in ast.walk(_tree(path)) if isinstance(node, ast.AsyncFunctionDef | ast.Await)]
    assert not found, f"{path}:{found[0].lineno} waits"


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if "standard library only" in (ast.get_docstring(ast.parse(path.read_text())) or "")],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_what_a_foreign_interpreter_runs_needs_the_standard_library_only(path: Path):
    imported = {name.partition(".")[0] for name in _imports(path, at_run_time=True)}
    assert imported <= {*sys.stdlib_module_names, "__future__"}


def test_the_worker_and_what_it_loads_claim_it():
    claims = {path.name for path in MODULES if "standard library only" in path.read_text()}
    assert {"worker.py", "wire.py", "host.py"} <= claims


def _part(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return "cli" if first == "__main__.py" else "" if first == "__init__.py" else first.removesuffix(".py")


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def _imports(path: Path, *, at_run_time: bool = False) -> Iterator[str]:
    pending: list[ast.AST] = [_tree(path)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            # `from enzyme_lsp import checks` imports enzyme_lsp.checks.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and at_run_time and ast.unparse(node.test) == "TYPE_CHECKING":
            pending += node.orelse
        else:
            pending += ast.iter_child_nodes(node)
