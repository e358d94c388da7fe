"""Properties of rename over any text: it is refused with a reason, or every name means what it meant, and it can go back."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from enzyme_lsp.features.answers import RefusedError
from tests.bench.formatting import opened
from tests.bench.rename import NEW, broken_promises
from tests.fuzz.test_fixes import spoiled
from tests.fuzz.test_syntax import TEXTS
from tests.samples import SAMPLES

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot

_NAMES = frozenset(b"%^@#!")


def _places(snapshot: Snapshot) -> list[int]:
    """Where names begin, and the end of the text."""
    data = snapshot.document.data
    return [*(at for at, byte in enumerate(data) if byte in _NAMES), len(data)]


def _other_names(snapshot: Snapshot) -> list[str]:
    """New names, and those that the text has."""
    words = {
        piece.tree.tokens.word(token).decode("utf-8", "replace")
        for piece in snapshot.layout.pieces
        for token in range(len(piece.tree.tokens))
        if piece.tree.tokens.word(token)[0] in _NAMES
    }
    return [*NEW, *sorted(words)]


@settings(deadline=None, max_examples=60)
@given(st.one_of(st.sampled_from(SAMPLES), spoiled(), TEXTS), st.data())
def test_what_is_not_refused_keeps_its_promises(text: bytes, data: st.DataObject) -> None:
    snapshot = opened(text)
    offset = data.draw(st.sampled_from(_places(snapshot)))
    new_name = data.draw(st.sampled_from(_other_names(snapshot)))
    with suppress(RefusedError):
        assert [*broken_promises(snapshot, offset, new_name)] == []
