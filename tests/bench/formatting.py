"""Holds formatting against its promises over a folder of .mlir files, and says which file breaks which.

    python -m tests.bench.formatting FOLDER [--engine] [--show 20]

With `--engine`, each section that Enzyme accepts must be accepted formatted too, and what its printer makes of a section
should be formatted already. A developer's script: it takes files that are not part of the project. The tests ask the same
of the project's own texts.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.features.formatting import formatted, on_type
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.syntax.tokens import tokenize
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.workspace import Workspace
from tests.judges import EngineThread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.workspace.snapshot import Snapshot

PASS: Final = "remove-unnecessary-enzyme-ops"
"""One that changes little: without any, the engine prints nothing."""


def opened(data: bytes) -> Snapshot:
    return Workspace(Settings()).open(Document.of("untitled:any", data))


def broken_promises(data: bytes, *, tab_size: int = 4, insert_spaces: bool = True) -> Iterator[str]:
    """What formatting a text breaks: tokens, comments, lines, or that a second time changes nothing."""
    snapshot = opened(data)
    edits = formatted(snapshot, None, tab_size, insert_spaces)
    after = edits.apply(data)
    if any(edit.span.of(data) == edit.new for edit in edits.edits):
        yield "an edit changes nothing"
    if _tokens(after) != _tokens(data):
        yield "tokens have changed"
    if _comments(after) != _comments(data):
        yield "comments have changed"
    if _shapes(Layout.of(after)) != _shapes(snapshot.layout):
        yield "the text is cut in other pieces"
    yield from _broken_lines(data, after)
    again = formatted(opened(after), None, tab_size, insert_spaces).apply(after)
    if again != after:
        yield f"the second time gives another text: {_first_difference(after, again)}"


def broken_ranges(data: bytes, spans: list[Span]) -> Iterator[str]:
    """Whether formatting a range does what formatting all does to the lines of the range."""
    snapshot = opened(data)
    whole = formatted(snapshot, None, 4, insert_spaces=True)
    for span in spans:
        lines = snapshot.document.lines
        first0 = lines.position(span.start, "utf-8").line0
        last0 = lines.position(span.end, "utf-8").line0
        last0 -= span.start < span.end == lines.line_span(last0).start
        start, end = lines.line_span(first0).start, lines.line_span(last0 + 1).start
        expected = [edit for edit in whole.edits if start <= edit.span.start < end]
        if list(formatted(snapshot, span, 4, insert_spaces=True).edits) != expected:
            yield f"lines {first0 + 1} to {last0 + 1} come out in another way on their own"


def _tokens(data: bytes) -> list[tuple[int, bytes]]:
    tokens = tokenize(data)
    return [(kind, tokens.word(index)) for index, kind in enumerate(tokens.kinds)]


def _comments(data: bytes) -> list[bytes]:
    return [data[start:end].rstrip(b" \t") for start, end in tokenize(data).comments]


def _shapes(layout: Layout) -> list[object]:
    return [(piece.kind, depth) for piece, depth in zip(layout.pieces, layout.depths, strict=True)]


def _broken_lines(data: bytes, after: bytes) -> Iterator[str]:
    before_lines, after_lines = _code(data), _code(after)
    if before_lines != after_lines:
        yield "lines were joined or split"
    if {line[len(line.rstrip(b"\r\n")) :] for line in after.splitlines(keepends=True)} > {
        line[len(line.rstrip(b"\r\n")) :] for line in data.splitlines(keepends=True)
    }:
        yield "there is a new kind of line end"


def _code(data: bytes) -> list[bytes]:
    """The lines that are not empty, without any blank."""
    lines = (b"".join(line.split()) for line in data.splitlines())
    return [line for line in lines if line]


def _first_difference(one: bytes, other: bytes) -> str:
    for number, (left, right) in enumerate(zip(one.splitlines(), other.splitlines(), strict=False), 1):
        if left != right:
            return f"line {number}: {left!r} to {right!r}"
    return "in the number of lines"


def misplaced(data: bytes) -> Iterator[str]:
    """The lines of a formatted text that would stand elsewhere if they were typed."""
    snapshot = opened(data)
    lines = snapshot.document.lines
    for line0 in range(1, lines.line_count):
        span = lines.line_span(line0)
        text = span.of(data)
        bare = text.lstrip(b" \t")
        if not bare or bare.startswith(b"//"):
            continue
        indent = len(text) - len(bare)
        typed = data[: span.start] + data[span.start + indent :]
        found = on_type(opened(typed), span.start, "\n").apply(typed)
        if found != data:
            yield f"line {line0 + 1}: {text.decode(errors='replace')[:80]}"


def broken_verdicts(data: bytes, engine: EngineThread, counts: Counter[str]) -> Iterator[str]:
    """The sections that the engine accepts, but not when they are formatted."""
    for section in opened(data).sections:
        text = section.span.of(data)
        answer = engine.wait(engine.pool.run(Request(text, PASS)))
        if answer.output is None:
            continue
        counts["sections that the engine accepts"] += 1
        again = engine.wait(engine.pool.run(Request(_formatted(text))))
        if again.outcome is not Outcome.ACCEPTED:
            yield f"the engine does not accept it formatted: {again.problems}"
        printed = answer.output.encode()
        counts["printed sections that formatting changes"] += _formatted(printed) != printed


def _formatted(data: bytes) -> bytes:
    return formatted(opened(data), None, 4, insert_spaces=True).apply(data)


def hold(folder: Path, engine: EngineThread | None, counts: Counter[str]) -> Iterator[str]:
    """The broken promises of every file below `folder`."""
    chance = random.Random(0)
    for path in sorted(folder.rglob("*.mlir")):
        data = path.read_bytes()
        start = time.process_time()
        edits = formatted(opened(data), None, 4, insert_spaces=True)
        counts["ms, opening and parsing included"] += round((time.process_time() - start) * 1000)
        counts["files"] += 1
        counts["bytes"] += len(data)
        counts["lines"] += data.count(b"\n")
        counts["edits"] += len(edits.edits)
        counts["files that nothing changes"] += not edits.edits
        found = [*broken_promises(data)]
        found += broken_promises(data.replace(b"\n", b"\r\n"), insert_spaces=False)
        spans = [Span(*sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))) for _ in range(5)]
        found += broken_ranges(data, spans)
        cut = data[: chance.randrange(len(data) + 1)]
        found += [f"cut at {len(cut)}: {one}" for one in broken_promises(cut)]
        if engine is not None:
            found += broken_verdicts(data, engine, counts)
        yield from (f"{path.relative_to(folder)}: {one}" for one in found)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", action="store_true", help="ask the engine too")
    parser.add_argument("--show", type=int, default=20, help="how many broken promises to print")
    arguments = parser.parse_args()
    counts: Counter[str] = Counter()
    with EngineThread(EngineSettings(workers=1)) if arguments.engine else nullcontext() as engine:
        broken = [*hold(arguments.folder, engine, counts)]
    for name, count in counts.items():
        print(f"{count:10} {name}")
    print(f"{len(broken):10} broken promises")
    for line in broken[: arguments.show]:
        print(line)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
