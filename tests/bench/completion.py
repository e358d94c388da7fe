"""Asks for completions where tokens of real files have been deleted, and counts how often these are offered.

    python -m tests.bench.completion FOLDER [--each 12] [--misses 20] [--all-sections]

In every section that the engine accepts, tokens are taken away, one at a time, and completion is asked for at the gap:
names of operations, uses of symbols and of SSA values, and words of enumerations. A hit is when the token is among the
first ten. Tokens that make up a name, in definitions, are no question. Nothing of the text around has been read before, unlike in an editor. Of each file and sort at most `--each` tokens are
taken, evenly over the file; 0 takes all. For operations it is counted too what comes when a part of the name is left.

A developer's script: it takes files that are not part of the project.
"""

from __future__ import annotations

import argparse
import gc
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import words
from enzyme_lsp.dialect.activity import BY_WORD
from enzyme_lsp.features.completion import completion
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.syntax import scopes
from enzyme_lsp.syntax.mentions import symbol_mentions
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.snapshot import Snapshot
from enzyme_lsp.workspace.workspace import Workspace
from tests.judges import EngineThread

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIRST: Final = 10
_SLOW: Final = 0.1
_PARAMETER: Final = re.compile(rb"#\w+(?:<\s*\w+\s+|\.\w+\s*<\s*)([A-Za-z]\w*)\s*>")


@dataclass(frozen=True, slots=True)
class Question:
    """A token, in bytes of the document, and how much of it is left standing before the cursor."""

    sort: str
    span: Span
    kept: int = 0


@dataclass(slots=True)
class Tally:
    """For each sort what was asked and found, and where it was not."""

    asked: Counter[str] = field(default_factory=Counter[str])
    hits: Counter[str] = field(default_factory=Counter[str])
    tokens: Counter[str] = field(default_factory=Counter[str])
    counts: Counter[str] = field(default_factory=Counter[str])
    misses: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    times: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])


def measure(folder: Path, tally: Tally, each: int, engine: EngineThread | None) -> None:
    """Every file below `folder`."""
    for path in sorted(folder.rglob("*.mlir")):
        data = path.read_bytes()
        try:
            data.decode()
        except UnicodeDecodeError:
            continue
        tally.counts["files"] += 1
        snapshot = Workspace(Settings()).open(Document.of(path.as_uri(), data))
        good = [*_good(snapshot, engine, tally)]
        by_sort: dict[str, list[Question]] = {}
        for one in (question for section in good for question in _questions(snapshot, section)):
            by_sort.setdefault(one.sort, []).append(one)
        gc.freeze()  # What is asked about a whole file here no editor holds.
        for sort, questions in by_sort.items():
            tally.tokens[sort] += len(questions)
            step = max(len(questions) / each, 1) if each else 1
            for number in range(min(len(questions), each or len(questions))):
                _ask(snapshot, questions[int(number * step)], path.relative_to(folder).as_posix(), tally)


def _good(snapshot: Snapshot, engine: EngineThread | None, tally: Tally) -> Iterator[range]:
    """The pieces of each section that the engine accepts."""
    accepted = engine(snapshot).accepted if engine is not None else None
    for number, section in enumerate(snapshot.sections):
        if not section.span.of(snapshot.document.data).strip():
            continue
        tally.counts["sections"] += 1
        if accepted is None or number in accepted:
            tally.counts["sections that the engine accepts"] += 1
            yield range(section.first, section.last)


def _questions(snapshot: Snapshot, section: range) -> Iterator[Question]:
    for index in section:
        piece, start = snapshot.layout.pieces[index], snapshot.offset(index)
        if piece.kind not in (PieceKind.ITEM, PieceKind.OPEN, PieceKind.ALIAS):
            continue
        tree = piece.tree
        if piece.kind is not PieceKind.ALIAS:
            for operation in tree.walk():
                if operation.name_token >= 0 and not operation.is_generic:
                    span = operation.name_span.shifted(start)
                    dialect = operation.name.find(".") + 1
                    yield Question("operations", span)
                    yield Question("operations, one letter left", span, 1)
                    yield Question("operations, the dialect left", span, dialect)
                    yield Question("operations, the dialect and one letter left", span, dialect + 1)
        for mention in piece.fact(symbol_mentions):
            if not mention.defines and len(mention.path) == 1 and _is_known(snapshot, index, mention.path[0]):
                span = tree.token_span(mention.token).shifted(start)
                yield Question("symbols", span)
                yield Question("symbols, @ left", span, 1)
        known = piece.fact(scopes.names)
        for token, definition in known.at.items():
            if tree.tokens.kinds[token] == Kind.VALUE and token != definition.token:
                span = tree.token_span(token).shifted(start)
                behind = tree.tokens.word(token + 1)
                is_numbered = behind[:1] == b"#" and tree.tokens.starts[token + 1] == tree.tokens.ends[token]
                span = Span(span.start, span.end + len(behind) * is_numbered)
                yield Question("values", span)
                yield Question("values, % left", span, 1)
        yield from _enums(snapshot, index)


