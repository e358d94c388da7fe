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
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pytest

from enzyme_lsp.checks.diagnostic import Diagnostic, Note, Severity
from enzyme_lsp.features import diagnostics
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.verification.verdict import Verdict
from enzyme_lsp.workspace.snapshot import Snapshot
from enzyme_lsp.workspace.workspace import Workspace
from tests import update

if TYPE_CHECKING:
    from pathlib import Path

    from enzyme_lsp.text.span import Span

CURSOR = "<|>"

Judge: TypeAlias = Callable[[Snapshot], Verdict]
"""An engine for a test: what the compiler says about a snapshot, waited for."""


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
    margin = _margin(expect) or "    "
    before_quotes = expect.rpartition("\n")[2]
    closing = "" if before_quotes.strip() else before_quotes
    indented = "".join(f"{margin}{line}".rstrip() + "\n" for line in found.rstrip("\n").split("\n"))
    drawn = f"\n{indented}{closing}"
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
    written_in: Path | None = None,
) -> None:
    """Each file's diagnostics are its labels: those found without a compiler, or with the one given.

    `written_in` is for a fixture that is no literal of the test: the file in which it stands, at any indent.
    """
    __tracebackhide__ = True
    parsed = Fixture.parse(fixture)
    workspace = Workspace(settings or Settings())
    snapshots = {file.path: workspace.open(file.document()) for file in parsed.files}
    found = {
        path: [
            label
            for diagnostic in diagnostics.diagnostics(snapshot, engine(snapshot) if engine else None)
            for label in diagnostic_labels(snapshot.document, diagnostic)
        ]
        for path, snapshot in snapshots.items()
    }
    check_labels(parsed, found, written_in=written_in)


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
