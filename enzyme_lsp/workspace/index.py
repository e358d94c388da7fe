"""Index: the symbols of many files, small in memory, and found by name or by some of its letters.

Names are kept by length, one behind the other in a byte string each, so that a search is a few scans at the speed of
C, and so that it meets short names first. What else is known of a symbol is a row of numbers of its file.
It may be used from several threads; nothing in it reads files.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from enzyme_lsp.text.document import decode
from enzyme_lsp.text.line_index import LineIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from enzyme_lsp.text.line_index import Encoding
    from enzyme_lsp.workspace.file_symbols import FileSymbol


@dataclass(frozen=True, slots=True)
class Place:
    """The name of a symbol in its file: bytes of the text, and the line, from 0, with the columns in bytes."""

    start: int
    end: int
    line0: int
    column: int
    before: bytes | None
    """The line up to the end of the name where it holds more than ASCII, so that columns depend on the encoding."""

    def columns(self, encoding: Encoding) -> tuple[int, int]:
        """Where the name begins and ends in its line."""
        if self.before is None:
            return self.column, self.column + self.end - self.start
        line = LineIndex.of(self.before)
        first, last = (line.position(offset, encoding).column for offset in (self.column, len(self.before)))
        return first, last


@dataclass(frozen=True, slots=True)
class IndexedSymbol:
    """A symbol of some file."""

    name: str
    operation: str
    """The name of the operation that defines it."""
    signature: str
    """`(types) -> type`; empty when it has none."""
    modules: str
    """The named modules around it, outermost first: `@a::@b`."""
    has_body: bool
    file: str
    """The key under which the file was added."""
    place: Place


class SymbolIndex:
    """Files with their symbols, by a key for each file."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._buckets: dict[int, _Bucket] = {}
        """By the length of their names, in bytes."""
        self._files: dict[str, _File] = {}
        self._by_number: list[_File] = []
        self._free: list[int] = []
        """Numbers of files that are gone."""
        self._operations: dict[str, int] = {}
        self._operation_names: list[str] = []
        self._size = 0

    def __len__(self) -> int:
        """How many symbols there are."""
        return self._size

    @property
    def files(self) -> frozenset[str]:
        """The keys of all files, those without symbols included."""
        with self._lock:
            return frozenset(self._files)

    def replace(self, file: str, text: bytes, symbols: Iterable[FileSymbol]) -> None:
        """Puts the symbols of a file, which is `text`, in the place of those that it had."""
        # All that takes long is done before the lock is taken.
        rows, details, uneven = _rows(text, symbols)
        with self._lock:
            self._remove(file)
            number = self._free.pop() if self._free else len(self._by_number)
            made = _File(file, number, details, uneven)
            for ordinal, row in enumerate(rows):
                one, length = row.symbol, len(row.symbol.name)
                bucket = self._buckets.get(length)
                if bucket is None:
                    bucket = self._buckets[length] = _Bucket(length)
                slot = bucket.add(one.name, number, ordinal)
                operation = self._operations.setdefault(one.operation, len(self._operation_names))
                if operation == len(self._operation_names):
                    self._operation_names.append(one.operation)
                marks = one.end - one.start - length - 1
                flags = operation << 3 | one.has_body << 2 | marks
                made.numbers.extend((length, slot, one.start, row.line0, row.column, flags, row.detail))
            self._by_number[number : number + 1] = [made]
            self._files[file] = made
            self._size += len(rows)

    def remove(self, file: str) -> None:
        """Forgets a file; one that is not there is no matter."""
        with self._lock:
            self._remove(file)

    def named(self, name: str) -> list[IndexedSymbol]:
        """The symbols of exactly that name, in the order of files and lines."""
        wanted = name.encode(errors="surrogatepass")
        with self._lock:
            bucket = self._buckets.get(len(wanted))
            if bucket is None or b"\n" in wanted:
                return []
            pattern = re.compile(re.escape(b"\n" + wanted))
            found = [self._symbol(bucket, slot) for slot in bucket.slots(pattern, bucket.names)]
        return sorted(found, key=lambda one: (one.file, one.place.start))

    def search(self, query: str, limit: int) -> list[IndexedSymbol]:
        """At most `limit` symbols whose names have the letters of `query` in order, the best first.

        Better is, in this order: to be the query; to begin with it; to have it at the start of a word; to have its
        letters as the initials of the first words; to have it inside; to have its letters somewhere. Then what is
        shorter, what is defined and not only declared, and what has the letters' case. Blanks and a leading `@` in the
        query count nothing.
        """
        wanted = "".join(query.split()).removeprefix("@").encode(errors="surrogatepass")
        with self._lock:
            return [self._symbol(self._buckets[hit.length], hit.slot) for hit in self._hits(wanted, limit)]

    def _hits(self, wanted: bytes, limit: int) -> list[_Hit]:
        key = wanted.lower()
        every = [
            (bucket, bytes(bucket.names).lower())
            for length, bucket in sorted(self._buckets.items())
            if length >= len(key)
        ]
        holding = [(bucket, folded) for bucket, folded in every if key in folded]
        found: dict[tuple[int, int], _Hit] = {}
        for tier, (is_inside, patterns) in enumerate(_tiers(key)):
            for bucket, folded in holding if is_inside else every:
                for pattern, is_folded in patterns:
                    # Of names of one length as many as nobody scrolls through stand for all.
                    for slot in islice(bucket.slots(pattern, folded if is_folded else bucket.names), 4 * limit):
                        at = (bucket.length, slot)
                        if at not in found:
                            name = bucket.name(slot)
                            file = self._by_number[bucket.files[slot]]
                            declared = not file.flags(bucket.ordinals[slot]) & 4
                            found[at] = _Hit(tier, bucket.length, declared, wanted not in name, name, file.key, slot)
                if len(found) >= limit:
                    # What is longer, and the tiers that follow, come behind all these.
                    return sorted(found.values())[:limit]
        return sorted(found.values())

    def _symbol(self, bucket: _Bucket, slot: int) -> IndexedSymbol:
        file, ordinal = self._by_number[bucket.files[slot]], bucket.ordinals[slot]
        _, _, start, line0, column, flags, detail = file.row(ordinal)
        signature, modules = file.details.split(b"\n")[2 * detail : 2 * detail + 2]
        return IndexedSymbol(
            decode(bucket.name(slot)),
            self._operation_names[flags >> 3],
            decode(signature),
            decode(modules),
            bool(flags & 4),
            file.key,
            Place(start, start + bucket.length + 1 + (flags & 3), line0, column, file.uneven.get(ordinal)),
        )

    def _remove(self, file: str) -> None:
        old = self._files.pop(file, None)
        if old is None:
            return
        count = len(old.numbers) // _ROW
        for ordinal in range(count):
            length, slot = old.row(ordinal)[:2]
            self._buckets[length].remove(slot)
        self._free.append(old.number)
        self._size -= count


