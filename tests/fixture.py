"""The test notation: MLIR text with a cursor and with labels under it; only the helpers at the end know our API.

    <|>                       the cursor; two of them mark a selection
    //- /lib.mlir             a file begins (a fixture without a header is /test.mlir)
    // ^^^^ label             the label belongs to the text above the carets; the blank before them may be left out
    //<^^^ label              the same, but the first caret means the column where `//` stands

A fixture that begins with a line break is dedented. Carets count the columns of the nearest line above that is
no label, its cursors taken out; so labels stack. The tool sees the text without labels and cursors, so a label
that changes cannot change what is found. A label that ends in `...` matches what begins like it. Labels match
one to one: one that is missing fails as one too many does. `UPDATE_EXPECT=1` rewrites the fixture in its file.

The label of a diagnostic is `error[code]: message`, or `warning`, `info` or `hint`; its related places are
labelled `note: message` where they are.

A change is told by two texts, `before` with a cursor or a selection and `after` as it must be then; leave `after` empty
in a new test, and `UPDATE_EXPECT=1` writes it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pytest

from enzyme_lsp.checks.diagnostic import Diagnostic, Note, Severity
from enzyme_lsp.features import (
    answers,
    call_hierarchy,
    code_actions,
    code_lens,
    completion,
    definition,
    diagnostics,
    fix_all,
    folding,
    formatting,
    highlights,
    hover,
    implementation,
    inlay_hints,
    links,
    outline,
    references,
    rename,
    selection,
    semantic_tokens,
    signature_help,
    workspace_symbols,
)
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document, decode
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification.deep import DeepVerdict
from enzyme_lsp.verification.value_types import NOTHING_KNOWN, KnownTypes
from enzyme_lsp.verification.verdict import Verdict
from enzyme_lsp.workspace.library import Library
from enzyme_lsp.workspace.snapshot import Snapshot
from enzyme_lsp.workspace.workspace import Workspace
from tests import update

if TYPE_CHECKING:
    from pathlib import Path

    from tests.judges import EngineThread

CURSOR = "<|>"

Judge: TypeAlias = Callable[[Snapshot], Verdict]
"""An engine for a test: what the compiler says about a snapshot, waited for."""

DeepJudge: TypeAlias = Callable[[Snapshot, Sequence[Span]], DeepVerdict]
"""The same for its differentiation ops, but for those with one of the errors."""


@dataclass(frozen=True, slots=True, order=True)
class Label:
    """Words under a stretch of one line. `column` and `length` count characters; `length` is at least 1."""

    line0: int
    column: int
    length: int
    text: str


@dataclass(frozen=True, slots=True)
class File:
    """One file of a fixture as the tool sees it."""

    path: str
    text: str
    labels: tuple[Label, ...]
    cursors: tuple[int, ...]
    """Byte offsets, in order."""

    @property
    def uri(self) -> str:
        return f"file://{self.path}"

    def document(self) -> Document:
        return Document.of(self.uri, self.text)


@dataclass(frozen=True, slots=True)
class Fixture:
    """The files of one fixture; can draw itself again with other labels."""

    source: str
    files: tuple[File, ...]
    lines: tuple[_Line, ...]
    margin: str

    @staticmethod
    def parse(source: str) -> Fixture:
        margin = _margin(source)
        lines = tuple(_lines(source, margin))
        paths = list(dict.fromkeys(line.path for line in lines if line.path))
        return Fixture(source, tuple(_file(path, lines) for path in paths), lines, margin)

    @property
    def file(self) -> File:
        """The only file of a fixture that has one."""
        (file,) = self.files
        return file

    def drawn(self, found: Mapping[str, Iterable[Label]]) -> str:
        """The source with the labels found, by path, in the place of its own.

        A label of the source that matches a found one stays as it is written.
        """
        missing = sorted((path, label) for path, labels in found.items() for label in labels)
        kept: set[int] = set()
        # Equal labels first: else `a...` could take the place of `ab` from the label that spells it out.
        for is_match in (_equal, _prefix):
            for number, line in enumerate(self.lines):
                wanted = line.label
                if wanted is None or number in kept:
                    continue
                match = next((m for m in missing if m[0] == line.path and is_match(wanted, m[1])), None)
                if match is not None:
                    kept.add(number)
                    missing.remove(match)

        drawn: list[str] = []
        for number, line in enumerate(self.lines):
            if line.label is None or number in kept:
                drawn.append(line.raw)
            following = self.lines[number + 1] if number + 1 < len(self.lines) else None
            if line.line0 is not None and (following is None or following.label is None):
                here = [each for each in missing if (each[0], each[1].line0) == (line.path, line.line0)]
                code = next(c.code for c in self.lines if c.label is None and _same_line(c, line))
                drawn += [self.margin + _drawn(label, code) for _, label in here]
                missing = [each for each in missing if each not in here]
        if missing:
            raise AssertionError(f"labels outside the fixture: {missing}")
        return "\n".join(drawn)


def check_labels(fixture: Fixture, found: Mapping[str, Iterable[Label]], *, written_in: Path | None = None) -> None:
    """Fail, or rewrite the fixture, unless its labels are those found, by path."""
    __tracebackhide__ = True
    drawn = fixture.drawn(found)
    if drawn == fixture.source:
        return
    if update.is_wanted():
        update.replace(fixture.source, drawn, written_in=written_in)
    else:
        pytest.fail(_difference(fixture.source, drawn), pytrace=False)


def check_expect(found: str, expect: str) -> None:
    """Fail, or rewrite `expect` in the test, unless it is the text found; margins aside."""
    __tracebackhide__ = True
    drawn = _redrawn(expect, "\n".join(line.rstrip() for line in found.split("\n")))
    if _dedented(expect) == _dedented(drawn):
        return
    if update.is_wanted():
        update.replace(expect, drawn)
    else:
        pytest.fail(_difference(expect, drawn), pytrace=False)


def check_diagnostics(
    fixture: str,
    settings: Settings | None = None,
    *,
    engine: Judge | None = None,
    deep: DeepJudge | None = None,
    written_in: Path | None = None,
) -> None:
    """Each file's diagnostics are its labels: those found without a compiler, or with the one given.

    `deep`, an engine too, has lowered every differentiation op that has no error.
    `written_in` is for a fixture that is no literal of the test: the file in which it stands, at any indent.
    """
    __tracebackhide__ = True
    parsed = Fixture.parse(fixture)
    workspace = Workspace(settings or Settings())
    snapshots = {file.path: workspace.open(file.document()) for file in parsed.files}
    found = {
        path: [
            label
            for diagnostic in _found(snapshot, engine, deep)
            for label in diagnostic_labels(snapshot.document, diagnostic)
        ]
        for path, snapshot in snapshots.items()
    }
    check_labels(parsed, found, written_in=written_in)


def check_fix(before: str, after: str, *, title: str | None = None, settings: Settings | None = None) -> None:
    """The quick fix at the cursor of `before`, or for its selection, makes the text `after`.

    It is the preferred one; `title` names another one where several are offered. Every finding that it is offered for
    goes away, or the fix is none.
    """
    __tracebackhide__ = True
    snapshot, place = _asked(before, settings)
    offered = _quick_fixes(snapshot, place)
    chosen = [action for action in offered if (action.title == title if title else action.is_preferred)]
    if len(chosen) != 1 or chosen[0].edits is None:
        shown = "\n".join(f"{'preferred: ' * action.is_preferred}{action.title}" for action in offered) or "no fix"
        pytest.fail(f"a fix called {title!r} is wanted, or one that is preferred; offered is:\n{shown}", pytrace=False)
    (fix,) = chosen
    found = _edited(snapshot, chosen[0].edits)
    for mended in fix.mends:
        was, is_ = (_count(each, mended) for each in (snapshot, found))
        assert is_ < was, f"{mended.code} is still there after {fix.title!r}: {mended.message}"
    _check_text(found.document.data, after, before)


def check_no_fix(fixture: str, *, settings: Settings | None = None) -> None:
    """No quick fix is offered at the cursor; without a cursor, nowhere in the text."""
    __tracebackhide__ = True
    offered = _quick_fixes(*_asked(fixture, settings))
    assert not offered, f"offered: {[action.title for action in offered]}"


def check_fix_all(before: str, after: str, *, settings: Settings | None = None) -> None:
    """All certain fixes of `before` make the text `after`."""
    __tracebackhide__ = True
    snapshot, _ = _asked(before, settings)
    _check_text(fix_all.fix_all(snapshot).edits.apply(snapshot.document.data), after, before)


def check_action(id_: str, before: str, after: str, *, settings: Settings | None = None) -> None:
    """The refactoring with that id makes the text `after` at the cursor of `before`, or for its selection."""
    __tracebackhide__ = True
    snapshot, place = _asked(before, settings)
    action = _refactoring(id_, snapshot, place)
    assert action is not None, f"{id_} is not offered here"
    assert action.edits is not None, f"{id_} is disabled: {action.disabled_reason}"
    _check_text(action.edits.apply(snapshot.document.data), after, before)


def check_stops(id_: str, before: str, after: str) -> None:
    """The same, where `after` has the stops of the edits as `${1:f}`."""
    __tracebackhide__ = True
    snapshot, place = _asked(before, None)
    action = _refactoring(id_, snapshot, place)
    assert action is not None
    assert action.edits is not None, f"{id_} is disabled: {action.disabled_reason}"
    marked = EditSet(Edit(edit.span, _with_stops(edit)) for edit in action.edits.edits)
    _check_text(marked.apply(snapshot.document.data), after, before)


def _with_stops(edit: Edit) -> bytes:
    text, at = b"", 0
    for stop in edit.stops:
        text += edit.new[at : stop.span.start] + b"${%d:%s}" % (stop.number, stop.span.of(edit.new))
        at = stop.span.end
    return text + edit.new[at:]


def check_no_action(id_: str, fixture: str, *, reason: str | None = None, settings: Settings | None = None) -> None:
    """The refactoring with that id cannot be used at the cursor; with `reason`, it is shown with that one."""
    __tracebackhide__ = True
    action = _refactoring(id_, *_asked(fixture, settings))
    if reason is not None:
        assert action is not None, f"{id_} is not offered here, not even with a reason"
        assert action.disabled_reason == reason
    else:
        assert action is None or action.disabled_reason is not None, f"{id_} is offered: {action.title}"


def check_engine_action(engine: EngineThread, id_: str, before: str, after: str) -> None:
    """As `check_action`, for a refactoring whose edits an engine is asked for."""
    __tracebackhide__ = True
    snapshot, _ = _asked(before, None)
    edits = _resolved_by(engine, id_, before).edits
    assert edits is not None
    _check_text(edits.apply(snapshot.document.data), after, before)


def check_engine_refusal(engine: EngineThread, id_: str, fixture: str, reason: str) -> None:
    """The refactoring with that id is offered, but what the engine says makes it impossible."""
    __tracebackhide__ = True
    with pytest.raises(RefusedError) as refusal:
        _resolved_by(engine, id_, fixture)
    assert str(refusal.value) == reason


def check_formatting(before: str, after: str, *, tab_size: int = 4, insert_spaces: bool = True) -> None:
    """Formatting makes the text `after` of `before`, or of its selection. Of a whole text, asked again it does nothing."""
    __tracebackhide__ = True
    snapshot, place = _asked(before, None)
    edits = formatting.formatted(snapshot, place, tab_size, insert_spaces)
    found = edits.apply(snapshot.document.data)
    if place == Span(0, len(snapshot.document.data)):
        again = formatting.formatted(_edited(snapshot, edits), None, tab_size, insert_spaces)
        assert not again.edits, f"asked again, it would change {again.edits} in:\n{found.decode(errors='replace')}"
    _check_text(found, after, before)


def check_on_type(typed: str, before: str, after: str) -> None:
    """When `typed` has just been typed before the cursor of `before`, text and cursor are made those of `after`."""
    __tracebackhide__ = True
    snapshot, place = _asked(before, None)
    edits = formatting.on_type(snapshot, place.end, typed)
    found = edits.apply(snapshot.document.data)
    behind = max([place.end, *(edit.span.end for edit in edits.edits)])
    at = len(found) - (len(snapshot.document.data) - behind)
    _check_text(found[:at] + CURSOR.encode() + found[at:], after, before)


def check_rename(
    new_name: str, before: str, after: str, *, settings: Settings | None = None, and_back: bool = True
) -> None:
    """Another name for what is at the cursor of `before` makes the text `after`; the old name there makes it `before`."""
    __tracebackhide__ = True
    snapshot, place = _asked(before, settings)
    edits = rename.rename(snapshot, place.start, new_name)
    renamed = _edited(snapshot, edits)
    if and_back:
        old = rename.prepare(snapshot, place.start)
        moved = sum(edit.delta for edit in edits.edits if edit.span.end <= old.span.start)
        again = rename.rename(renamed, old.span.start + moved, old.name).apply(renamed.document.data)
        assert again == snapshot.document.data, f"renamed back it is:\n{again.decode()}"
    _check_text(renamed.document.data, after, before)


def check_no_rename(new_name: str, fixture: str, reason: str) -> None:
    """What is at the cursor cannot be given that name; the reason is one line."""
    __tracebackhide__ = True
    snapshot, place = _asked(fixture, None)
    with pytest.raises(RefusedError) as refused:
        rename.rename(snapshot, place.start, new_name)
    if str(refused.value) == reason:
        return
    if update.is_wanted():
        update.replace(reason, str(refused.value))
    else:
        pytest.fail(_difference(reason, str(refused.value)), pytrace=False)


def check_folds(fixture: str, *, most: int | None = None) -> None:
    """Each fold is labelled where it begins: its kind, and the number of the last line that it takes, from 1."""
    __tracebackhide__ = True
    parsed = Fixture.parse(fixture)
    snapshot = Workspace(Settings()).open(parsed.file.document())
    lines = snapshot.document.lines
    labels = [
        label(
            snapshot.document,
            Span(one.span.start, one.span.start),
            f"{one.kind.value} to {lines.position(one.span.end, 'utf-8').line0 + 1}",
        )
        for one in folding.folding(snapshot, most)
    ]
    check_labels(parsed, {parsed.file.path: labels})


def check_selection(fixture: str, expect: str) -> None:
    """What can be selected at the cursor, from inside out: one line each; of several lines the first and the last."""
    __tracebackhide__ = True
    snapshot, place = _asked(fixture, None)
    found = [decode(span.of(snapshot.document.data)).split("\n") for span in selection.selection(snapshot, place.start)]
    shown = [one[0] if len(one) == 1 else f"{one[0]} ... {one[-1].strip()}" for one in found]
    check_expect("\n".join(shown), expect)


def check_hints(
    fixture: str, settings: Settings | None = None, types: Callable[[Snapshot], KnownTypes] = lambda _: NOTHING_KNOWN
) -> None:
    """The inlay hints are the labels `hint: words`, each under the byte that it stands before.

    `types` gives what an engine tells of the text, as the fixture `classic` has it in `classic.types`.
    """
    __tracebackhide__ = True
    parsed = Fixture.parse(fixture)
    snapshot = Workspace(settings or Settings()).open(parsed.file.document())
    found = inlay_hints.inlay_hints(snapshot, Span(0, len(snapshot.document.data)), types(snapshot))
    labels = [label(snapshot.document, Span(one.offset, one.offset), f"hint: {one.label}") for one in found]
    check_labels(parsed, {parsed.file.path: labels})


def check_lenses(fixture: str, settings: Settings | None = None) -> None:
    """The code lenses are the labels `lens: title`; the places that one shows are labelled `shown`."""
    __tracebackhide__ = True
    parsed = Fixture.parse(fixture)
    snapshot = Workspace(settings or Settings()).open(parsed.file.document())
    labels: list[Label] = []
    for lens in code_lens.code_lenses(snapshot, code_lens.LensKind):
        lowered = f" {lens.symbol}" if lens.symbol else ""
        labels.append(label(snapshot.document, lens.span, f"lens: {lens.title}{lowered}"))
        labels += [label(snapshot.document, span, "shown") for span in lens.places]
    check_labels(parsed, {parsed.file.path: labels})


def check_hover(fixture: str, expect: str, types: Callable[[Snapshot], KnownTypes] = lambda _: NOTHING_KNOWN) -> None:
    """What is said at the cursor: first the text that it is about, in brackets, then the page; else `nothing`.

    `types` gives what an engine tells of the text, as the fixture `classic` has it in `classic.types`.
    """
    __tracebackhide__ = True
    snapshot, place = _asked(fixture, None)
    found = hover.hover(snapshot, place.start, types(snapshot))
    shown = "nothing"
    if found is not None:
        shown = f"[{decode(found.span.of(snapshot.document.data))}]\n{found.markdown}"
    check_expect(shown, expect)


def check_signature(fixture: str, expect: str) -> None:
    """What is being called at the cursor: one line, the active parameter between `<` and `>`, and what it gives."""
    __tracebackhide__ = True
    snapshot, place = _asked(fixture, None)
    found = signature_help.signature_help(snapshot, place.start)
    shown = "nothing"
    if found is not None:
        start, end = found.parameters[found.active] if found.active is not None else (0, 0)
        marked = f"{found.label[:start]}<{found.label[start:end]}>{found.label[end:]}" if end else found.label
        shown = "\n".join(part for part in (marked, found.documentation) if part)
    check_expect(shown, expect)


def check_completion(
    fixture: str,
    expect: str,
    *,
    most: int = 8,
    trigger: str = "",
    types: Callable[[Snapshot], KnownTypes] = lambda _: NOTHING_KNOWN,
) -> None:
    """What can stand at the cursor, the first `most` of it: label, kind and detail of each.

    Of an item that writes something else than its label that follows, holes as `{...}`; then what it changes elsewhere,
    by the text that the line gets. `types` is as in `check_hints`.
    """
    __tracebackhide__ = True
    snapshot, place = _asked(fixture, None)
    found = completion.completion(snapshot, place.end, trigger, types(snapshot))
    lines: list[str] = []
    for one in found.items[:most]:
        lines.append("  ".join(part for part in (one.label, one.kind.value, one.detail) if part))
        if one.template:
            shown = "".join(part if isinstance(part, str) else f"{{{part.text}}}" for part in one.template)
            lines.append(f"  writes {shown}")
        if one.edits:
            document = snapshot.document.edited_at_once(EditSet(one.edits), version=2)
            line0 = snapshot.document.lines.position(place.end, "utf-8").line0
            line = document.lines.line_span(line0).of(document.data).decode().strip()
            lines.append(f"  makes the line {line}")
    check_expect("\n".join(lines) or "nothing", expect)


def check_tokens(fixture: str) -> None:
    """The semantic tokens on lines that have labels are those labels: `type`, `type.declaration`..."""
    __tracebackhide__ = True
    parsed = Fixture.parse(fixture)
    snapshot = Workspace(Settings()).open(parsed.file.document())
    wanted = {one.line0 for one in parsed.file.labels}
    labels = [
        label(snapshot.document, Span(one.start, one.end), _token_words(one))
        for one in semantic_tokens.semantic_tokens(snapshot)
        if snapshot.document.lines.position(one.start, "utf-8").line0 in wanted
    ]
    check_labels(parsed, {parsed.file.path: labels})


def check_definition(fixture: str) -> None:
    """Where the cursor leads is labelled `definition`; what leads to a file that the text names, `in file:line:column`."""
    __tracebackhide__ = True
    _check_places(fixture, definition.definition, "definition")


def check_declaration(fixture: str) -> None:
    """The same, `declaration`."""
    __tracebackhide__ = True
    _check_places(fixture, definition.declaration, "declaration")


def check_type_definition(fixture: str) -> None:
    """The same, `type`."""
    __tracebackhide__ = True
    _check_places(fixture, lambda _, snapshot, offset: definition.type_definition(snapshot, offset), "type")


def check_implementation(fixture: str) -> None:
    """The same, `derivative`."""
    __tracebackhide__ = True
    _check_places(fixture, lambda _, snapshot, offset: implementation.implementation(snapshot, offset), "derivative")


def _check_places(fixture: str, ask: Callable[[Library, Snapshot, int], Iterable[answers.Link]], word: str) -> None:
    __tracebackhide__ = True
    parsed = Fixture.parse(fixture)
    workspace = Workspace(Settings())
    opened = {file.path: workspace.open(file.document()) for file in parsed.files}
    library = Library(workspace)
    (asked,) = [file for file in parsed.files if file.cursors]
    document = opened[asked.path].document
    found: dict[str, list[Label]] = {path: [] for path in opened}
    for link in ask(library, opened[asked.path], asked.cursors[0]):
        if link.elsewhere is not None:
            place = link.elsewhere.place
            first, last = place.columns("utf-32")
            found[link.elsewhere.uri.removeprefix("file://")].append(Label(place.line0, first, last - first, word))
        elif link.file is not None:
            text = f"in {link.file.path}:{link.file.line0 + 1}:{link.file.column + 1}"
            found[asked.path].append(label(document, link.origin, text))
        elif link.name is not None:
            found[asked.path].append(label(document, link.name, word))
    check_labels(parsed, found)


def check_references(fixture: str) -> None:
    """What means the same as the name at the cursor is labelled `use`; without a label is what defines it, `definition`."""
    __tracebackhide__ = True
    parsed = Fixture.parse(fixture)
    snapshot = Workspace(Settings()).open(parsed.file.document())
    (cursor,) = parsed.file.cursors
    uses = references.references(snapshot, cursor, include_definitions=False)
    labels = [
        label(snapshot.document, span, "use" if span in uses else "definition")
        for span in references.references(snapshot, cursor, include_definitions=True)
    ]
    check_labels(parsed, {parsed.file.path: labels})


def check_highlights(fixture: str) -> None:
    """The occurrences of what is at the cursor are labelled `read` or `write`."""
    __tracebackhide__ = True
    parsed = Fixture.parse(fixture)
    snapshot = Workspace(Settings()).open(parsed.file.document())
    found = highlights.highlights(snapshot, parsed.file.cursors[0])
    labels = [label(snapshot.document, one.span, one.access.value) for one in found]
    check_labels(parsed, {parsed.file.path: labels})


def check_symbols(fixture: str, expect: str) -> None:
    """The outline, one line for each item: its name, kind, detail and lines, indented below what it is in."""
    __tracebackhide__ = True
    document = Fixture.parse(fixture).file.document()
    shown: list[str] = []
    pending = [(item, "") for item in reversed(outline.outline(Workspace(Settings()).open(document)))]
    while pending:
        item, indent = pending.pop()
        first, last = (document.lines.position(at, "utf-8").line0 + 1 for at in (item.span.start, item.span.end))
        lines = f"line {first}" if first == last else f"lines {first} to {last}"
        shown.append(indent + "  ".join(part for part in (item.name, item.kind.value, item.detail, lines) if part))
        pending += [(child, indent + "  ") for child in reversed(item.children)]
    check_expect("\n".join(shown) or "nothing", expect)


def check_links(fixture: str, folder: Path) -> None:
    """What leads to another file of the fixture is labelled `file:line:column`. The files are written below `folder`."""
    __tracebackhide__ = True
    parsed = Fixture.parse(fixture)
    for file in parsed.files:
        path = folder / file.path.removeprefix("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text)
    workspace = Workspace(Settings())
    library = Library(workspace)
    library.set_folders([folder.as_uri()], 100)
    found: dict[str, list[Label]] = {}
    for file in parsed.files:
        snapshot = workspace.open(Document.of(f"{folder.as_uri()}{file.path}", file.text))
        found[file.path] = [
            label(snapshot.document, link.origin, f"{path}:{link.file.line0 + 1}:{link.file.column + 1}")
            for link in links.links(library, snapshot)
            if link.file is not None and (path := link.file.path.removeprefix(f"{folder}/"))
        ]
    check_labels(parsed, found)


def check_calls(fixture: str) -> None:
    """The call hierarchy of the function at the cursor: each item is labelled `item`, and each place that makes an edge
    `in caller` or `out callee`, all with the item's detail. Labels whose function is in another file say so.
    """
    __tracebackhide__ = True
    parsed = Fixture.parse(fixture)
    workspace = Workspace(Settings())
    opened = {file.path: workspace.open(file.document()) for file in parsed.files}
    library = Library(workspace)
    (asked,) = [file for file in parsed.files if file.cursors]
    found: dict[str, list[Label]] = {path: [] for path in opened}
    for item in call_hierarchy.prepare(library, opened[asked.path], asked.cursors[0]):
        where = item.where
        path = (where.document.uri if isinstance(where, call_hierarchy.Here) else where.uri).removeprefix("file://")
        document = opened[path].document
        if isinstance(where, call_hierarchy.Here):
            found[path].append(label(document, where.name, f"item: {item.detail}"))
        else:
            first, last = where.place.columns("utf-32")
            found[path].append(Label(where.place.line0, first, last - first, f"item: {item.detail}"))
        for way, ask in (("in", call_hierarchy.incoming), ("out", call_hierarchy.outgoing)):
            for call in ask(library, document.uri, item.name, item.start):
                at = call.item.where
                other = at.document.uri if isinstance(at, call_hierarchy.Here) else at.uri
                file = f" of {other.removeprefix('file://')}" * (other != call.document.uri)
                text = f"{way} {call.item.name}{file}{': ' * bool(call.item.detail)}{call.item.detail}"
                found[call.document.uri.removeprefix("file://")] += [
                    label(call.document, span, text) for span in call.spans
                ]
    check_labels(parsed, found)


def check_workspace_symbols(query: str, fixture: str, expect: str) -> None:
    """What a query finds in the files of a fixture, all of them open: one line for each symbol, the best first."""
    __tracebackhide__ = True
    parsed = Fixture.parse(fixture)
    workspace = Workspace(Settings())
    for file in parsed.files:
        workspace.open(file.document())
    lines: list[str] = []
    for one in workspace_symbols.workspace_symbols(Library(workspace), query):
        column = one.place.columns("utf-32")[0]
        place = f"{one.uri.removeprefix('file://')}:{one.place.line0 + 1}:{column + 1}"
        lines.append("  ".join(part for part in (one.name, one.kind.value, one.detail, place) if part))
    check_expect("\n".join(lines) or "nothing", expect)


def _token_words(token: semantic_tokens.SemanticToken) -> str:
    more = [str(one.name).lower() for one in semantic_tokens.Modifier if one and one in token.modifiers]
    return ".".join([token.type.name.lower(), *more])


def _found(snapshot: Snapshot, engine: Judge | None, deep: DeepJudge | None) -> tuple[Diagnostic, ...]:
    verdict = engine(snapshot) if engine else None
    found = diagnostics.diagnostics(snapshot, verdict)
    if deep is None:
        return found
    errors = [one.span for one in found if one.severity is Severity.ERROR]
    return diagnostics.diagnostics(snapshot, verdict, deep(snapshot, errors))


def diagnostic_labels(document: Document, diagnostic: Diagnostic) -> Iterator[Label]:
    """One for the diagnostic, one for each of its notes; a note without a place stands under the diagnostic."""
    word = {Severity.INFORMATION: "info"}.get(diagnostic.severity, diagnostic.severity.name.lower())
    yield label(document, diagnostic.span, f"{word}[{diagnostic.code}]: {diagnostic.message}")
    for note in diagnostic.notes:
        yield label(document, note.span or diagnostic.span, f"note: {_note(note)}")


def label(document: Document, span: Span, text: str) -> Label:
    """A label under a span. An empty span is drawn as one caret."""
    start, end = (document.lines.position(offset, "utf-32") for offset in (span.start, span.end))
    if start.line0 != end.line0:
        raise AssertionError(f"a label needs a span on one line, not {start} to {end}: {text}")
    return Label(start.line0, start.column, max(end.column - start.column, 1), text.replace("\n", r"\n"))


def _asked(fixture: str, settings: Settings | None) -> tuple[Snapshot, Span]:
    """The only file of a fixture, and the place that it asks about: its cursor or selection, else all of it."""
    file = Fixture.parse(fixture).file
    snapshot = Workspace(settings or Settings()).open(file.document())
    cursors = file.cursors or (0, len(snapshot.document.data))
    return snapshot, Span(cursors[0], cursors[-1])


def _quick_fixes(snapshot: Snapshot, place: Span) -> list[code_actions.Action]:
    return [*code_actions.code_actions_with_edits(snapshot, place, (code_actions.QUICK_FIX,))]


def _refactoring(id_: str, snapshot: Snapshot, place: Span) -> code_actions.Action | None:
    offered = code_actions.code_actions(snapshot, place, ("refactor", "source"))
    found = next((action for action in offered if action.id == id_), None)
    if found is None or found.disabled_reason is not None:
        return found
    return code_actions.resolved(snapshot, place, found.kind, id_)


def _resolved_by(engine: EngineThread, id_: str, fixture: str) -> code_actions.Action:
    snapshot, place = _asked(fixture, None)
    found = next((one for one in code_actions.code_actions(snapshot, place, ("refactor",)) if one.id == id_), None)
    assert found is not None, f"{id_} is not offered here"
    return engine.run(code_actions.resolution(snapshot, place, found.kind, id_))


def _edited(snapshot: Snapshot, edits: EditSet) -> Snapshot:
    document = snapshot.document.edited_at_once(edits, version=snapshot.version)
    return Workspace(snapshot.settings).open(document)


def _count(snapshot: Snapshot, finding: Diagnostic) -> int:
    """How often the same is found in a text, wherever."""
    found = diagnostics.diagnostics(snapshot, None)
    return sum((one.code, one.message) == (finding.code, finding.message) for one in found)


def _check_text(found: bytes, after: str, before: str) -> None:
    """Fail, or rewrite `after`, unless it is the text found, to the blank. `before` shows how it is to be written."""
    __tracebackhide__ = True
    text = found.decode(errors="replace")
    file = Fixture.parse(after).file
    if _with_cursors(file) == text:
        return
    drawn = _redrawn(after or before, text) if before.startswith("\n") else text
    if update.is_wanted():
        update.replace(after, drawn)
    else:
        pytest.fail(_difference(after, drawn), pytrace=False)


def _with_cursors(file: File) -> str:
    text = EditSet(Edit(Span(at, at), CURSOR.encode()) for at in file.cursors).apply(file.text.encode())
    return text.decode()


def _redrawn(expect: str, found: str) -> str:
    """`found` with the margin of `expect`, as the literal of a test."""
    margin = _margin(expect) or "    "
    before_quotes = expect.rpartition("\n")[2]
    closing = "" if before_quotes.strip() else before_quotes
    indented = "".join(f"{margin}{line}\n" if line else "\n" for line in found.rstrip("\n").split("\n"))
    return f"\n{indented}{closing}"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the source: code, a header (`line0` is None) or a label (`line0` is that of its code)."""

    raw: str
    path: str
    line0: int | None
    code: str
    """Without margin and cursors."""
    cursors: tuple[int, ...] = ()
    """Columns in characters."""
    label: Label | None = None


