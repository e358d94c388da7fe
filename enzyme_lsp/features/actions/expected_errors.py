"""Expected errors: comments for what the engine says of the file, as `--verify-diagnostics` demands them.

    // expected-error @+1 {{use of undeclared SSA value name}}
    %1 = arith.negf %z : f64

Only the engine's words count there, so that findings of ours get none. What is annotated already stays, and annotations
above or below lines that are new still point to theirs. Offered in files that speak of such annotations.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features.actions.offer import Offer
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.features.columns import blanks_at
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification.asking import Question, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.verification.asking import Steps
    from enzyme_lsp.verification.verdict import Finding
    from enzyme_lsp.workspace.snapshot import Snapshot

KIND: Final = "refactor.rewrite.enzyme.expectedErrors"

_MARKS: Final = (b"verify-diagnostics", b"expected-error", b"expected-warning", b"expected-remark")
_EXPECTED: Final = re.compile(
    rb"expected-(error|warning|remark|note)(?:-re)?[ \t]*(?:@(?:([+-])(\d{1,6})|above|below|unknown))?"
    rb"[ \t]*(?:\d+[ \t]*)?\{\{([^\n\r]*?)\}\}"
)


@dataclass(frozen=True, slots=True)
class _Expected:
    """An annotation that is there: its line, the line that it is about, what it says, and the place of its offset."""

    line: int
    about: int
    severity: bytes
    message: bytes
    number: Span | None


def offered(snapshot: Snapshot, _span: Span) -> Iterator[Offer]:
    """Wherever the cursor is."""
    if any(mark in snapshot.document.data for mark in _MARKS):
        yield Offer("annotate", "Add expected-error annotations for what the compiler says")


def steps(snapshot: Snapshot, _span: Span, _id: str, /) -> Steps[EditSet]:
    """The comments, for all sections. Raises `RefusedError` when none is missing."""
    findings: list[Finding] = []
    for section in snapshot.sections:
        if section.first == section.last:
            continue
        told = yield Question(snapshot, (section.first,), about_problems=True)
        if isinstance(told, Refusal):
            raise RefusedError(told.reason)
        findings += told.findings
    edits = _annotated(snapshot, findings)
    if not edits.edits:
        raise RefusedError("the compiler says nothing that is not annotated")
    return edits


def _annotated(snapshot: Snapshot, findings: Sequence[Finding]) -> EditSet:
    data, there = snapshot.document.data, _expected(snapshot)
    wanted: dict[int, list[tuple[bytes, bytes]]] = defaultdict(list)
    for line, severity, message in _said(snapshot, findings):
        known = (one for one in there if one.about == line and one.severity == severity and one.message in message)
        if next(known, None) is None and (severity, message) not in wanted[line]:
            wanted[line].append((severity, message))
    comments = {one.line for one in there}
    edits: list[Edit] = []
    above: dict[int, int] = {}
    for line, said in sorted(wanted.items()):
        if not said:
            continue
        # Above the annotations that are there, which go on saying how far it is.
        first = line
        while first - 1 in comments and data[_start(snapshot, first - 1) :].lstrip(b" \t").startswith(b"//"):
            first -= 1
        start, blanks = _start(snapshot, first), blanks_at(data, _start(snapshot, line))
        down = line - first
        words = [
            b"%b// expected-%b @+%d {{%b}}\n" % (blanks, severity, down + len(said) - number, message)
            for number, (severity, message) in enumerate(said)
        ]
        edits.append(Edit(Span(start, start), b"".join(words)))
        above[first] = above.get(first, 0) + len(said)
    edits += _moved(there, above)
    return EditSet(edits)


def _moved(there: Sequence[_Expected], above: dict[int, int]) -> Iterator[Edit]:
    """The offsets of annotations that new lines have come between them and theirs."""
    firsts = sorted(above)

    def before(line: int) -> int:
        """How many new lines stand above a line."""
        return sum(above[first] for first in firsts[: bisect_left(firsts, line + 1)])

    for one in there:
        if one.number is None:
            continue
        old = one.about - one.line
        new = old + before(one.about) - before(one.line)
        if new != old:
            yield Edit(one.number, b"%+d" % new)


def _said(snapshot: Snapshot, findings: Sequence[Finding]) -> Iterator[tuple[int, bytes, bytes]]:
    """The line, severity and first line of each thing that is said at a place, notes included."""
    for finding in findings:
        said = [(finding.offset, finding.problem.severity, finding.problem.message)]
        for offset, severity, message in (*said, *((offset, "note", words) for words, offset in finding.notes)):
            if offset is not None:
                line = snapshot.document.lines.position(offset, "utf-8").line0
                words = message.encode("utf-8", "replace").split(b"\n")[0].partition(b"}}")[0].strip()
                yield line, severity.encode(), words


def _expected(snapshot: Snapshot) -> list[_Expected]:
    data, found = snapshot.document.data, list[_Expected]()
    for match in _EXPECTED.finditer(data):
        line = snapshot.document.lines.position(match.start(), "utf-8").line0
        about, number = line, None
        if match[2] is not None:
            about += int(match[2] + match[3])
            number = Span(match.start(2), match.end(3))
        elif b"@below" in match[0]:
            about += 1
        elif b"@above" in match[0]:
            about -= 1
        found.append(_Expected(line, about, match[1], match[4], number))
    return found


def _start(snapshot: Snapshot, line0: int) -> int:
    return snapshot.document.lines.line_span(line0).start
