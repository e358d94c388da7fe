"""Line ends: what an action makes of a text does not depend on how its lines end."""

from __future__ import annotations

import pytest

from enzyme_lsp.features.code_actions import code_actions_with_edits
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.workspace import Workspace

TEXT = """\
// A comment.
func.func @f(%x: f64) -> f64 {
  // Inside.
  %y = arith.mulf %x, %x : f64

  return %y : f64
}
// Between.
func.func @d(%x: f64, %dr: f64) -> f64 {
  %0 = enzyme.autodiff @f(%x, %dr) {
    activity = [#enzyme<activity enzyme_active>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, f64) -> f64
  %1 = func.call @f(%0) : (f64) -> f64
  return %1 : f64
}
"""


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("place", ["f(%x: f64)", "enzyme.autodiff", "func.call"])
def test_lines_end_as_those_of_the_text(place: str, end: str):
    made = changed(TEXT, place)
    assert len(made) > 3
    assert changed(TEXT.replace("\n", end), place) == {title: text.replace("\n", end) for title, text in made.items()}


def changed(text: str, place: str) -> dict[str, str]:
    """What each action at a place makes of a text."""
    document = Document.of("file:///a.mlir", text)
    at = document.data.index(place.encode())
    offered = code_actions_with_edits(Workspace(Settings()).open(document), Span(at, at))
    return {one.title: one.edits.apply(document.data).decode() for one in offered if one.edits is not None}
