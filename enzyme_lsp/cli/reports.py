"""What `check` prints, in four formats; knows diagnostics, not how they were found.

A report takes the files one by one, in order, and then ends. `text` and `github` print as they go; `json` and
`sarif` are one document each and print at the end.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias
from urllib.parse import quote

from rich.console import Console
from rich.text import Text

from enzyme_lsp import __version__
from enzyme_lsp.checks import pages
from enzyme_lsp.checks.diagnostic import Diagnostic, Fix, Note, Severity
from enzyme_lsp.cli import excerpt, visible
from enzyme_lsp.server import recorded
from enzyme_lsp.text.document import decode

if TYPE_CHECKING:
    from collections.abc import Callable

    from enzyme_lsp.text.document import Document
    from enzyme_lsp.text.edit import Edit
    from enzyme_lsp.text.span import Span

JsonObject: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class Checked:
    """One file and what was found in it."""

    name: str
    """As the user named it, for people."""
    document: Document
    diagnostics: tuple[Diagnostic, ...]
    trouble: str
    """Why the engine could not say everything; empty when it could."""
    fixed: int = 0
    """How many fixes were applied to the file before."""
    obstacle: str = ""
    """Why fixes could not be applied; empty when nothing stood in the way."""


class Report(Protocol):
    """One format."""

    def add(self, checked: Checked) -> None: ...

    def end(self, engine: str, /) -> None:
        """`engine` names the engine that was asked; empty when none was."""


class TextReport:
    """For people: excerpts of the source, colored where the terminal can, and a line that sums up."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(
            # Width 80, the default where there is no terminal, would cut most lines of MLIR.
            width=None if sys.stdout.isatty() else 120,
            markup=False,
            highlight=False,
            emoji=False,
        )
        self._files = 0
        self._files_with_problems = 0
        self._found: Counter[Severity] = Counter()
        self._fixable = 0

    def add(self, checked: Checked) -> None:
        self._files += 1
        self._files_with_problems += bool(checked.diagnostics)
        for diagnostic in checked.diagnostics:
            self._found[diagnostic.severity] += 1
            self._fixable += any(fix.is_certain for fix in diagnostic.fixes)
            for line in excerpt.excerpt(checked.name, checked.document, diagnostic, self._console.width):
                self._print(line)
            self._print(Text())

    def end(self, engine: str, /) -> None:
        files = counted(self._files, "file")
        judge = f"with {engine}" if engine else "without an engine"
        if not self._found:
            self._print(Text.assemble(("no problems", "bold green"), f" in {files}, checked {judge}"))
            return
        counts = [
            (counted(self._found[severity], excerpt.NAMES[severity]), excerpt.STYLES[severity])
            for severity in Severity
            if self._found[severity]
        ]
        where = files if self._files == 1 else f"{self._files_with_problems} of {files}"
        self._print(Text.assemble(Text(", ").join(Text(*count) for count in counts), f" in {where}, checked {judge}"))
        if self._fixable:
            self._print(Text(f"{self._fixable} of them can be fixed with --fix"))

    def _print(self, text: Text) -> None:
        # Soft wrap: a long message stays one line in a file, and a terminal breaks it where it likes.
        self._console.print(text, soft_wrap=True)


class JsonReport:
    """A list of LSP Diagnostics, each with a `file`: lines and columns from 0, columns in UTF-16 code units."""

    def __init__(self) -> None:
        self._found: list[JsonObject] = []

    def add(self, checked: Checked) -> None:
        self._found += [_lsp_diagnostic(checked, each) for each in checked.diagnostics]

    def end(self, _: str, /) -> None:
        _print_json(self._found)


class GithubReport:
    """Workflow commands: GitHub shows each at its line of a pull request."""

    def add(self, checked: Checked) -> None:
        for diagnostic in checked.diagnostics:
            print(_workflow_command(checked, diagnostic))

    def end(self, _: str, /) -> None:
        pass


