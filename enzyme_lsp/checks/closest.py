"""Closest: the name that was probably meant by one that does not exist; it knows no name in particular."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

_MANY: Final = 500
"""Names that can be compared one by one within a keystroke: each takes some ten microseconds."""
_CLOSE: Final = 0.7
_BEGUN: Final = 3
"""Letters of which the beginning of a name must have so many to mean it."""
_CERTAIN: Final = 0.8
_LEAD: Final = 0.08
"""How much closer than the second the first must be, to be the one that was meant."""
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$-"


@dataclass(frozen=True, slots=True)
class Guess:
    """A name close to the one that is written; certain when no other comes near it."""

    name: str
    is_certain: bool


def closest(word: str, names: Collection[str], is_fit: Callable[[str], bool] = lambda _: True) -> Guess | None:
    """The name of `names` that is closest to `word`, capitals aside; None when none is close.

    Of equally close ones the first. `is_fit` says of a name whether it can be meant at all; it is asked of close ones
    only. Among very many names, only those are found that are one letter away.
    """
    if len(names) > _MANY:
        found = next((name for name in _one_letter_away(word) if name in names and is_fit(name)), None)
        return None if found is None else Guess(found, is_certain=False)
    rated = sorted(((-_likeness(word, name), number, name) for number, name in enumerate(names)))
    near = [(-rating, name) for rating, _, name in rated if -rating >= _CLOSE and is_fit(name)][:2]
    if not near:
        return None
    behind = near[1][0] if len(near) > 1 else 0.0
    return Guess(near[0][1], is_certain=near[0][0] >= _CERTAIN and near[0][0] - behind >= _LEAD)


def _likeness(word: str, name: str) -> float:
    """From 0 to 1. A word with which the name begins is like it, as when somebody has stopped typing."""
    word, name = word.lower(), name.lower()
    if len(word) >= _BEGUN and name.startswith(word) and word != name:
        return max(_CLOSE, 2 * len(word) / (len(word) + len(name)))
    matcher = SequenceMatcher(None, word, name, autojunk=False)
    # The cheap bounds come first, as in difflib itself.
    if matcher.real_quick_ratio() < _CLOSE or matcher.quick_ratio() < _CLOSE:
        return 0.0
    return matcher.ratio()


def _one_letter_away(word: str) -> Iterator[str]:
    """The words that differ by one letter left out, too much, wrong, or in the other order."""
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    yield from (head + tail[1:] for head, tail in halves if tail)
    yield from (head + tail[1] + tail[0] + tail[2:] for head, tail in halves if len(tail) > 1)
    yield from (head + letter + tail for head, tail in halves for letter in _LETTERS)
    yield from (head + letter + tail[1:] for head, tail in halves if tail for letter in _LETTERS)
