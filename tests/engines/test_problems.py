"""Diagnostic text, as the engines print it, and what is read out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from enzyme_lsp.engines import problems

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import EngineProblem, Place


def shown(found: tuple[EngineProblem, ...]) -> str:
    """Problems as text: a line for each, its notes indented."""
    lines: list[str] = []
    for problem in found:
        lines.append(f"{where(problem.place)} {problem.severity}: {problem.message}")
        lines += [f"  {where(note.place)} note: {note.message}" for note in problem.notes]
    return "\n".join(lines)


def where(place: Place | None) -> str:
    return "nowhere" if place is None else f"{place.file}:{place.line}:{place.column}"


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        pytest.param('loc("-":7:10): error: text', "-:7:10 error: text", id="error"),
        pytest.param('loc("-":7:10): warning: text', "-:7:10 warning: text", id="warning"),
        pytest.param('loc("-":7:10): remark: text', "-:7:10 remark: text", id="remark"),
        pytest.param("loc(unknown): error: text", "nowhere error: text", id="unknown location"),
        pytest.param("error: text", "nowhere error: text", id="no location"),
        pytest.param('loc("-":7:10): error: text  \n\n \n', "-:7:10 error: text", id="trailing blanks"),
        pytest.param('loc("-":7:10): error:', "-:7:10 error: ", id="empty message"),
        pytest.param('loc("-":7:10 to 8:3): error: text', "-:7:10 error: text", id="range"),
        pytest.param('loc("-":0:0): error: text', "nowhere error: text", id="line 0"),
        pytest.param('loc("a.mlir":7:0): error: text', "a.mlir:7:1 error: text", id="column 0"),
        pytest.param('loc("name"("-":7:10)): error: text', "-:7:10 error: text", id="named"),
        pytest.param('loc("name"): error: text', "nowhere error: text", id="only a name"),
        pytest.param('loc("a:1:2"("-":7:10)): error: text', "-:7:10 error: text", id="a name like a place"),
        pytest.param('loc(callsite("a":1:2 at "-":3:4)): error: x', "-:3:4 error: x", id="call from here"),
        pytest.param('loc(callsite("-":1:2 at "-":3:4)): error: x', "-:1:2 error: x", id="call within"),
        pytest.param('loc(callsite("a" at "b":1:2)): error: x', "b:1:2 error: x", id="call by name"),
        pytest.param('loc(fused["a":1:2, "-":3:4]): error: x', "-:3:4 error: x", id="fused"),
        pytest.param(
            'loc(fused<"x">["a\\0Ab":1:2, "n"("c":3:4)]): error: x', "a\nb:1:2 error: x", id="fused, metadata"
        ),
        pytest.param(
            r'loc("a\"b\\c\22d\C3\A9):\09.mlir":1:2): error: x',
            'a"b\\c"dé):\t.mlir:1:2 error: x',
            id="escapes",
        ),
        pytest.param(
            'loc("-":1:2): error: x\nloc("-":3:4): note: y\nnote: z\nloc("-":5:6): error: v',
            "-:1:2 error: x\n  -:3:4 note: y\n  nowhere note: z\n-:5:6 error: v",
            id="notes",
        ),
        pytest.param('loc("-":3:4): note: y', "-:3:4 remark: y", id="a note of nothing"),
        pytest.param(
            'loc("-":1:2): error: x\nloc("-":1:2): note: see current operation: \n"a.b"() ({\n  "c.d"() : () -> ()\n'
            '}) : () -> ()\nloc("-":9:9): error: y',
            '-:1:2 error: x\n  -:1:2 note: see current operation:\n"a.b"() ({\n  "c.d"() : () -> ()\n}) : () -> ()\n'
            "-:9:9 error: y",
            id="a printed operation",
        ),
        pytest.param(
            "<stdin>:7:10: error: text\n  foo bar\n      ^~~\n",
            "<stdin>:7:10 error: text",
            id="a buffer's line and caret",
        ),
        pytest.param(
            "MLIR Textual PassPipeline Parser:1:5: error: no pass\ncse,x\n    ^\n",
            "MLIR Textual PassPipeline Parser:1:5 error: no pass",
            id="a pipeline",
        ),
        pytest.param(
            'loc("-":1:2): warning: x\nToo few arguments to autodiff opCI: %0 = a\n',
            "-:1:2 warning: x\nnowhere error: Too few arguments to autodiff opCI: %0 = a",
            id="a bare sentence",
        ),
        pytest.param(
            " type does not have autodifftypeinterface: vector<4xf64>\n",
            "nowhere error: type does not have autodifftypeinterface: vector<4xf64>",
            id="a bare sentence with a blank",
        ),
        pytest.param(
            "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
            'loc("-":1:2): error: x\nE0000 00:00:1763.4 123 cuda.cc:12] no device\nmore',
            "-:1:2 error: x\nmore",
            id="log lines",
        ),
        pytest.param("func.func private @square(f64) -> f64\n", "", id="no diagnostic"),
        pytest.param('loc("-":1:2) error: x', "", id="a location without a colon"),
        pytest.param('loc("-:1:2): error: x', "", id="an open string"),
    ],
)
def test_reads(printed: str, expected: str) -> None:
    assert shown(problems.parse(printed.encode())) == expected


def test_reads_bytes_that_are_no_text() -> None:
    found = problems.parse(b"loc(\"-\":2:1): error: redefinition of symbol named '\xff\x00a'\n")
    assert shown(found) == "-:2:1 error: redefinition of symbol named '\ufffd\0a'"


@pytest.mark.parametrize(
    ("printed", "error", "expected"),
    [
        pytest.param(
            'loc("-":1:2): error: x',
            "INTERNAL: Failed\nPipeline failed:\nx\n",
            "-:1:2 error: x",
            id="printed",
        ),
        pytest.param(
            'loc("-":1:2): warning: x',
            "INVALID_ARGUMENT: Failed to parse module",
            "-:1:2 warning: x\nnowhere error: Failed to parse module",
            id="only a warning printed",
        ),
        pytest.param(
            "Cannot deduce type of %0\n",
            "INTERNAL: Failed to parse pipeline\nPipeline failed:\n",
            "nowhere error: Cannot deduce type of %0",
            id="other text printed",
        ),
        pytest.param(
            "",
            "INTERNAL: Failed to parse pipeline\nPipeline failed:\n",
            "nowhere error: the pipeline failed, and the engine does not say why",
            id="nothing said",
        ),
        pytest.param(
            "",
            'INTERNAL: Failed to parse pipeline\nPipeline failed:\ncannot differentiate "decl"\n\n',
            'nowhere error: cannot differentiate "decl"',
            id="said by the call only",
        ),
        pytest.param(
            "",
            "INVALID_ARGUMENT: Failed to parse pipeline\n"
            "MLIR Textual PassPipeline Parser:1:5: error: no pass\ncse,x\n    ^\n",
            "MLIR Textual PassPipeline Parser:1:5 error: no pass",
            id="a bad pipeline",
        ),
        pytest.param("", "", "nowhere error: the engine does not say why", id="nothing at all"),
    ],
)
def test_explains_a_failure(printed: str, error: str, expected: str) -> None:
    assert shown(problems.explain(printed.encode(), error)) == expected


PIECES = st.sampled_from(
    [
        *("loc(", '"-"', ":1:2", ")", ": error: ", "note: ", "\n", '"', "\\", "\\4", "fused<", "callsite("),
        *(" at ", "[", "]", "unknown", "Too few arguments to ", "^", " ", "<stdin>:1:1: ", ":99999999999:1"),
    ]
)


@settings(deadline=None)  # A busy machine is no failure.
@given(st.binary() | st.lists(PIECES).map(lambda pieces: "".join(pieces).encode()), st.text())
@example(b'loc("-":' + b"9" * 10_000 + b":1): error: x", "")
@example(b'loc("\\\xff\xc3":1:2): error: x', "\udcff")
@example(b"loc(" + b"callsite(" * 10_000 + b")" * 10_000 + b"): error: x", "")
@example(b'loc("-":1:2): error: x' + b"\n ^" * 10_000, "\n ^" * 10_000)
def test_any_bytes_are_read(printed: bytes, error: str) -> None:
    for found in (problems.parse(printed), problems.explain(printed, error)):
        for problem in found:
            assert problem.place is None or (problem.place.line > 0 and problem.place.column > 0)
    assert any(problem.severity == "error" for problem in problems.explain(printed, error))
