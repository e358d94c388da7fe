"""Pass hover: what a pass or an option of one in a RUN line does; must not know what else hovers tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.features.answers import Hover
from enzyme_lsp.features.completion import pipelines
from enzyme_lsp.lowering import run_line
from enzyme_lsp.lowering.passes import TABLE
from enzyme_lsp.lowering.pipeline import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.lowering.passes import Passes
    from enzyme_lsp.lowering.pipeline import Pass
    from enzyme_lsp.lowering.run_line import Lowering
    from enzyme_lsp.lowering.shell import Word
    from enzyme_lsp.workspace.snapshot import Snapshot


def hover(snapshot: Snapshot, offset: int, engine: Passes = TABLE) -> Hover | None:
    """What is known of the pass or option at a byte; None where none is named. `engine`: those that it has."""
    line = snapshot.document.lines.line_span(snapshot.document.lines.position(offset, "utf-8").line0)
    if b"//" not in line.of(snapshot.document.data)[: offset - line.start + 2]:
        return None
    for lowering in run_line.lowerings(snapshot.document.data):
        passes = engine.of_program(lowering.program) or TABLE
        for one, word, start in _passes(lowering):
            if word.span.touches(line):
                found = _at(one, word, start, offset, passes)
                if found is not None:
                    return found
    return None


def _passes(lowering: Lowering) -> Iterator[tuple[Pass, Word, int]]:
    """Every pass, with the word that it is in and the character of that where its places count from."""
    yield from ((placed.element, placed.word, 0) for placed in lowering.passes)
    for word, start in lowering.texts:
        yield from ((one, word, start) for one in parse(word.text[start:]).passes())


def _at(one: Pass, word: Word, start: int, offset: int, passes: Passes) -> Hover | None:
    """What is said of a pass at a byte: of one of its options there, or of itself."""
    span = word.place(start + one.name_span.start, start + one.name_span.end)
    if span.start <= offset <= span.end and (page := pipelines.page(one.name, passes)):
        return Hover(span, f"`{one.name}`\n\n{page}")
    for option in one.options:
        span = word.place(start + option.name_span.start, start + option.name_span.end)
        if span.start <= offset <= span.end and (page := pipelines.option_page(one.name, option.name, passes)):
            return Hover(span, f"`{option.name}` of `{one.name}`\n\n{page}")
    return None
