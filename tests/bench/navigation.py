"""Holds our definitions and references against those of mlir-lsp-server over a folder of .mlir files.

    tests/bench/set_up_peer.sh build/peer
    python -m tests.bench.navigation FOLDER --peer build/peer/mlir-lsp-server [--generic] [--differences 20]

The peer knows a section only when it parses, with all its dialects; sections in which it reports an error are left out.
With `--generic` the sections are those that the engine accepts, as it prints them in generic form, in which the peer
reads operations of all dialects. In the others both are asked at every SSA value, block label, symbol and alias. A developer's script: it takes files
that are not part of the project.

Only where places start is compared. For the definition of a symbol the peer gives the name of its operation.

Three sorts of differences are counted apart, since what is right there is known:

* "of one result": on `%p#1` ours are the uses of that result, the peer's those of all results of the operation;
* "operand counted once": of a value that stands several times in an affine expression the peer knows one place;
* "not known to the peer": names inside attributes of dialects that it does not have, arguments of functions without a
  body, symbols in operations that it does not know, which may be symbol tables, and the names that `sym_name` gives.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane, Pool
from enzyme_lsp.features import definition, references
from enzyme_lsp.features.call_hierarchy import alone
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.line_index import Position
from enzyme_lsp.workspace import occurrences
from enzyme_lsp.workspace.occurrences import NameKind
from enzyme_lsp.workspace.workspace import Workspace
from tests.bench.keystroke import Server, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from enzyme_lsp.workspace.snapshot import Snapshot

_KINDS: Final = {
    Kind.VALUE: "value",
    Kind.CARET: "block",
    Kind.SYMBOL: "symbol",
    Kind.HASH: "alias",
    Kind.BANG: "alias",
}
_BATCH: Final = 64
"""Places asked about at once: their requests fit into a pipe, so that sending them never waits for the peer."""


@dataclass(slots=True)
class Tally:
    """What was compared, and each place at which the two differ."""

    counts: Counter[str] = field(default_factory=Counter[str])
    differences: list[str] = field(default_factory=list[str])


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files below a folder, each with its path in it."""
    for path in sorted(folder.rglob("*.mlir")):
        yield path.relative_to(folder).as_posix(), path.read_bytes()


async def generic_forms(folder: Path) -> list[tuple[str, bytes]]:
    """The sections of these files that the engine accepts, in generic form, each with a name."""
    found: list[tuple[str, bytes]] = []
    pool = Pool.create(EngineSettings())
    try:
        await pool.ready()
        for name, data in files(folder):
            for number, section in enumerate(Layout.of(data).sections):
                answer = await pool.run(Request(section.span.of(data), generic=True), lane=Lane.BACKGROUND)
                if answer.outcome is Outcome.ACCEPTED:
                    found.append((f"{name}#{number}", (answer.output or "").encode()))
    finally:
        await pool.close()
    return found


def compare(texts: Iterable[tuple[str, bytes]], peer: Path, tally: Tally) -> None:
    """Every section of some texts, each with its name."""
    server = Server("mlir-lsp-server", [str(peer)], whole_texts=True)
    for name, data in texts:
        try:
            data.decode()
        except UnicodeDecodeError:
            continue
        tally.counts["texts"] += 1
        snapshot = Workspace(Settings()).open(Document.of(f"file:///{quote(name)}", data))
        try:
            _compare_file(snapshot, server, name, tally)
        except (EOFError, BrokenPipeError):
            tally.counts["texts on which the peer died"] += 1
            server.close()
            server = Server("mlir-lsp-server", [str(peer)], whole_texts=True)
    server.close()


def _compare_file(snapshot: Snapshot, server: Server, name: str, tally: Tally) -> None:
    text = snapshot.document.data.decode()
    item = {"uri": snapshot.uri, "languageId": "mlir", "version": 1, "text": text}
    server.send(message("textDocument/didOpen", {"textDocument": item}))
    errors = [one["range"]["start"]["line"] for one in _published(snapshot, server) if one.get("severity", 1) == 1]
    good: list[range] = []
    for section in snapshot.sections:
        tally.counts["sections"] += 1
        first = snapshot.document.lines.position(section.span.start, "utf-8").line0
        last = snapshot.document.lines.position(section.span.end, "utf-8").line0
        if not any(first <= line <= last for line in errors) and section.span.of(snapshot.document.data).strip():
            tally.counts["sections that the peer parses"] += 1
            good.append(range(section.first, section.last))
    places = [place for section in good for index in section for place in _places(snapshot, index)]
    for first in range(0, len(places), _BATCH):
        batch = places[first : first + _BATCH]
        for (offset, kind), theirs in zip(batch, _asked(snapshot, server, batch), strict=True):
            _compare_place(snapshot, offset, kind, theirs, name, tally)
    server.send(message("textDocument/didClose", {"textDocument": {"uri": snapshot.uri}}))


def _published(snapshot: Snapshot, server: Server) -> list[Any]:
    """The diagnostics of a document; those of the one before, which is closed, come first and are empty."""
    while True:
        got = server.receive()
        if got.get("method") == "textDocument/publishDiagnostics" and got["params"]["uri"] == snapshot.uri:
            found: list[Any] = got["params"]["diagnostics"]
            return found


def _places(snapshot: Snapshot, index: int) -> Iterator[tuple[int, str]]:
    tokens = snapshot.layout.pieces[index].tree.tokens
    start = snapshot.offset(index)
    for token, kind in enumerate(tokens.kinds):
        if kind in _KINDS and not (kind == Kind.HASH and tokens.kinds[token - 1] == Kind.VALUE):
            yield start + tokens.starts[token], _KINDS[Kind(kind)]


