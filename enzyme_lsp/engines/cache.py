"""Answers that are kept, the least recently used forgotten first; must not know how answers are made."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import Answer, Identity, Request

OUTPUT_BYTES = 64 << 20
"""How much printed text is kept at most, whatever the number of answers: a large module prints tens of megabytes."""


class Cache:
    """(engine, request) -> answer.

    Keyed by who answered as well as by content: another release may say something else. Answers that another
    attempt might change are not kept.
    """

    def __init__(self, entries: int, output_bytes: int = OUTPUT_BYTES) -> None:
        self._entries = entries
        self._output_bytes = output_bytes
        # Invariant: `_size` is the sum of the lengths of the outputs in `_answers`, in characters.
        self._answers: OrderedDict[tuple[Identity, str], Answer] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, engine: Identity, request: Request) -> Answer | None:
        key = (engine, request.key)
        answer = self._answers.get(key)
        if answer is not None:
            self._answers.move_to_end(key)
        return answer

    def put(self, request: Request, answer: Answer) -> None:
        if not answer.repeatable or _weight(answer) > self._output_bytes:
            return
        key = (answer.engine, request.key)
        self._forget(key)
        self._answers[key] = answer
        self._size += _weight(answer)
        while len(self._answers) > self._entries or self._size > self._output_bytes:
            self._forget(next(iter(self._answers)))

    def _forget(self, key: tuple[Identity, str]) -> None:
        answer = self._answers.pop(key, None)
        if answer is not None:
            self._size -= _weight(answer)


def _weight(answer: Answer) -> int:
    return len(answer.output or "")
