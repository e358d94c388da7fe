"""Binary: tells MLIR bytecode from text by how it begins, and reads what of it the bindings do not give.

Bytecode is a head and sections; MLIR's documentation describes both. Any bytes may be asked about.
"""

from __future__ import annotations

from typing import Final

MAGIC: Final = b"ML\xefR"
"""The first bytes of bytecode, whole or not."""

_AS_TEXT: Final = ("ML\ufffdR".encode(), "ML\xefR".encode())
"""What becomes of them in programs that take every file for text: in UTF-8, and in Latin-1."""

_STRINGS: Final = 0
_RESOURCES: Final = 6
_IS_ALIGNED: Final = 0x80


def is_bytecode(data: bytes) -> bool:
    """Whether a file holds bytecode."""
    return data.startswith(MAGIC)


def was_bytecode(data: bytes) -> bool:
    """Whether a text is bytecode that somebody has taken for text, which leaves nothing to be read in it."""
    return data.startswith((MAGIC, *_AS_TEXT))


def external_resources(data: bytes) -> tuple[str, ...]:
    """The names of groups of resources that are no dialect's; none where the bytes cannot be read as far as that."""
    try:
        sections = _sections(data)
        listed = _Reader(sections.get(_RESOURCES, b""))
        names = _strings(sections[_STRINGS])
        found: list[str] = []
        for _ in range(listed.number()):
            found.append(names[listed.number()])
            for _ in range(listed.number()):
                listed.skip_resource()
        return tuple(found)
    except (IndexError, KeyError):
        return ()


def _sections(data: bytes) -> dict[int, bytes]:
    reader = _Reader(data, len(MAGIC))
    reader.number()
    # Behind the version stands who wrote it, up to a zero.
    reader.at = data.find(0, reader.at) + 1 or len(data)
    found: dict[int, bytes] = {}
    while reader.at < len(data):
        kind, length = reader.byte(), reader.number()
        if kind & _IS_ALIGNED:
            alignment = max(reader.number(), 1)
            reader.at += -reader.at % alignment
        found[kind & ~_IS_ALIGNED] = data[reader.at : reader.at + length]
        reader.at += length
    return found


def _strings(section: bytes) -> list[str]:
    reader = _Reader(section)
    # A string takes two bytes at least, so more of them are none.
    lengths = [reader.number() for _ in range(min(reader.number(), len(section)))]
    found: list[str] = []
    # The last one's comes first.
    for length in reversed(lengths):
        found.append(section[reader.at : reader.at + max(length - 1, 0)].decode("utf-8", "replace"))
        reader.at += length
    return found


class _Reader:
    """Reads numbers; raises IndexError behind the end."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        """As many bytes follow the first one as that has zeros at its end."""
        first = self.byte()
        if first & 1:
            return first >> 1
        more = 8 if not first else (first & -first).bit_length() - 1
        if self.at + more > len(self.data):
            raise IndexError(self.at)
        value = int.from_bytes(self.data[self.at : self.at + more], "little")
        self.at += more
        return value if not first else (value << 8 | first) >> (more + 1)

    def skip_resource(self) -> None:
        """Its name, its size, and of which kind it is."""
        self.number()
        self.number()
        self.byte()