def _asked(
    snapshot: Snapshot, server: Server, places: list[tuple[int, str]]
) -> Iterator[tuple[frozenset[int], frozenset[int]]]:
    """The peer's definitions and references at each place, as the bytes at which they start."""
    data = b""
    for number, (offset, _) in enumerate(places):
        line, character = snapshot.document.lines.position(offset, "utf-16")
        at: dict[str, object] = {
            "textDocument": {"uri": snapshot.uri},
            "position": {"line": line, "character": character},
        }
        data += message("textDocument/definition", at, id=2 * number + 10)
        at["context"] = {"includeDeclaration": True}
        data += message("textDocument/references", at, id=2 * number + 11)
    server.send(data)
    answers: dict[int, frozenset[int]] = {}
    while len(answers) < 2 * len(places):
        got = server.receive()
        if "id" in got:
            answers[got["id"]] = frozenset(_starts(snapshot, got.get("result")))
    for number in range(len(places)):
        yield answers[2 * number + 10], answers[2 * number + 11]


def _starts(snapshot: Snapshot, found: Any) -> Iterator[int]:
    for one in found or ():
        if one["uri"] == snapshot.uri:
            at = one["range"]["start"]
            yield snapshot.document.lines.offset(Position(at["line"], at["character"]), "utf-16")


def _compare_place(
    snapshot: Snapshot,
    offset: int,
    kind: str,
    theirs: tuple[frozenset[int], frozenset[int]],
    name: str,
    tally: Tally,
) -> None:
    at = occurrences.at(snapshot, offset)
    ours = frozenset(_defining(snapshot, offset))
    found = references.references(snapshot, offset, include_definitions=True)
    our_references = frozenset(span.start for span in found)
    if at is not None and at.kind is NameKind.SYMBOL:
        ours = frozenset(_operation_name(snapshot, start) for start in ours)
        # Of a definition the peer shows the operation's name too.
        named = {_operation_name(snapshot, start): start for start in _defining(snapshot, offset)}
        theirs = (theirs[0], frozenset(named.get(start, start) for start in theirs[1]))
    for what, mine, other in (("definition", ours, theirs[0]), ("references", our_references, theirs[1])):
        if what == "definition" and at is not None and at.defines:
            # The peer answers with the location that the operation records, which may be in another file.
            continue
        reason = _reason(snapshot, offset, kind, mine, other)
        tally.counts[f"{kind} {what}: {reason or 'differ'}"] += 1
        if reason is None:
            lines = snapshot.document.lines
            shown = [sorted(lines.position(one, "utf-8").line0 + 1 for one in places) for places in (mine, other)]
            line0, column = lines.position(offset, "utf-8")
            text = lines.line_span(line0).of(snapshot.document.data).decode().strip()[:110]
            tally.differences.append(f"{kind} {what}: {name}:{line0 + 1}:{column + 1}: {shown[0]} {shown[1]}: {text}")


def _reason(snapshot: Snapshot, offset: int, kind: str, ours: frozenset[int], theirs: frozenset[int]) -> str | None:
    """Why two answers are as they are; None when nobody knows."""
    if ours == theirs:
        return "equal"
    at = occurrences.at(snapshot, offset)
    if at is None:
        return None
    if at.number is not None and ours < theirs:
        uses = [one for one in occurrences.all_of(snapshot, at) if one.span.start in theirs]
        if len(uses) == len(theirs) and all(one.number != at.number or one.span.start in ours for one in uses):
            return "of one result"
    if theirs < ours and kind == "value" and all(_is_in_affine(snapshot, one) for one in ours - theirs):
        return "operand counted once"
    if kind in ("symbol", "alias") and theirs <= ours:
        return "not known to the peer"
    if not theirs and _is_in_affine(snapshot, offset):
        return "operand counted once"
    # Arguments of a function without a body.
    return "not known to the peer" if not theirs and len(ours) == 1 and at.defines else None


def _is_in_affine(snapshot: Snapshot, offset: int) -> bool:
    """Whether a place is inside an operation that takes affine expressions of its operands."""
    at = occurrences.at(snapshot, offset)
    operation = occurrences.operation_of(snapshot, at) if at is not None else None
    return operation is not None and operation.name.startswith("affine.")


def _defining(snapshot: Snapshot, offset: int) -> list[int]:
    found = definition.definition(snapshot.fact(alone), snapshot, offset)
    return [link.name.start for link in found if link.name is not None]


def _operation_name(snapshot: Snapshot, offset: int) -> int:
    """Where the name of the operation starts that defines the symbol at `offset`."""
    at = occurrences.at(snapshot, offset)
    operation = occurrences.operation_of(snapshot, at) if at is not None else None
    return offset if at is None or operation is None else snapshot.span_in(at.piece, operation.name_span).start


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer", type=Path, required=True, help="an mlir-lsp-server")
    parser.add_argument("--generic", action="store_true", help="compare what the engine prints in generic form")
    parser.add_argument("--differences", type=int, default=20, help="how many to print")
    arguments = parser.parse_args()
    tally, start = Tally(), time.perf_counter()
    texts = asyncio.run(generic_forms(arguments.folder)) if arguments.generic else files(arguments.folder)
    compare(texts, arguments.peer, tally)
    for name, count in sorted(tally.counts.items()):
        print(f"{count:8} {name}")
    print(f"{time.perf_counter() - start:8.1f} s")
    for line in tally.differences[: arguments.differences]:
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
