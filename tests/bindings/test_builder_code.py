"""The code that the server writes for an operation builds that operation with the bindings."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

if importlib.util.find_spec("mlir") is None:
    pytest.skip("upstream's bindings are not here", allow_module_level=True)

from mlir import ir  # pyright: ignore[reportMissingTypeStubs]

from enzyme_lsp.bindings import enzyme
from enzyme_lsp.dialect.calls import derivative_calls
from enzyme_lsp.features.builder_code import builder_code
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.mlir"))


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_the_code_of_an_example_builds_it(path: Path):
    snapshot = Workspace(Settings()).open(Document.of(path.as_uri(), path.read_text()))
    count = 0
    for start, piece in zip(snapshot.layout.starts, snapshot.layout.pieces, strict=True):
        for call in piece.fact(derivative_calls):
            code = builder_code(snapshot, start + call.name_span.start, "python")
            written = _expanded(call.operation.span.of(piece.text).decode(), path.read_text())
            assert call.type is not None
            assert call.type.operands is not None
            operands = [one.text for one in call.operands], [one.text for one in call.type.operands]
            assert _plain(_built(code, *operands)) == _plain(_numbered(written, operands[0]))
            count += 1
    assert count


def _built(code: str, names: list[str], types: list[str]) -> str:
    """What the code prints, with its operands as the arguments of a function."""
    context = ir.Context()
    context.allow_unregistered_dialects = True
    with context, ir.Location.unknown():
        # One value for each name, though it may stand for several operands.
        distinct = dict(zip(names, types, strict=True))
        taken = ", ".join(f"%a{index}: {type_}" for index, type_ in enumerate(distinct.values()))
        module = ir.Module.parse(f"func.func @user({taken}) {{\n  return\n}}\n")
        block = module.body.operations[0].regions[0].blocks[0]
        variables: dict[str, Any] = {"enzyme": enzyme, "ir": ir, "Activity": enzyme.Activity}
        for name, value in zip(distinct, block.arguments, strict=True):
            variables[_variable(name)] = value
        with ir.InsertionPoint.at_block_terminator(block):
            exec(code, variables)
        return enzyme.text(module).splitlines()[2]


def _expanded(written: str, source: str) -> str:
    """With what aliases stand for."""
    for name, value in re.findall(r"^(#\w+) = (.*)$", source, re.MULTILINE):
        written = re.sub(rf"{name}\b(?![<.])", value, written)
    return written


def _variable(name: str) -> str:
    return f"v{name[1:]}" if name[1].isdigit() else name[1:]


def _numbered(written: str, names: list[str]) -> str:
    """The operation with its operands named as arguments are."""
    distinct = list(dict.fromkeys(names))
    return re.sub(r"%[\w$.#]+", lambda one: f"%arg{distinct.index(one[0])}" if one[0] in distinct else one[0], written)


def _plain(operation: str) -> str:
    """Without the names of its results, and with single blanks only."""
    text = operation[operation.index("enzyme.") :]
    text = re.sub(r"\s*//[^\n]*", "", text)
    text = re.sub(r"width = (\d+)(?! *:)", r"width = \1 : i64", text)
    return re.sub(r"([{(\[]) | (?=[})\]])", r"\1", " ".join(text.split()))