class SarifReport:
    """SARIF 2.1.0, which code-scanning services read."""

    def __init__(self) -> None:
        self._rules = {page.code: _sarif_rule(page) for page in pages.PAGES}
        self._results: list[JsonObject] = []
        self._notifications: list[JsonObject] = []

    def add(self, checked: Checked) -> None:
        for diagnostic in checked.diagnostics:
            # The engine's own codes need no page; a result still needs its rule.
            self._rules.setdefault(diagnostic.code, {"id": diagnostic.code})
            self._results.append(self._result(checked, diagnostic))
        if checked.trouble:
            location = {"physicalLocation": {"artifactLocation": {"uri": _reference(checked)}}}
            self._notifications.append(
                {"level": "warning", "message": _sarif_message(checked.trouble), "locations": [location]}
            )

    def end(self, engine: str, /) -> None:
        driver = {"name": "enzyme-lsp", "version": __version__, "rules": list(self._rules.values())}
        tool: JsonObject = {"driver": driver, **({"extensions": [{"name": engine}]} if engine else {})}
        invocation = {"executionSuccessful": True, "toolExecutionNotifications": self._notifications}
        run = {
            "tool": tool,
            "columnKind": "utf16CodeUnits",
            "invocations": [invocation],
            "results": self._results,
        }
        schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
        _print_json({"$schema": schema, "version": "2.1.0", "runs": [run]})

    def _result(self, checked: Checked, diagnostic: Diagnostic) -> JsonObject:
        related = [_sarif_related(checked, note, diagnostic) for note in diagnostic.notes]
        return {
            "ruleId": diagnostic.code,
            "ruleIndex": list(self._rules).index(diagnostic.code),
            "level": _SARIF_LEVELS[diagnostic.severity],
            "message": _sarif_message(diagnostic.message),
            "locations": [_sarif_location(_reference(checked), _sarif_region(checked.document, diagnostic.span))],
            **({"relatedLocations": related} if related else {}),
            **({"fixes": [_sarif_fix(checked, fix) for fix in diagnostic.fixes]} if diagnostic.fixes else {}),
        }


REPORTS: dict[str, Callable[[], Report]] = {
    "text": TextReport,
    "json": JsonReport,
    "github": GithubReport,
    "sarif": SarifReport,
}


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 or noun == "information" else f"{count} {noun}s"


def _print_json(value: object) -> None:
    # Plain ASCII: a lone surrogate in a message could not be written in any other way.
    print(json.dumps(value, indent=2))


def _lsp_diagnostic(checked: Checked, diagnostic: Diagnostic) -> JsonObject:
    related = [_lsp_related(checked, note, diagnostic) for note in diagnostic.notes]
    return {
        "file": checked.name,
        "range": _lsp_range(checked.document, diagnostic.span),
        "severity": int(diagnostic.severity),
        "code": diagnostic.code,
        "source": diagnostic.source,
        "message": diagnostic.message,
        **({"relatedInformation": related} if related else {}),
        **({"data": {"fixes": [_lsp_fix(checked, fix) for fix in diagnostic.fixes]}} if diagnostic.fixes else {}),
    }


def _lsp_fix(checked: Checked, fix: Fix) -> JsonObject:
    edits = [
        {"range": _lsp_range(checked.document, edit.span), "newText": decode(edit.new)} for edit in _edits(checked, fix)
    ]
    return {"title": fix.title, "isPreferred": fix.is_certain, "edits": edits}


def _edits(checked: Checked, fix: Fix) -> tuple[Edit, ...]:
    return fix.edits.in_line_ends_of(checked.document.data).edits


def _lsp_related(checked: Checked, note: Note, diagnostic: Diagnostic) -> JsonObject:
    if note.file is not None and (uri := recorded.uri(note.file, checked.document.uri)) is not None:
        place = {"line": note.file.line0, "character": note.file.column}
        location: JsonObject = {"uri": uri, "range": {"start": place, "end": place}}
        return {"location": location, "message": note.message}
    location = {"uri": checked.document.uri, "range": _lsp_range(checked.document, note.span or diagnostic.span)}
    return {"location": location, "message": _with_place(note)}


def _lsp_range(document: Document, span: Span) -> JsonObject:
    start, end = (document.lines.position(offset, "utf-16") for offset in (span.start, span.end))
    return {
        "start": {"line": start.line0, "character": start.column},
        "end": {"line": end.line0, "character": end.column},
    }


