"""Text from files and engines made safe to show: what a terminal would obey, or hide, becomes visible."""

from __future__ import annotations

import unicodedata

TAB = "    "
_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories with no picture of their own: controls, marks that reorder a line, lone surrogates and such."""


def character(char: str) -> str:
    """One character as it can be shown, tabs included."""
    if char == "\t":
        return TAB
    if ord(char) < 0x20:
        return chr(0x2400 + ord(char))
    if char == "\x7f":
        return "\N{SYMBOL FOR DELETE}"
    if unicodedata.category(char) in _HIDDEN:
        return f"<U+{ord(char):04X}>"
    return char


def line(text: str) -> str:
    """A text on one line."""
    return text if text.isascii() and text.isprintable() else "".join(map(character, text))


def lines(text: str) -> list[str]:
    """A text of several lines, such as an engine's message."""
    return [line(each) for each in text.split("\n")]
