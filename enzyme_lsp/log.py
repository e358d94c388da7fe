"""The log: where it goes and how work is timed; must not know what the work is.

Everything is written to standard error, since standard output belongs to the protocol.
"""

from __future__ import annotations

import logging
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from enzyme_lsp.settings import LogSettings

if TYPE_CHECKING:
    from collections.abc import Generator

_logger = logging.getLogger("enzyme_lsp")


@dataclass(slots=True)
class _Spans:
    slow_ms: int = LogSettings().slow_ms


_spans = _Spans()


def set_up(settings: LogSettings) -> None:
    """Begin to log, or follow changed settings."""
    _spans.slow_ms = settings.slow_ms
    _logger.setLevel(settings.level.upper())
    if _logger.handlers:
        return
    handler = _Stderr()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    _logger.addHandler(handler)
    _logger.addHandler(_bugs)
    # A program that embeds us may have handlers of its own; each line should appear once.
    _logger.propagate = False


@contextmanager
def span(name: str, detail: str) -> Generator[None]:
    """Name and time some work: `with span("hover", uri): ...`. Slow work is seen at the level "info"."""
    started = time.perf_counter()
    try:
        yield
    finally:
        spent_ms = (time.perf_counter() - started) * 1000
        level = logging.INFO if spent_ms > _spans.slow_ms else logging.DEBUG
        _logger.log(level, "%s took %.1f ms: %s", name, spent_ms, detail)


def bugs() -> int:
    """How many exceptions were logged. For a user one answer less is better than no server; tests count."""
    return _bugs.count


class _Stderr(logging.Handler):
    """Writes to what `sys.stderr` is at that moment: a program that embeds us, or a test, may exchange it."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001  # A log that cannot be written must not end what it is about.
            self.handleError(record)


class _BugCounter(logging.Handler):
    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.count += 1


_bugs = _BugCounter()