def _with_place(note: Note) -> str:
    """For a note that leads nowhere."""
    return note.message if note.file is None else f"{note.message} ({recorded.text(note.file)})"


_GITHUB_COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "notice",
    Severity.HINT: "notice",
}


def _workflow_command(checked: Checked, diagnostic: Diagnostic) -> str:
    start, end = (
        checked.document.lines.position(offset, "utf-16") for offset in (diagnostic.span.start, diagnostic.span.end)
    )
    place = {"file": checked.name, "line": start.line0 + 1, "endLine": end.line0 + 1}
    if start.line0 == end.line0:  # Else GitHub refuses columns.
        place |= {"col": start.column + 1, "endColumn": end.column + 1}
    place["title"] = diagnostic.code
    properties = ",".join(f"{name}={_github_property(str(value))}" for name, value in place.items())
    notes = [f"note: {note.message}{_github_place(checked, note)}" for note in diagnostic.notes]
    message = "\n".join(line for text in (diagnostic.message, *notes) for line in visible.lines(text))
    return f"::{_GITHUB_COMMANDS[diagnostic.severity]} {properties}::{_github_data(message)}"


def _github_place(checked: Checked, note: Note) -> str:
    if note.file is not None:
        place = excerpt.seen_from(checked.name, checked.document, note.file)
        return f" ({place.path}:{place.line0 + 1})"
    if note.span is not None:
        return f" (line {checked.document.lines.position(note.span.start, 'utf-16').line0 + 1})"
    return ""


def _github_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_data(text).replace(":", "%3A").replace(",", "%2C")


_SARIF_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "note",
    Severity.HINT: "note",
}


def _sarif_rule(page: pages.Page) -> JsonObject:
    return {
        "id": page.code,
        "shortDescription": _sarif_message(page.title),
        "help": {"text": page.markdown, "markdown": page.markdown},
        "defaultConfiguration": {"level": _SARIF_LEVELS[page.severity]},
    }


def _sarif_message(text: str) -> JsonObject:
    # Braces are placeholders in a message; a real one is written twice (SARIF 2.1.0, 3.11.5).
    return {"text": text.replace("{", "{{").replace("}", "}}")}


def _sarif_related(checked: Checked, note: Note, diagnostic: Diagnostic) -> JsonObject:
    if note.file is not None and recorded.uri(note.file, checked.document.uri) is not None:
        place = excerpt.seen_from(checked.name, checked.document, note.file)
        # The column was recorded in bytes, of a text that we do not have.
        location = _sarif_location(_quoted(place.path), {"startLine": place.line0 + 1})
        return {**location, "message": _sarif_message(note.message)}
    location = _sarif_location(_reference(checked), _sarif_region(checked.document, note.span or diagnostic.span))
    return {**location, "message": _sarif_message(_with_place(note))}


def _sarif_fix(checked: Checked, fix: Fix) -> JsonObject:
    replacements = [
        {
            "deletedRegion": _sarif_region(checked.document, edit.span),
            "insertedContent": {"text": decode(edit.new)},
        }
        for edit in _edits(checked, fix)
    ]
    change = {"artifactLocation": {"uri": _reference(checked)}, "replacements": replacements}
    return {"description": _sarif_message(fix.title), "artifactChanges": [change]}


def _sarif_location(uri: str, region: JsonObject) -> JsonObject:
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}


def _sarif_region(document: Document, span: Span) -> JsonObject:
    start, end = (document.lines.position(offset, "utf-16") for offset in (span.start, span.end))
    return {
        "startLine": start.line0 + 1,
        "startColumn": start.column + 1,
        "endLine": end.line0 + 1,
        "endColumn": end.column + 1,
    }


def _reference(checked: Checked) -> str:
    return checked.document.uri if checked.name.startswith("<") else _quoted(checked.name)


def _quoted(path: str) -> str:
    """A URI reference: a relative path stays one, so that a service can find the file in its own checkout."""
    if Path(path).is_absolute():
        return Path(path).as_uri()
    return quote(Path(path).as_posix(), errors="surrogateescape")
