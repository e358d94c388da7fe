"""Pipeline help: what a text means as a pipeline, what is wrong with it, and what can stand at a place of it.

For texts that stand in no document, such as an input box of an editor has. Places are characters of the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from enzyme_lsp.engines.enzyme.allowed import REFUSED
from enzyme_lsp.features.completion import documentation, pipelines
from enzyme_lsp.features.completion.items import plain
from enzyme_lsp.lowering import mistakes
from enzyme_lsp.lowering.passes import TABLE, Passes
from enzyme_lsp.lowering.pipeline import Problem, parse
from enzyme_lsp.syntax import symbols

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.lowering.pipeline import Pipeline
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.snapshot import Snapshot

_MOST: Final = 100
"""Passes that are explained, and problems: nobody types more."""
_LONGEST: Final = 16_384
"""Characters that are looked at."""


@dataclass(frozen=True, slots=True)
class PassMeaning:
    """A pass and what it does, in a few words; empty where nothing is known of it."""

    name: str
    span: Span
    meaning: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing that can stand at `span`: what is shown, what is written, a few words, and a page in Markdown."""

    label: str
    inserted: str
    span: Span
    detail: str
    page: str


@dataclass(frozen=True, slots=True)
class PipelineHelp:
    """All that is said of a text; the proposals are the most likely first."""

    text: str
    passes: tuple[PassMeaning, ...]
    problems: tuple[Problem, ...]
    proposals: tuple[Proposal, ...]


def pipeline_help(
    text: str, character: int | None = None, snapshot: Snapshot | None = None, passes: Passes = TABLE
) -> PipelineHelp:
    """What there is to say of a pipeline. `character` is where one types, None: at its end.

    `snapshot` is the document that the pipeline is for, whose functions options of passes may name. `passes` are
    those of the engine.
    """
    text = text[:_LONGEST]
    read = parse(text)
    at = len(text) if character is None else min(max(character, 0), len(text))
    found, word = pipelines.at(text, at, _functions(snapshot) if snapshot is not None else (), passes)
    return PipelineHelp(
        text,
        tuple(PassMeaning(one.name, one.name_span, passes.summary(one.name)) for one in islice(read.passes(), _MOST)),
        tuple(sorted(islice(_problems(read, passes), _MOST), key=lambda one: one.span)),
        tuple(
            Proposal(one.label, plain(one.inserted), word, one.detail, documentation(one.page, passes)) for one in found
        ),
    )


def _problems(read: Pipeline, passes: Passes) -> Iterator[Problem]:
    yield from read.problems
    for one in read.passes():
        yield from mistakes.of_pass(one, passes)
        if one.name in REFUSED:
            # A pipeline that comes with a request is nobody's own, whatever client sends it.
            yield Problem(one.name_span, f"{one.name} is not run for a text: {REFUSED[one.name]}")


def _functions(snapshot: Snapshot) -> list[str]:
    """The names of the functions at the top of a document."""
    named = (piece.symbol for piece in snapshot.layout.pieces if symbols.is_function(piece.head))
    return [*dict.fromkeys(name for name in named if name is not None)]