_HEADER = re.compile(r"//- (/\S+)\s*$")
_LABEL = re.compile(r"(?P<indent>\s*)//(?P<lead><| *)(?P<carets>\^+) (?P<text>\S.*?)\s*$")
_ALMOST_A_LABEL = re.compile(r"\s*//\s*<?\s*(\^\^|\^\s)")


def _margin(source: str) -> str:
    if not source.startswith("\n"):
        return ""
    lines = [line for line in source.split("\n") if line.strip()]
    return min((line[: len(line) - len(line.lstrip())] for line in lines), key=len, default="")


def _dedented(source: str) -> str:
    margin = _margin(source)
    return "\n".join(line.removeprefix(margin).rstrip() for line in source.split("\n")).strip("\n")


def _lines(source: str, margin: str) -> Iterator[_Line]:
    path, line0 = "/test.mlir", -1
    raws = source.split("\n")
    if source.startswith("\n"):
        yield _Line(raws.pop(0), "", None, "")
    for number, raw in enumerate(raws):
        text = raw.removeprefix(margin) if raw.strip() or not margin else ""
        if header := _HEADER.match(text):
            path, line0 = header[1], -1
            yield _Line(raw, path, None, "")
        elif found := _LABEL.match(text):
            if line0 < 0:
                raise ValueError(f"line {number + 1}: a label needs a line above it: {raw}")
            column = len(found["indent"]) if found["lead"] == "<" else found.start("carets")
            here = Label(line0, column, len(found["carets"]), found["text"])
            yield _Line(raw, path, line0, "", label=here)
        elif _ALMOST_A_LABEL.match(text):
            raise ValueError(f"line {number + 1}: a label is `// ^^^ words`: {raw}")
        else:
            line0 += 1
            parts = text.split(CURSOR)
            ends = [sum(map(len, parts[:count])) for count in range(1, len(parts))]
            yield _Line(raw, path, line0, "".join(parts), tuple(ends))


