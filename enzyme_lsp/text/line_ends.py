"""Where the line of a place begins and ends, found in the text around it; must not know columns.

Lines end with LF, CR LF or CR, as they do for the protocol. What keeps an index of all lines is `line_index.py`.
"""

from __future__ import annotations


def line_start(data: bytes, at: int) -> int:
    """Where the line begins that holds a place."""
    feed = data.rfind(b"\n", 0, at) + 1
    return max(feed, data.rfind(b"\r", feed, at) + 1)


def line_end(data: bytes, at: int) -> int:
    """Where the line ends that holds a place: at its line end, or at the end of the text."""
    feed = data.find(b"\n", at)
    feed = len(data) if feed < 0 else feed
    carriage = data.find(b"\r", at, feed)
    return feed if carriage < 0 else carriage


def next_line(data: bytes, at: int) -> int:
    """Where the line begins that is behind the line of a place; the end of the text when there is none."""
    end = line_end(data, at)
    return end + (2 if data.startswith(b"\r\n", end) else end < len(data))


def lines_of(text: str) -> list[str]:
    """The lines of a part of a text, without their ends; CR alone ends one only where nothing else does."""
    text = text.replace("\r\n", "\n")
    return text.split("\n") if "\n" in text else text.split("\r")