class _Bucket:
    """All names of one length, each behind a line break, in slots of one width.

    A slot that is free holds line breaks only, which nothing that is searched for has.
    """

    __slots__ = ("_free", "files", "length", "names", "ordinals")

    def __init__(self, length: int) -> None:
        self.length = length
        self.names = bytearray()
        self.files = array("I")
        """For each slot the number of its file."""
        self.ordinals = array("I")
        """For each slot which symbol of its file it is."""
        self._free = array("I")

    def add(self, name: bytes, file: int, ordinal: int) -> int:
        """The slot in which the name is now."""
        if not self._free:
            self.names += b"\n"
            self.names += name
            self.files.append(file)
            self.ordinals.append(ordinal)
            return len(self.files) - 1
        slot = self._free.pop()
        self._write(slot, b"\n" + name)
        self.files[slot], self.ordinals[slot] = file, ordinal
        return slot

    def remove(self, slot: int) -> None:
        self._write(slot, b"\n" * (self.length + 1))
        self._free.append(slot)

    def name(self, slot: int) -> bytes:
        start = slot * (self.length + 1) + 1
        return bytes(self.names[start : start + self.length])

    def slots(self, pattern: re.Pattern[bytes], names: bytes | bytearray) -> Iterator[int]:
        """Where a pattern is found; a slot comes again when it is there again."""
        width = self.length + 1
        for match in pattern.finditer(names):
            yield match.start() // width

    def _write(self, slot: int, record: bytes) -> None:
        self.names[slot * len(record) : (slot + 1) * len(record)] = record


