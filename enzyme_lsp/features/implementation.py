"""Implementation: from a function to its derivatives, which are the ways in which Enzyme implements it again.

In the text these are the operations that differentiate or batch it; in lowered texts that are shown, the functions that
were made of it. The way back is `definition`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.features import lowered
from enzyme_lsp.features.answers import Link
from enzyme_lsp.workspace import occurrences
from enzyme_lsp.workspace.occurrences import NameKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from enzyme_lsp.lowering.source_map import SourceMap
    from enzyme_lsp.workspace.snapshot import Snapshot


def implementation(
    snapshot: Snapshot, offset: int, shown: Iterable[tuple[Snapshot, SourceMap]] = ()
) -> tuple[Link, ...]:
    """The derivatives of the function whose name stands at a byte; `shown` are the lowered texts of the document.

    Raises `Outdated` when an edit has come.
    """
    return tuple(_derivatives(snapshot, offset, shown))


def _derivatives(snapshot: Snapshot, offset: int, shown: Iterable[tuple[Snapshot, SourceMap]]) -> Iterator[Link]:
    named = occurrences.at(snapshot, offset)
    if named is None or named.kind is not NameKind.SYMBOL:
        return
    function = next(iter(occurrences.definitions(snapshot, named)), None)
    if function is None:
        return
    for index, readings in snapshot.readings():
        for reading in readings:
            callee = snapshot.callee(index, reading.call)
            if callee is not None and callee.definition.span.shifted(callee.offset) == function.span:
                name, whole = (
                    snapshot.span_in(index, span) for span in (reading.call.name_span, reading.call.operation.span)
                )
                yield Link(named.span, name, whole)
    for text, source_map in shown:
        for place in lowered.made_of(function, text, source_map.moved(snapshot)):
            yield Link(named.span, elsewhere=place)
