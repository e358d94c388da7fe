"""Completion in functions that are too long to be parsed for a list."""

from __future__ import annotations

from enzyme_lsp.features import completion
from enzyme_lsp.features.completion.excerpt import LONGEST, excerpt
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import EditSet
from enzyme_lsp.workspace.workspace import Workspace

CURSOR = "<|>"
INNER = "".join(
    f"      %v{number} = memref.load %m[%i] : memref<4xf64>\n      memref.store %v{number}, %m[%i] : memref<4xf64>\n"
    for number in range(300)
)
LARGE = ", ".join(["1.0"] * 1_000)
TEXT = f"""\
func.func @square(%x: f64) -> f64 {{
  return %x : f64
}}
func.func @long(%m: memref<4xf64>, %n: index, %far: f64) -> f64 {{
  %c1 = arith.constant 1 : index
  %table = arith.constant dense<[{LARGE}]> : tensor<1000xf64>
  scf.for %i = %c1 to %n step %c1 {{
    scf.for %j = %c1 to %n step %c1 {{
{INNER}
    }}
    %near = arith.addf %far, %far : f64
    {CURSOR}
  }}
  return %far : f64
}}
"""


def asked(typed: str) -> tuple[Document, completion.Completions]:
    before, _, behind = TEXT.partition(CURSOR)
    document = Document.of("untitled:1", f"{before}{typed}{behind}")
    snapshot = Workspace(Settings()).open(document)
    return document, completion.completion(snapshot, len(f"{before}{typed}"))


def test_values_of_the_blocks_around_and_none_of_those_that_are_closed() -> None:
    _, found = asked('"a.b"(%')
    labels = [one.label for one in found.items]
    assert sorted(labels) == ["%c1", "%far", "%i", "%m", "%n", "%near", "%table"]
    assert labels[0] == "%near"
    assert {one.label: one.detail for one in found.items}["%table"] == "tensor<1000xf64>"


def test_what_is_changed_elsewhere_is_at_its_place_in_the_document() -> None:
    document, found = asked("enzyme.autodiff @square ")
    item = next(one for one in found.items if one.edits)
    line = EditSet(item.edits).apply(document.data).decode().split("\n")[-5]
    assert line == "    %0 = enzyme.autodiff @square "


def test_a_short_text_is_taken_as_it_is() -> None:
    text = b"func.func @f() {\n}\n"
    assert excerpt(text, 5) == (text, 5)


def test_nothing_inside_a_line_that_goes_on_and_on() -> None:
    assert excerpt(b"x" * (4 * LONGEST), 2 * LONGEST) is None


def test_braces_that_close_are_kept_with_what_they_close() -> None:
    line = b"  %v = a.b %v : f64\n"
    block = b"  scf.for %i = %a to %b step %c {\n" + b"    a.b\n" * 10 + b"  }\n"
    text = b"func.func @f() {\n" + line * 400 + block * 200 + b"  "
    found = excerpt(text, len(text))
    assert found is not None
    short, at = found
    assert at == len(short)
    assert short.count(b"{") - short.count(b"}") == 1
    assert short.startswith(b"func.func @f() {\n")
