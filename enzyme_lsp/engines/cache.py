"""Answers that are kept, the least recently used forgotten first; must not know how answers are made."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import Answer, Identity, Request

CHARACTERS = 64 << 20
"""How much text is kept at most, whatever the number of answers: a large module prints tens of megabytes, and one full
of mistakes may have as much said about it."""


class Cache:
    """(engine, request) -> answer.

    Keyed by who answered as well as by content: another release may say something else. Answers that another
    attempt might change are not kept.
    """

    def __init__(self, entries: int, characters: int = CHARACTERS) -> None:
        self._entries = entries
        self._characters = characters
        # Invariant: `_size` is the sum of the weights of `_answers`.
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
        if not answer.repeatable or _weight(answer) > self._characters:
            return
        key = (answer.engine, request.key)
        self._forget(key)
        self._answers[key] = answer
        self._size += _weight(answer)
        while len(self._answers) > self._entries or self._size > self._characters:
            self._forget(next(iter(self._answers)))

    def _forget(self, key: tuple[Identity, str]) -> None:
        answer = self._answers.pop(key, None)
        if answer is not None:
            self._size -= _weight(answer)


def _weight(answer: Answer) -> int:
    """The length of all texts in an answer, in characters."""
    notes = (note for problem in answer.problems for note in problem.notes)
    said = sum(len(each.message) for each in (*answer.problems, *notes))
    # The same text for several prints is one object.
    printed = sum(len(text) for text in {id(one.text): one.text for one in answer.prints}.values())
    return len(answer.output or "") + len(answer.bytecode) + len(answer.detail) + printed + said
