"""Excerpt: of a very long operation the lines that tell what can be used at a place; so that a list comes at once.

A function of hundreds of kilobytes takes longer to parse than anybody waits for a list. What can be seen from a place
is in lines that are not indented further: those of the blocks around it, and of what was defined there before. All text
next to the place is kept as it is. In a text that is not indented like that the excerpt tells less.
"""

from __future__ import annotations

from typing import Final

LONGEST: Final = 12_000
"""Bytes of a text that is taken as a whole."""
_NEXT_BEFORE: Final = 3_000
_NEXT_BEHIND: Final = 1_000
_LONGEST_LINE: Final = 1_000
_ENDS: Final = b"\r\n"


def excerpt(text: bytes, offset: int) -> tuple[bytes, int] | None:
    """The lines that count for a byte, and where it is among them; None inside a line that goes on and on."""
    if len(text) <= LONGEST:
        return text, offset
    first = text.rfind(b"\n", 0, max(offset - _NEXT_BEFORE, 0)) + 1
    last = text.find(b"\n", offset + _NEXT_BEHIND)
    last = len(text) if last < 0 else last
    if last - first > LONGEST:
        return None
    near = text[first:last]
    head = _lines_before(text[:first], _level(text, offset))
    return head + near, len(head) + offset - first


def _level(text: bytes, offset: int) -> int:
    """How far the line of a byte is indented; of an empty one, how far the one before."""
    start = text.rfind(b"\n", 0, offset) + 1
    while start > 0 and not text[start:].split(b"\n", 1)[0].strip():
        start = text.rfind(b"\n", 0, start - 1) + 1
    return _indent(text[start : start + _LONGEST_LINE])


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" \t"))


def _lines_before(text: bytes, level: int) -> bytes:
    """The lines of a text that are indented no further than those behind them."""
    kept: list[bytes] = []
    size = depth = 0
    for line in reversed(text.split(b"\n")):
        # Braces that close stand behind what they close: both are kept, or neither.
        is_full = size > LONGEST and depth <= 0
        # There may be many thousands of lines, of which few count.
        if not line[: level if is_full else level + 1].strip():
            continue
        stripped = line.strip()
        if stripped.startswith(b"//"):
            continue
        indent = _indent(line)
        depth += stripped.startswith((b"}", b")")) - (stripped.endswith((b"{", b"(")) and indent == level)
        level = min(level, indent)
        kept.append(_shortened(line) if len(line) > _LONGEST_LINE else line)
        size += len(kept[-1])
    return b"\n".join(reversed(kept)) + b"\n"


def _shortened(line: bytes) -> bytes:
    """The results, name and type of an operation, as of a large constant."""
    before, equals, behind = line.partition(b"=")
    name = behind.lstrip().split(b" ", 1)[0]
    type_ = line.rpartition(b" : ")[2]
    if not equals or not name or len(type_) > _LONGEST_LINE:
        return line
    return before + b"= " + name + b" : " + type_