def _file(path: str, lines: Iterable[_Line]) -> File:
    mine = [line for line in lines if line.path == path and line.line0 is not None]
    code = [line for line in mine if line.label is None]
    text = "\n".join(line.code for line in code)
    # The line break before the next header ends this file's last line.
    last = [line for line in lines if line.path][-1]
    if last.path != path:
        text += "\n"
    starts = [len("".join(f"{line.code}\n" for line in code[:count]).encode()) for count in range(len(code))]
    cursors = [
        start + len(line.code[:column].encode())
        for start, line in zip(starts, code, strict=True)
        for column in line.cursors
    ]
    labels = tuple(line.label for line in mine if line.label is not None)
    return File(path, text, labels, tuple(cursors))


def _same_line(one: _Line, other: _Line) -> bool:
    return (one.path, one.line0) == (other.path, other.line0)


def _equal(written: Label, found: Label) -> bool:
    return written == found


def _prefix(written: Label, found: Label) -> bool:
    same_place = (written.line0, written.column, written.length) == (found.line0, found.column, found.length)
    return same_place and written.text.endswith("...") and found.text.startswith(written.text[:-3])


def _drawn(label: Label, code: str) -> str:
    carets = "^" * label.length
    if label.column < len("//"):
        return f"{' ' * label.column}//<{carets} {label.text}"
    indent = min(len(code) - len(code.lstrip()), label.column - len("//"))
    return f"{' ' * indent}//{' ' * (label.column - indent - 2)}{carets} {label.text}"


def _note(note: Note) -> str:
    if note.file is None:
        return note.message
    return f"{note.message} (at {note.file.path}:{note.file.line0 + 1}:{note.file.column + 1})"


def _difference(written: str, found: str) -> str:
    lines = difflib.ndiff(written.split("\n"), found.split("\n"))
    changes = "\n".join(line.rstrip() for line in lines if not line.startswith("?"))
    return f"- is written, + is found (UPDATE_EXPECT=1 rewrites it):\n{changes}"
