"""`enzyme-lsp probe`: every editor feature at every token of files, with no editor; must not know any feature.

For bug reports: it says which feature raised an exception, and where, and which answers came late.
"""

from __future__ import annotations

import sys
import time
import traceback
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from enzyme_lsp.cli import files, reading, visible
from enzyme_lsp.cli.misuse import complain
from enzyme_lsp.features import FEATURES, Feature
from enzyme_lsp.settings import Settings
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator

    from enzyme_lsp.workspace.snapshot import Snapshot

SLOW_MS = 100
"""What the user waits for longer than this is felt."""


def run(arguments: Namespace) -> int:
    """Exit code 0 when nothing raised, 1 when something did, 2 on misuse."""
    # Width 80, the default where there is no terminal, would cut the places.
    console = Console(
        width=None if sys.stdout.isatty() else 120, markup=False, highlight=False, emoji=False, soft_wrap=True
    )
    records = {feature.name: _Record() for feature in FEATURES}
    unread = 0
    for path in files.named(arguments.paths):
        try:
            document = reading.document(path, Settings())
        except files.UnreadableError as error:
            complain(str(error))
            unread += 1
            continue
        snapshot = Workspace(Settings()).open(document)
        for feature in FEATURES:
            _probe(feature, snapshot, files.shown(path), records[feature.name])
    failures = [failure for record in records.values() for failure in record.failures]
    for failure in failures:
        console.print(Text(failure, "red"))
    console.print(_table(records))
    if unread:
        return 2
    return 1 if failures else 0


@dataclass(slots=True)
class _Record:
    """What is known of one feature."""

    calls: int = 0
    spent_ms: float = 0
    worst_ms: float = 0
    worst_place: str = ""
    slow: int = 0
    failures: list[str] = field(default_factory=list[str])
    """One for each kind of exception and the line that raised it, since one bug shows at a thousand places."""
    seen: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])


def _probe(feature: Feature, snapshot: Snapshot, file: str, record: _Record) -> None:
    if feature.of_document is not None:
        _call(feature.name, partial(feature.of_document, snapshot), file, record)
    if feature.at_place is not None:
        for offset in _places(snapshot):
            line0, column = snapshot.document.lines.position(offset, "utf-32")
            place = f"{file}:{line0 + 1}:{column + 1}"
            _call(feature.name, partial(feature.at_place, snapshot, offset), place, record)


def _call(name: str, work: Callable[[], object], place: str, record: _Record) -> None:
    started = time.perf_counter()
    try:
        work()
    except Exception as error:  # noqa: BLE001  # What is looked for may be of any kind.
        kind = (type(error).__name__, traceback.format_tb(error.__traceback__)[-1])
        if kind not in record.seen:
            record.seen.add(kind)
            lines = visible.lines("".join(traceback.format_exception(error)).rstrip())
            record.failures.append("\n".join([visible.line(f"{name} at {place}:"), *lines]))
    spent_ms = (time.perf_counter() - started) * 1000
    record.calls += 1
    record.spent_ms += spent_ms
    record.slow += spent_ms > SLOW_MS
    if spent_ms > record.worst_ms:
        record.worst_ms, record.worst_place = spent_ms, place


def _places(snapshot: Snapshot) -> Iterator[int]:
    """The beginning of every token, and the end of the text."""
    for number, piece in enumerate(snapshot.layout.pieces):
        start = snapshot.offset(number)
        yield from (start + token for token in piece.tree.tokens.starts)
    yield len(snapshot.document.data)


def _table(records: dict[str, _Record]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("feature")
    for title in ("calls", "mean ms", "worst ms", f"> {SLOW_MS} ms", "exceptions"):
        table.add_column(title, justify="right")
    table.add_column("worst at", overflow="fold")
    for name, record in records.items():
        mean_ms = record.spent_ms / record.calls if record.calls else 0
        numbers = (record.calls, f"{mean_ms:.2f}", f"{record.worst_ms:.1f}", record.slow, len(record.failures))
        table.add_row(name, *map(str, numbers), visible.line(record.worst_place))
    return table
