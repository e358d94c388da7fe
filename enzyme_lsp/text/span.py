"""A stretch of a text, as UTF-8 byte offsets; must not know what the text says or who asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The bytes from `start` up to, not including, `end`. Spans sort by start, then by end.

    Invariant: 0 <= start <= end.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span needs 0 <= start <= end, got {self.start} and {self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def __bool__(self) -> bool:
        # Without this an empty span, having length 0, would be false, and `if span:` would mean "not empty"
        # where the reader sees "not None".
        return True

    def shifted(self, delta: int) -> Span:
        return Span(self.start + delta, self.end + delta)

    def contains(self, offset: int) -> bool:
        return self.start <= offset < self.end

    def covers(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether both have a byte in common; spans that only touch, and empty ones, have none."""
        return max(self.start, other.start) < min(self.end, other.end)

    def touches(self, other: Span) -> bool:
        """Whether both overlap, or one ends where the other starts: a cursor behind a word is still at the word."""
        return self.start <= other.end and other.start <= self.end

    def of(self, data: bytes) -> bytes:
        return data[self.start : self.end]