def _is_known(snapshot: Snapshot, index: int, name: str) -> bool:
    """Whether a symbol is defined where it can be seen; nothing can offer one that is not."""
    return name in snapshot.scope_of(index).symbols


def _enums(snapshot: Snapshot, index: int) -> Iterator[Question]:
    piece, start = snapshot.layout.pieces[index], snapshot.offset(index)
    comments = [Span(*one) for one in piece.tree.tokens.comments]
    for match in _PARAMETER.finditer(piece.text):
        if any(comment.contains(match.start()) for comment in comments):
            continue
        sort = "activities" if match[1].decode() in BY_WORD else "words of attributes"
        yield Question(sort, Span(*match.span(1)).shifted(start))
    tokens = piece.tree.tokens
    for operation in piece.tree.walk():
        first = operation.name_token + 1
        listed = words.OPERATIONS.get(operation.name, ())
        if not operation.is_generic and tokens.word(first).decode("utf-8", "replace") in listed:
            yield Question("words of operations", piece.tree.token_span(first).shifted(start))


def _ask(snapshot: Snapshot, question: Question, name: str, tally: Tally) -> None:
    token = question.span.of(snapshot.document.data).decode()
    cut = Span(question.span.start + question.kept, question.span.end)
    if cut.start >= cut.end:
        return
    document = snapshot.document.edited(Edit(cut, b""), version=2)
    layout = snapshot.layout.edited(cut.start, cut.end, cut.start, document.data)
    edited = Snapshot(document, snapshot.settings, layout)
    # Of the processor: other programs run beside.
    start = time.thread_time()
    found = completion(edited, cut.start)
    took = time.thread_time() - start
    tally.asked[question.sort] += 1
    line0, column = snapshot.document.lines.position(question.span.start, "utf-8")
    place = f"{name}:{line0 + 1}:{column + 1}"
    tally.times.append((took, f"{place} {question.sort}"))
    labels = [one.label.replace('@"', "@").removesuffix('"') for one in found.items]
    token = token.replace('@"', "@").removesuffix('"')
    if token in labels[:_FIRST]:
        tally.hits[question.sort] += 1
        return
    line = snapshot.document.lines.line_span(line0).of(snapshot.document.data).decode().strip()[:120]
    number = labels.index(token) if token in labels else None
    tally.misses.setdefault(question.sort, []).append(f"{place}: {token} is {number} of {len(labels)}: {line}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", type=int, default=12, help="tokens of each sort in a file; 0: all")
    parser.add_argument("--misses", type=int, default=20, help="how many of each sort to print")
    parser.add_argument("--all-sections", action="store_true", help="ask no engine which are right")
    arguments = parser.parse_args()
    tally, folder = Tally(), arguments.folder.resolve()
    if arguments.all_sections:
        measure(folder, tally, arguments.each, None)
    else:
        with EngineThread(EngineSettings(workers=1)) as engine:
            measure(folder, tally, arguments.each, engine)
    for what, count in tally.counts.items():
        print(f"{count:8} {what}")
    for sort, asked in tally.asked.items():
        share = 100 * tally.hits[sort] / asked
        print(f"{share:7.2f} % of {asked} of {tally.tokens[sort]} {sort}")
    slow = sorted(tally.times, reverse=True)
    print(f"{len(slow)} answers, {sum(took > _SLOW for took, _ in slow)} over {_SLOW * 1000:.0f} ms")
    print(f"median {slow[len(slow) // 2][0] * 1000:.1f} ms")
    for took, place in slow[:5]:
        print(f"{took * 1000:8.1f} ms {place}")
    for sort, misses in tally.misses.items():
        step = max(len(misses) // max(arguments.misses, 1), 1)
        print(f"{len(misses)} missed of {sort}")
        print("\n".join(misses[::step][: arguments.misses]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
