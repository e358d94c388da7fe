"""Problems out of the diagnostics that MLIR prints; must never raise, and must not know who printed them.

What is printed, in the order in which a line is tried:

    loc("-":7:10): error: text           a diagnostic and its location
    error: text                          one with no location
    <stdin>:7:10: error: text            one of a parser that works on a buffer, with the line and a caret below
    Too few arguments to autodiff ...    a sentence that Enzyme writes without any form
    anything else                        more of the text above, such as a printed operation

A note belongs to the diagnostic above it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from enzyme_lsp.engines.api import OWN_TEXT, EngineNote, EngineProblem, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.engines.api import Severity


def parse(printed: bytes) -> tuple[EngineProblem, ...]:
    """The diagnostics in what an engine printed, in their order. Other text is left out."""
    return _read(printed.decode("utf-8", "replace"))[0]


def explain(printed: bytes, error: str) -> tuple[EngineProblem, ...]:
    """Why the engine said no: its diagnostics, and where no error is among them, the best that was said at all.

    `error` is what the call itself failed with.
    """
    problems, other = _read(printed.decode("utf-8", "replace"))
    if any(problem.severity == "error" for problem in problems):
        return problems
    said, _ = _read(error)
    if said:
        return problems + said
    return (*problems, EngineProblem("error", other or _plain(error)))


_HEAD = re.compile(r"(?P<severity>error|warning|remark|note):(?: |$)(?P<message>.*)", re.DOTALL)
_IN_BUFFER = re.compile(
    r"(?!(?:error|warning|remark|note): )"
    r"(?P<file>[^\n]+?):(?P<line>\d{1,9}):(?P<column>\d{1,9}): (?=(?:error|warning|remark|note):)"
)
_LOCATION_PART = re.compile(
    r'"(?P<string>(?:[^"\\]|\\.)*)"(?::(?P<line>\d{1,9}):(?P<column>\d{1,9}))?|(?P<parenthesis>[()])|[^"()]+'
)
_ESCAPE = re.compile(rb'\\([0-9A-Fa-f]{2}|[\\"nt])')
_NAMED_ESCAPES = {b"\\": b"\\", b'"': b'"', b"n": b"\n", b"t": b"\t"}

_BARE_SENTENCE = re.compile(
    r" ?(Too few arguments to |Incorrect number of |could not invert pointer |type does not have autodifftype)"
)
"""How the sentences begin that Enzyme writes straight to stderr."""

_LOG_LINE = re.compile(r"[IWEF]\d{4} \d\d:\d\d:\d+\.\d+ +\d+ |WARNING: All log messages before absl::")
"""How the lines begin that the libraries beneath the engine log, which are about themselves."""

_CARET = re.compile(r"\n[^\n]*\n *\^[~ ]*\s*\Z")


@dataclass(slots=True)
class _Draft:
    """A problem or a note that further lines may belong to."""

    severity: str
    place: Place | None
    lines: list[str]
    notes: list[_Draft] = field(default_factory=list["_Draft"])

    @property
    def message(self) -> str:
        return _CARET.sub("", "\n".join(self.lines)).rstrip()

    def problem(self) -> EngineProblem:
        return EngineProblem(
            severity=cast("Severity", self.severity),
            message=self.message,
            place=self.place,
            notes=tuple(EngineNote(note.message, note.place) for note in self.notes),
        )


def _read(printed: str) -> tuple[tuple[EngineProblem, ...], str]:
    """The diagnostics, and the text in front of the first one."""
    drafts: list[_Draft] = []
    other: list[str] = []
    current = other
    for line in _lines(printed):
        draft = _begun(line)
        if draft is None:
            current.append(line)
            continue
        current = draft.lines
        if draft.severity != "note":
            drafts.append(draft)
        elif drafts:
            drafts[-1].notes.append(draft)
        else:
            # A note with nothing above it; keep what it says.
            draft.severity = "remark"
            drafts.append(draft)
    return tuple(draft.problem() for draft in drafts), "\n".join(other).strip()


def _lines(printed: str) -> Iterator[str]:
    for line in printed.split("\n"):
        if not _LOG_LINE.match(line):
            yield line.rstrip()


def _begun(line: str) -> _Draft | None:
    """The diagnostic that begins in this line. None: none does."""
    place: Place | None = None
    rest = line
    if line.startswith("loc("):
        end, place = _location(line)
        if not line.startswith(": ", end):
            return None
        rest = line[end + 2 :]
    elif in_buffer := _IN_BUFFER.match(line):
        place = _place(in_buffer["file"], in_buffer["line"], in_buffer["column"])
        rest = line[in_buffer.end() :]
    if head := _HEAD.match(rest):
        return _Draft(head["severity"], place, [head["message"]])
    if _BARE_SENTENCE.match(line):
        return _Draft("error", None, [line.lstrip()])
    return None


def _location(line: str) -> tuple[int, Place | None]:
    """Where the `loc(...)` at the beginning of `line` ends, and the place it means.

    A location may be a tree: of inlined calls, of operations that became one, of names. The place in the text that
    was sent is the one to show; where there are several, or none, the first, which is the innermost of a call. One
    flat pass finds it: nothing bounds the depth of the tree, so no recursion.
    """
    first: Place | None = None
    depth = 0
    offset = len("loc")
    while part := _LOCATION_PART.match(line, offset):
        offset = part.end()
        if part["parenthesis"]:
            depth += 1 if part["parenthesis"] == "(" else -1
            if depth == 0:
                return offset, first
        elif part["line"]:
            place = _place(_unescaped(part["string"]), part["line"], part["column"])
            if place and (first is None or (first.file != OWN_TEXT and place.file == OWN_TEXT)):
                first = place
    return len(line), None


def _place(file: str, line: str, column: str) -> Place | None:
    # Line 0 is how MLIR says that it knows the file only.
    return Place(line=int(line), column=max(int(column), 1), file=file) if int(line) else None


def _unescaped(string: str) -> str:
    """The characters of a string between its quotes, as MLIR escapes them."""
    if "\\" not in string:
        return string

    def character(escape: re.Match[bytes]) -> bytes:
        return _NAMED_ESCAPES.get(escape[1]) or bytes.fromhex(escape[1].decode())

    return _ESCAPE.sub(character, string.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")


def _plain(error: str) -> str:
    """What a failed call says, without the code and the wrapping."""
    text = re.sub(r"\A[A-Z_]+: ", "", error.strip())
    _, wrapped, inner = text.partition("Pipeline failed:")
    if wrapped:
        return inner.strip() or "the pipeline failed, and the engine does not say why"
    return text or "the engine does not say why"
