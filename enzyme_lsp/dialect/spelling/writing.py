"""Writing: the brackets of an operation as the other spelling has them.

Strict is written as it is printed, `<...>`, where that says all that classic said. Where it does not, as `width = 2`,
which classic reads with and without a type, the dictionary stays as it is and `<` and `>` go around it.

In strict, attributes that are not the operation's own stand behind the others. Those that stood between them in
classic, as engines print them, leave a gap behind: of two blanks where there is one, or of an empty line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.calls import Braces
from enzyme_lsp.dialect.ops import OPS, AttributeKind
from enzyme_lsp.dialect.spelling.edits import UNCHANGED, Conversion, Move
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.dialect.calls import Entry
    from enzyme_lsp.dialect.spelling.brackets import Brackets, Clause, Form
    from enzyme_lsp.dialect.spelling.edits import Spelling
    from enzyme_lsp.syntax.nodes import Operation, Tree

_INTEGER: Final = re.compile(rb"-?(?:0x[0-9a-fA-F]+|[0-9]+)")
_TYPED_INTEGER: Final = re.compile(rb"(" + _INTEGER.pattern + rb") : i64")
_TYPE_OF_INTEGER: Final = b" : i64"
_BLANK: Final = re.compile(rb"(?:[ \t\r\n]|//[^\n\r]*[\n\r])*")
_ONE_INTEGER: Final = _BLANK.pattern + _INTEGER.pattern + _BLANK.pattern
_INTEGERS: Final = re.compile(_ONE_INTEGER + rb"(?:," + _ONE_INTEGER + rb")*")
_LINE: Final = re.compile(rb"\r?\n[ \t]*")


def convert(
    operation: Operation, form: Form, brackets: Brackets, target: Spelling, inner: Sequence[Edit]
) -> Conversion:
    """The brackets of an operation in the spelling `target`, with the edits `inner` of what is in them."""
    written = brackets.spelling(form)
    if brackets.fault:
        return _wrong(brackets.fault) if inner or written not in (None, target) else UNCHANGED
    if written in (None, target):
        return Conversion(tuple(inner))
    reason, writer = "", _Writer(operation.tree, form, inner)
    if target == "strict" and (needed := [name for name, required in form.only_strict.items() if required]):
        reason = f"strict spelling needs its {needed[0]}, which classic does not have"
        field = OPS[operation.name].attribute(needed[0])
        word = field.words[0][0] if field is not None and field.words else ""
        writer.put(brackets.place, brackets.place, f" {word}".encode())
    elif target == "classic" and brackets.extras:
        shown = brackets.extras[0].of(operation.tree.tokens.text).decode("utf-8", "replace")
        reason = f"classic spelling has no place for `{shown}`"
        for span in brackets.extras:
            writer.put(span.start, span.end, b"")
    if target == "strict" and brackets.rest is not None and brackets.has_own_in_rest(form):
        reason = writer.to_strict(brackets.rest) or reason
    elif target == "classic" and brackets.own is not None:
        wrong = writer.to_classic(brackets.own, brackets.rest)
        if wrong:
            return _wrong(wrong)
    edits = tuple(sorted([*writer.edits, *writer.inner], key=lambda edit: edit.span)) if writer.is_possible else ()
    return Conversion(reason=reason, stand_in=edits) if reason else Conversion(edits)


def _wrong(reason: str) -> Conversion:
    return Conversion(reason=reason, is_wrong=True)


class _Writer:
    """Gathers the edits of one operation."""

    __slots__ = ("edits", "form", "inner", "is_possible", "text", "tokens", "tree")

    def __init__(self, tree: Tree, form: Form, inner: Sequence[Edit]) -> None:
        self.tree = tree
        self.tokens = tree.tokens
        self.text = tree.tokens.text
        self.form = form
        self.inner = list(inner)
        """The edits of attributes in the brackets, but for those in what has been moved."""
        self.edits: list[Edit] = []
        self.is_possible = True
        """Whether the edits make a text that can be read."""

    def put(self, start: int, end: int, new: bytes) -> None:
        self.edits.append(Edit(Span(start, end), new))

    def replace(self, token: int, new: bytes) -> None:
        self.put(self.tokens.starts[token], self.tokens.ends[token], new)

    # Classic to strict.

    def to_strict(self, rest: Clause) -> str:
        """Adds the edits; gives the reason why they cannot be undone, or are not possible, or nothing."""
        entries = rest.entries
        own = [entry.key in self.form.keys for entry in entries]
        placed = next((entry.key for entry in entries if entry.key in self.form.placed), None)
        if placed is not None:
            self.is_possible = False
            return f"{placed} has a place of its own in strict spelling"
        mine = [entry for entry, is_own in zip(entries, own, strict=True) if is_own]
        last_own = len(own) - 1 - own[::-1].index(True)
        moved = [index for index in range(last_own) if not own[index]]
        tail = last_own + 1
        # Without others there are no gaps to be told from blanks.
        is_bare = self.can_be_bare(mine, rest) and (len(mine) == len(entries) or self.leaves_gaps(rest, own, last_own))
        self.is_possible = all(self.is_on_one_line(entries[index]) for index in moved)
        taken = self.take([entries[index] for index in moved])
        if tail < len(entries):
            at = _start(entries[tail])
            self.move(at, at, [self.opening(), *taken, *([b", "] if taken else [])])
            self.close_strict(rest, rest.commas[last_own], b"", is_bare=is_bare)
        elif moved:
            start = self.tokens.starts[rest.close] if is_bare else self.tokens.ends[rest.close]
            self.move(start, self.tokens.ends[rest.close], [b"> ", self.opening(), *taken, b"}"])
        else:
            self.close_strict(rest, rest.close, b"}", is_bare=is_bare)
        for index in moved:
            self.put(_start(entries[index]), _end(entries[index]), b"")
            self.replace(rest.commas[index], b"")
        self.open_strict(rest, is_bare=is_bare)
        if is_bare:
            self.bare_values(mine)
        if moved and not is_bare:
            return f"{entries[moved[0]].key} stands before {entries[last_own].key}, and strict spelling has it behind"
        return ""

    def leaves_gaps(self, rest: Clause, own: Sequence[bool], last_own: int) -> bool:
        """Whether what is not the operation's own can be taken out, so that the gaps say where it was."""
        gaps, before = self.gaps(rest), list[bytes]()
        is_first = True
        for index, (gap, is_own) in enumerate(zip(gaps, own, strict=True)):
            before.append(gap)
            if is_own:
                if _fallen_apart(b"".join(before), is_first=is_first) != before:
                    return False
                before, is_first = [], False
            elif index < last_own:
                entry = rest.entries[index]
                if not self.is_on_one_line(entry) or _end(entry) != self.tokens.starts[rest.commas[index]]:
                    return False
        return True

    def can_be_bare(self, entries: Sequence[Entry], rest: Clause) -> bool:
        """Whether the printed form of strict can be turned into the very same text again."""
        if rest.keyword >= 0 and self.between(rest.keyword, rest.open) != b" ":
            return False
        return all(self.value_can_be_bare(entry) for entry in entries)

    def value_can_be_bare(self, entry: Entry) -> bool:
        value, kinds = entry.value_span.of(self.text), self.tokens.kinds[entry.first : entry.last]
        if entry.value_span == entry.key_span or self.text[entry.key_span.start : entry.key_span.start + 1] == b'"':
            return False
        kind = self.form.keys[entry.key]
        if kind is AttributeKind.I64:
            return _TYPED_INTEGER.fullmatch(value) is not None
        if kind is AttributeKind.BOOL:
            return value in (b"true", b"false")
        if kind is AttributeKind.STRING:
            return kinds == [Kind.STRING]
        if kind is AttributeKind.I64_ARRAY:
            return _bare_array(value) is not None
        return kinds == [Kind.HASH] or (value[:1] == b"[" and self.tree.partners[entry.first] == entry.last - 1)

    def bare_values(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            kind, span = self.form.keys[entry.key], entry.value_span
            if kind is AttributeKind.I64:
                self.put(span.end - len(_TYPE_OF_INTEGER), span.end, b"")
            elif kind is AttributeKind.I64_ARRAY:
                self.put(span.start, span.start + (_bare_array(span.of(self.text)) or 0), b"[")
                self.put(span.end - 1, span.end, b"]")

    def open_strict(self, rest: Clause, *, is_bare: bool) -> None:
        brace = self.tokens.starts[rest.open]
        if is_bare:
            start = brace if rest.keyword < 0 else self.tokens.starts[rest.keyword]
            self.put(start, self.tokens.ends[rest.open], b"<")
        elif rest.keyword < 0:
            self.put(brace, brace, b"<")
        elif self.between(rest.keyword, rest.open) in (b" ", b""):
            self.put(self.tokens.starts[rest.keyword], brace, b"<")
        else:
            self.replace(rest.keyword, b"<")

    def close_strict(self, rest: Clause, token: int, brace: bytes, *, is_bare: bool) -> None:
        """Ends what is the operation's own at a token, which is the comma behind it or its `brace`."""
        # `attributes{` cannot be told from `attributes {` any more but by this.
        gap = b" " if rest.keyword >= 0 and self.between(rest.keyword, rest.open) == b"" else b""
        if is_bare:
            self.replace(token, b">")
        elif brace:
            self.put(self.tokens.ends[token], self.tokens.ends[token], gap + b">")
        else:
            self.replace(token, b"}" + gap + b">")

    # Strict to classic.

    def to_classic(self, own: Clause, rest: Clause | None) -> str:
        """Adds the edits; gives the reason why there are none, or nothing."""
        unknown = next((entry.key for entry in own.entries if entry.key not in self.form.keys), None)
        if unknown is not None:
            return f"{unknown} is no attribute that has its place in `<...>`"
        inherent = {*self.form.keys, *self.form.placed}
        misplaced = next((e.key for e in (rest.entries if rest else ()) if e.key in inherent), None)
        if misplaced is not None:
            return f"{misplaced} stands in `{{...}}`, where strict spelling does not have it"
        if own.braces is Braces.BARE:
            for entry in own.entries:
                if (reason := self.classic_value(entry)) != "":
                    return reason
        self.open_classic(own, is_empty=rest is not None and not own.entries)
        if rest is None:
            self.close_classic(own, b"}")
        elif not own.entries:
            self.close_classic(own, b"")
            if own.braces is Braces.PROPERTIES:
                self.replace(own.open + 1, b"")
                self.replace(own.close - 1, b"")
        elif not rest.entries:
            self.close_classic(own, b"}")
            for token in (rest.keyword, rest.open, rest.close):
                if token >= 0:
                    self.replace(token, b"")
        elif not self.fill_gaps(own, rest):
            self.close_classic(own, b",")
            self.open_rest(rest)
        return ""

    def classic_value(self, entry: Entry) -> str:
        """Adds the edits of a value that stands in `<...>`; gives the reason why it cannot be read, or nothing."""
        value, span = entry.value_span.of(self.text), entry.value_span
        kind = self.form.keys[entry.key]
        if entry.value_span == entry.key_span or self.text[entry.key_span.start : entry.key_span.start + 1] == b'"':
            return f"{entry.key} cannot be written so in `<...>`"
        if kind is AttributeKind.I64 and _INTEGER.fullmatch(value):
            self.put(span.end, span.end, _TYPE_OF_INTEGER)
        elif kind is AttributeKind.BOOL and value in (b"true", b"false", b"1", b"0"):
            if len(value) == 1:
                self.put(span.start, span.end, b"true" if value == b"1" else b"false")
        elif kind is AttributeKind.I64_ARRAY and value[:1] == b"[" and value[-1:] == b"]":
            if _BLANK.fullmatch(value, 1, len(value) - 1):
                self.put(span.start, span.start + 1, b"array<i64")
            elif _INTEGERS.fullmatch(value, 1, len(value) - 1):
                self.put(span.start, span.start + 1, b"array<i64: ")
            else:
                return f"{entry.key} is no list of integers"
            self.put(span.end - 1, span.end, b">")
        elif kind in (AttributeKind.I64, AttributeKind.BOOL, AttributeKind.I64_ARRAY):
            return f"{entry.key} is not written as in `<...>`"
        return ""

    def open_classic(self, own: Clause, *, is_empty: bool) -> None:
        brace = b"" if is_empty else b"{" if own.braces is Braces.BARE else b""
        if not self.form.keyword or is_empty:
            self.replace(own.open, brace)
        elif own.braces is Braces.BARE:
            self.replace(own.open, self.form.keyword + b" {")
        else:
            is_plain = self.between(own.open, own.open + 1) == b""
            gap = b" " if is_plain and self.between(own.close - 1, own.close) != b" " else b""
            self.replace(own.open, self.form.keyword + gap)

    def close_classic(self, own: Clause, new: bytes) -> None:
        """Puts `new` where what is the operation's own ends."""
        if own.braces is Braces.BARE:
            self.replace(own.close, new)
            return
        # A blank between `}` and `>` was put there when `attributes{` was converted.
        gap = self.between(own.close - 1, own.close)
        start = self.tokens.ends[own.close - 1] if gap == b" " and self.form.keyword else self.tokens.starts[own.close]
        self.put(start, self.tokens.ends[own.close], b"")
        if new == b",":
            self.replace(own.close - 1, new)

    def open_rest(self, rest: Clause) -> None:
        if rest.keyword < 0:
            self.replace(rest.open, b"")
        elif self.between(rest.keyword, rest.open) == b" ":
            self.put(self.tokens.starts[rest.keyword], self.tokens.ends[rest.open], b"")
        else:
            self.replace(rest.keyword, b"")
            self.replace(rest.open, b"")

    def fill_gaps(self, own: Clause, rest: Clause) -> bool:
        """Puts entries of `rest` where gaps say that they were; gives whether there were any."""
        parts = [_fallen_apart(gap, is_first=index == 0) for index, gap in enumerate(self.gaps(own))]
        count = sum(len(listed) - 1 for listed in parts)
        if own.braces is not Braces.BARE or not 0 < count <= len(rest.entries) or not self.was_moved(own, rest, count):
            return False
        coming = iter(rest.entries)
        for entry, listed in zip(own.entries, parts, strict=True):
            at = _start(entry) - len(b"".join(listed))
            for part in listed[:-1]:
                at += len(part)
                self.move(at, at, [next(coming), b","])
        if count == len(rest.entries):
            self.put(self.tokens.starts[own.close], self.tokens.starts[rest.close], b"")
        else:
            self.replace(own.close, b",")
            first = rest.keyword if rest.keyword >= 0 else rest.open
            self.put(self.tokens.starts[first], _start(rest.entries[count]), b"")
        return True

    def was_moved(self, own: Clause, rest: Clause, count: int) -> bool:
        """Whether the first `count` entries of `rest` stand as they are put there."""
        first = rest.keyword if rest.keyword >= 0 else rest.open
        is_tidy = rest.keyword < 0 or self.between(rest.keyword, rest.open) == b" "
        if count == len(rest.entries):
            at_end = _end(rest.entries[-1]) == self.tokens.starts[rest.close]
            is_tidy = is_tidy and at_end and self.between(own.close, first) == b" "
        is_tidy = is_tidy and self.tokens.ends[rest.open] == _start(rest.entries[0])
        is_tidy = is_tidy and all(self.behind(rest, index) == b", " for index in range(min(count, len(rest.commas))))
        return is_tidy and all(self.is_on_one_line(entry) for entry in rest.entries[:count])

    # Both.

    def opening(self) -> bytes:
        return self.form.keyword + b" {" if self.form.keyword else b"{"

    def gaps(self, clause: Clause) -> list[bytes]:
        """What stands before each entry, behind the bracket or comma."""
        first = clause.open if clause.braces is not Braces.PROPERTIES else clause.open + 1
        behind = (first, *clause.commas)
        pairs = zip(behind, clause.entries, strict=True)
        return [self.text[self.tokens.ends[token] : _start(entry)] for token, entry in pairs]

    def between(self, token: int, behind: int) -> bytes:
        """The text between two tokens."""
        return self.text[self.tokens.ends[token] : self.tokens.starts[behind]]

    def behind(self, clause: Clause, index: int) -> bytes:
        """What stands between entry `index` and the next one."""
        return self.text[_end(clause.entries[index]) : _start(clause.entries[index + 1])]

    def is_on_one_line(self, entry: Entry) -> bool:
        text = self.text[_start(entry) : _end(entry)]
        return b"\n" not in text and b"\r" not in text

    def take(self, entries: Sequence[Entry]) -> list[bytes | Entry]:
        """Entries as they are to be put elsewhere, with commas between them."""
        listed: list[bytes | Entry] = []
        for entry in entries:
            listed += [b", ", entry] if listed else [entry]
        return listed

    def move(self, start: int, end: int, parts: Sequence[bytes | Entry]) -> None:
        """Puts text and entries from elsewhere in the place of [start, end)."""
        new, length, origins = list[bytes](), 0, list[tuple[int, Span]]()
        for part in parts:
            if isinstance(part, bytes):
                new.append(part)
                length += len(part)
                continue
            behind, last = _start(part), _end(part)
            first = bisect_left(self.inner, behind, key=_begin)
            after = bisect_left(self.inner, last, first, key=_begin)
            for edit in [*self.inner[first:after], Edit(Span(last, last), b"")]:
                origins.append((length, Span(behind, edit.span.start)))
                new += (self.text[behind : edit.span.start], edit.new)
                length += edit.span.start - behind + len(edit.new)
                behind = edit.span.end
            del self.inner[first:after]
        self.edits.append(Move(Span(start, end), b"".join(new), tuple(origins)))


def _fallen_apart(gap: bytes, *, is_first: bool) -> list[bytes]:
    """The gap before an attribute, between the attributes that were taken out before it: one part more than these.

    Usual are one blank behind a comma, nothing behind the bracket, or a new line; whatever is more was left behind.
    """
    if not gap.strip(b" "):
        return [b""] * is_first + [b" "] * len(gap) if is_first or gap else [b""]
    lines = _LINE.findall(gap)
    return lines if b"".join(lines) == gap else [gap]


def _bare_array(value: bytes) -> int | None:
    """The length of `array<i64: ` in a dense array that can be `[...]` and back; None for any other value."""
    for head, inside in ((b"array<i64: ", _INTEGERS), (b"array<i64", _BLANK)):
        if value.startswith(head) and value.endswith(b">") and inside.fullmatch(value, len(head), len(value) - 1):
            return len(head)
    return None


def _begin(edit: Edit) -> int:
    return edit.span.start


def _start(entry: Entry) -> int:
    return entry.key_span.start


def _end(entry: Entry) -> int:
    return entry.value_span.end
