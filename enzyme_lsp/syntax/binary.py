"""Binary: tells MLIR bytecode from text by how it begins; it reads none of it."""

from __future__ import annotations

from typing import Final

MAGIC: Final = b"ML\xefR"
"""The first bytes of bytecode, whole or not."""

_AS_TEXT: Final = ("ML\ufffdR".encode(), "ML\xefR".encode())
"""What becomes of them in programs that take every file for text: in UTF-8, and in Latin-1."""


def is_bytecode(data: bytes) -> bool:
    """Whether a file holds bytecode."""
    return data.startswith(MAGIC)


def was_bytecode(data: bytes) -> bool:
    """Whether a text is bytecode that somebody has taken for text, which leaves nothing to be read in it."""
    return data.startswith((MAGIC, *_AS_TEXT))
