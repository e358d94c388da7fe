"""Workspace symbols: what is found, in which order, and that it is what the outlines show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from enzyme_lsp.features.outline import outline
from enzyme_lsp.features.workspace_symbols import MOST, workspace_symbols
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.library import Library
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_workspace_symbols
from tests.samples import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from enzyme_lsp.features.answers import OutlineItem, SymbolKind

FILES = """
    //- /main.mlir
    func.func private @square(f64) -> f64
    func.func @main(%x: f64) -> f64 { return %x : f64 }
    memref.global "private" constant @table : memref<4xf32>
    module @outer {
      module @inner {
        func.func @Square_Root(%x: f64, %m: memref<?xf32, strided<[1]>>) -> (f64, f64) { return %x, %x : f64, f64 }
      }
    }
    //- /lib.mlir
    func.func @square(%x: f64 {some.name = 1}, %y: f64) -> f64 {
      return %x : f64
    }
    func.func @d_square() { return }
    func.func @"a strange ☃ name"() { return }
    sdy.mesh @mesh = <["x"=2]>
"""


def test_the_best_first():
    check_workspace_symbols(
        "square",
        FILES,
        """
        square  function  (f64, f64) -> f64  /lib.mlir:1:11
        square  function  (f64) -> f64  /main.mlir:1:19
        Square_Root  function  @outer::@inner (f64, memref<?xf32, strided<[1]>>) -> (f64, f64)  /main.mlir:6:15
        d_square  function  () -> ()  /lib.mlir:4:11
        """,
    )


def test_every_sort_of_symbol():
    check_workspace_symbols(
        "",
        FILES,
        """
        main  function  (f64) -> f64  /main.mlir:2:11
        mesh  other  sdy.mesh  /lib.mlir:6:10
        inner  module  @outer  /main.mlir:5:10
        outer  module  /main.mlir:4:8
        table  global  memref.global  /main.mlir:3:34
        square  function  (f64, f64) -> f64  /lib.mlir:1:11
        square  function  (f64) -> f64  /main.mlir:1:19
        d_square  function  () -> ()  /lib.mlir:4:11
        Square_Root  function  @outer::@inner (f64, memref<?xf32, strided<[1]>>) -> (f64, f64)  /main.mlir:6:15
        a strange ☃ name  function  () -> ()  /lib.mlir:5:11
        """,
    )


def library(*texts: str | bytes) -> Library:
    workspace = Workspace(Settings())
    for number, text in enumerate(texts):
        workspace.open(Document.of(f"file:///{number}.mlir", text))
    return Library(workspace)


def test_no_more_than_anybody_reads():
    many = "".join(f"func.func private @f{number}()\n" for number in range(1_000))
    found = workspace_symbols(library(many), "f")
    assert len(found) == MOST
    assert [one.name for one in found[:11]] == [f"f{number}" for number in range(10)] + ["f10"]


def named(items: Iterable[OutlineItem], text: bytes) -> Iterator[tuple[str, SymbolKind, str, int]]:
    """The items of an outline that have a name of their own, as unnamed modules have not."""
    for item in items:
        if item.name_span.of(text)[:1] in (b"@", b'"') and item.name:
            yield item.name, item.kind, item.detail, item.name_span.start
        yield from named(item.children, text)


@given(st.sampled_from(SAMPLES), st.data())
def test_what_is_found_is_what_the_outline_shows(sample: bytes, data: st.DataObject):
    start = data.draw(st.integers(0, len(sample)))
    end = data.draw(st.integers(start, min(start + 30, len(sample))))
    text = sample[:start] + sample[end:]
    workspace = Workspace(Settings())
    snapshot = workspace.open(Document.of("file:///a.mlir", text))
    found = workspace_symbols(Library(workspace), "")
    shown = sorted((start, name, kind.value, detail) for name, kind, detail, start in named(outline(snapshot), text))
    both = sorted((one.place.start, one.name, one.kind.value, one.detail) for one in found)
    assert [one[:3] for one in both] == [one[:3] for one in shown]
    # A search names the modules around a symbol as well, before what the outline shows.
    for one, other in zip(both, shown, strict=True):
        assert one[3].endswith(other[3])
