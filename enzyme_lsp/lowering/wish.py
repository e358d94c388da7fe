"""Wish: what somebody wants to see lowered, by a name, a text or a RUN line; and what that means in a document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from enzyme_lsp.lowering import pipeline as pipelines
from enzyme_lsp.lowering import run_line
from enzyme_lsp.lowering.lower import Target
from enzyme_lsp.lowering.mistakes import closest, did_you_mean, mistakes
from enzyme_lsp.lowering.passes import TABLE
from enzyme_lsp.lowering.presets import DEFAULT, PRESETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.lowering.passes import Passes
    from enzyme_lsp.lowering.pipeline import Pipeline
    from enzyme_lsp.workspace.snapshot import Snapshot


class NotLoweredError(Exception):
    """What was wished for is not there; the reason is a sentence without a period."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to lower: a section, from 0, and of it only a symbol if `symbol` names one.

    And how: by the name of a preset, a pipeline as text, or the number of a RUN line, from 1. The first that is given
    counts.
    """

    section: int | None = None
    symbol: str = ""
    preset: str = ""
    pipeline: str = ""
    run_line: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A pipeline that can be wished for. `where` is "preset", "setting" or "run line"; `reason` says why it is not run,
    if so.
    """

    where: str
    name: str
    meaning: str
    pipeline: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A wish for one document, as `lower` takes it. `is_trusted`: the pipeline does not stand in the document."""

    target: Target
    pipeline: Pipeline
    is_trusted: bool


def choices(snapshot: Snapshot, passes: Passes = TABLE) -> Iterator[Choice]:
    """The pipelines that have a name, and those of the document's RUN lines. `passes` are those of the engine."""
    for preset in PRESETS.values():
        yield Choice("preset", preset.name, preset.meaning, preset.pipeline)
    for name, text in _own(snapshot).items():
        wrong = mistakes(pipelines.parse(text), passes)
        yield Choice("setting", name, "From the settings", text, wrong[0].message if wrong else "")
    for one in run_line.lowerings(snapshot.document.data):
        line = snapshot.document.lines.position(one.span.start, "utf-8").line0 + 1
        yield Choice("run line", str(one.number), f"The RUN line in line {line}", str(one.pipeline), one.reason)


def order(snapshot: Snapshot, wish: Wish, *, is_trusted: bool = False, trusted: Sequence[str] = ()) -> Order:
    """What a wish means. `is_trusted`: a pipeline that is given as text is the user's own.

    `trusted` are those of the document's settings that are the user's own as well.

    Raises `NotLoweredError`.
    """
    target = target_of(snapshot, wish)
    if wish.preset or not (wish.pipeline or wish.run_line is not None):
        name, own = wish.preset or DEFAULT, _own(snapshot)
        if name in own:
            # Settings may be those of the workspace or of a project, so what they say need not be the user's own.
            return Order(target, _read(own[name]), is_trusted=own[name] == _named(trusted).get(name))
        if name not in PRESETS:
            raise NotLoweredError(f"there is no preset {name}{did_you_mean(closest(name, [*own, *PRESETS]))}")
        return Order(target, pipelines.parse(PRESETS[name].pipeline), is_trusted=True)
    if wish.pipeline:
        return Order(target, _read(wish.pipeline), is_trusted)
    return Order(target, of_run_line(snapshot.document.data, wish.run_line or 0), is_trusted=False)


def on_save(snapshot: Snapshot, *, trusted: Sequence[str] = ()) -> Iterator[Order]:
    """How a saved document is lowered, section by section, by its settings or its first RUN line.

    Nothing if that is expected to fail. Raises `NotLoweredError`.
    """
    name = snapshot.settings.lowering.on_save_pipeline
    asked = Wish(preset=name)
    if not name:
        first = next((one for one in run_line.lowerings(snapshot.document.data) if not one.reason), None)
        if first is not None and (first.fails or first.verifies_diagnostics):
            return
        asked = Wish(run_line=None if first is None else first.number)
    for target in sections(snapshot):
        yield replace(order(snapshot, asked, trusted=trusted), target=target)


def sections(snapshot: Snapshot) -> list[Target]:
    """The sections that hold something."""
    pieces = snapshot.layout.pieces
    return [
        Target(number)
        for number, section in enumerate(snapshot.sections)
        if any(pieces[index].text.strip() for index in range(section.first, section.last))
    ]


def _read(text: str) -> Pipeline:
    read = pipelines.parse(text)
    if read.problems:
        first = min(read.problems, key=lambda one: one.span)
        raise NotLoweredError(f"the pipeline cannot be read at character {first.span.start + 1}: {first.message}")
    return read


def _own(snapshot: Snapshot) -> dict[str, str]:
    """The pipelines of the settings, by name; of the same name, the last."""
    return _named(snapshot.settings.lowering.pipelines)


def _named(written: Sequence[str]) -> dict[str, str]:
    """Pipelines by name. What has no colon has no name, and is left out."""
    parts = [one.partition(":") for one in written]
    return {name.strip(): text.strip() for name, colon, text in parts if colon and name.strip()}


def of_run_line(data: bytes, number: int) -> Pipeline:
    """The passes of a RUN line. Raises `NotLoweredError`."""
    known = run_line.lowerings(data)
    found = next((one for one in known if one.number == number), None)
    if found is None:
        numbers = ", ".join(str(one.number) for one in known)
        rest = f"there are: {numbers}" if numbers else "the file has none"
        raise NotLoweredError(f"there is no RUN line {number}; {rest}")
    if found.reason:
        raise NotLoweredError(f"RUN line {number} is not lowered: {found.reason}")
    return found.pipeline


def target_of(snapshot: Snapshot, wish: Wish) -> Target:
    """The section or symbol that is wished for. Raises `NotLoweredError`."""
    sections = len(snapshot.sections)
    if wish.section is not None and not 0 <= wish.section < sections:
        raise NotLoweredError(f"there is no section {wish.section}; the document has {sections}")
    if not wish.symbol:
        return Target(wish.section or 0)
    name = wish.symbol.removeprefix("@")
    found = [one for one in symbols_named(snapshot, name) if wish.section in (None, one.section)]
    if not found:
        names = [known for scope in snapshot.scopes.scopes for known in scope.symbols]
        raise NotLoweredError(f"there is no symbol @{name}{did_you_mean(closest(name, names), '@')}")
    return found[0]


def symbols_named(snapshot: Snapshot, name: str) -> list[Target]:
    """Every symbol of a name, in the order of the text."""
    scopes = snapshot.scopes.scopes
    found = [Target(scope.section, index) for scope in scopes for index in scope.symbols.get(name, ())]
    return sorted(found, key=lambda one: one.piece or 0)