class _File:
    """What is known of the symbols of a file, besides their names, in the order of the text."""

    __slots__ = ("details", "key", "number", "numbers", "uneven")

    def __init__(self, key: str, number: int, details: bytes, uneven: dict[int, bytes]) -> None:
        self.key = key
        self.number = number
        self.numbers = array("I")
        """For each symbol a row: length and slot of its name, start, line, column, flags, detail.

        The flags are the number of its operation, times 8; whether it has a body, times 4; how many bytes the mark and
        the quotes of its name take, less one.
        """
        self.details = details
        """Two lines for each detail: a signature, and the modules around it."""
        self.uneven = uneven
        """Of the symbols whose line holds more than ASCII, the line up to the end of the name."""

    def row(self, ordinal: int) -> array[int]:
        return self.numbers[ordinal * _ROW : (ordinal + 1) * _ROW]

    def flags(self, ordinal: int) -> int:
        return self.numbers[ordinal * _ROW + 5]


_ROW: Final = 7
_LONGEST_SIGNATURE: Final = 256
"""Bytes. Of a longer one the middle is left out."""


class _Row(NamedTuple):
    symbol: FileSymbol
    line0: int
    column: int
    detail: int


def _rows(text: bytes, symbols: Iterable[FileSymbol]) -> tuple[list[_Row], bytes, dict[int, bytes]]:
    """The symbols with their lines, columns and the numbers of their details; the details; the uneven lines."""
    rows: list[_Row] = []
    details: dict[tuple[bytes, bytes], int] = {}
    uneven: dict[int, bytes] = {}
    is_plain = text.isascii()
    # Lines end as the protocol says: a carriage return alone ends one, and `LineIndex` knows.
    lines = LineIndex.of(text) if text.count(b"\r") != text.count(b"\r\n") else None
    line0, counted = 0, 0
    for one in sorted(symbols, key=lambda one: one.start):
        if lines is None:
            line0 += text.count(b"\n", counted, one.start)
            counted = one.start
            line_start = text.rfind(b"\n", 0, one.start) + 1
        else:
            line0 = lines.position(one.start, "utf-8").line0
            line_start = lines.line_span(line0).start
        if not is_plain and not (before := text[line_start : one.end]).isascii():
            uneven[len(rows)] = before
        signature = one.signature
        if len(signature) > _LONGEST_SIGNATURE:
            signature = signature[: _LONGEST_SIGNATURE - 37] + b" ... " + signature[-32:]
        detail = details.setdefault((signature, one.modules), len(details))
        rows.append(_Row(one, line0, one.start - line_start, detail))
    return rows, b"\n".join(b"\n".join(detail) for detail in details), uneven


class _Hit(NamedTuple):
    """A symbol that was found; what sorts first is better."""

    tier: int
    length: int
    is_declared: bool
    has_other_case: bool
    name: bytes
    file: str
    slot: int


_SEPARATORS: Final = b"_.$-:/"
"""What words in a name stand behind."""


def _tiers(key: bytes) -> Iterator[tuple[bool, list[tuple[re.Pattern[bytes], bool]]]]:
    """What to look for, the best first: whether it holds the key as it is, and patterns for names.

    A pattern is for names in lower case, or else for names as they are. Each begins with a letter or line break that is
    given, which `re` searches for ten times as fast as for one of several.
    """
    if not key:
        yield False, [(re.compile(rb"\n(?=[^\n])"), True)]
        return
    whole = re.escape(key)
    yield True, [(re.compile(b"\n" + whole), True)]  # The query itself is the shortest of these.
    starts = [(re.compile(re.escape(bytes((mark,))) + whole), True) for mark in _SEPARATORS]
    if key[:1].isalpha():
        humped = re.escape(key[:1].upper() + key[1:])
        starts.append((re.compile(humped + rb"(?<=[a-z0-9]" + humped + rb")"), False))
    yield True, starts
    letters = [re.escape(bytes((letter,))) for letter in key]
    if len(letters) > 1 and not {*key} & {*_SEPARATORS}:
        between = rb"[^\n" + re.escape(_SEPARATORS) + rb"]*+[" + re.escape(_SEPARATORS) + rb"]"
        yield False, [(re.compile(b"\n" + between.join(letters)), True)]
    yield True, [(re.compile(whole), True)]
    yield False, [(re.compile(b"\n" + b"".join(rb"[^\n%b]*+%b" % (letter, letter) for letter in letters)), True)]
