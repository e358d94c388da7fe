"""Brackets: where an operation of Enzyme's has its own attributes, in the custom form; read in both spellings.

    {activity = [...], ret_activity = [...], width = 2 : i64, mine = 1}       classic: one dictionary
    <activity = [...], ret_activity = [...], width = 2> {mine = 1}            strict: the operation's own apart
    <{activity = [...], ret_activity = [...], width = 2 : i64}> {mine = 1}    strict too: these as a dictionary

Operations with a region have `attributes` before `{`. The second form is the one that engines print; values have no
types in it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.calls import Braces, Entry
from enzyme_lsp.dialect.ops import OPS, AttributeKind
from enzyme_lsp.syntax.parse import type_end
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from enzyme_lsp.dialect.ops import Op
    from enzyme_lsp.dialect.spelling.edits import Spelling
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.text.span import Span


@dataclass(frozen=True, slots=True)
class Form:
    """What of an operation's custom form differs between the spellings.

    `keys` are its own attributes that stand in the brackets, `placed` those that have a place of their own, and
    `only_strict` those of them whose place strict alone has, with whether they must be there. `keyword` stands before
    the `{`, or nothing.
    """

    keys: dict[str, AttributeKind]
    placed: frozenset[str]
    only_strict: dict[str, bool]
    keyword: bytes


def _form(op: Op) -> Form:
    words = op.strict.replace("?", "").split()
    placed = frozenset(field.name for field in op.attributes if f"${field.name}" in words)
    return Form(
        {field.name: field.kind for field in op.attributes if field.name not in placed},
        placed,
        {
            field.name: field.required
            for field in op.attributes
            if field.name in placed and f"${field.name}" not in op.classic.split()
        },
        b"attributes" if "attributes" in op.classic.split() else b"",
    )


FORMS: Final = {op.name: _form(op) for op in OPS.values() if "prop-dict" in op.strict}
"""By the names of the operations whose custom form differs."""

_COMMA: Final = frozenset({b","})
_INCOMPLETE: Final = "its attributes are not complete"


@dataclass(frozen=True, slots=True)
class Clause:
    """One pair of brackets with what is in it. `open` and `close` are the outermost bracket tokens.

    `keyword` is the token of `attributes`, or -1. `commas` are the tokens between entries. Where there is a fault,
    `close` may be -1 and entries may be missing.
    """

    braces: Braces
    keyword: int
    open: int
    close: int
    entries: tuple[Entry, ...]
    commas: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Brackets:
    """All brackets of an operation in custom form. `fault` says what keeps them from being read, else it is empty.

    `extras` are attributes that have a place in strict alone, and stand in it; `place` is the byte where they would.
    """

    own: Clause | None
    """`<...>` or `<{...}>`"""
    rest: Clause | None
    """`{...}`"""
    extras: tuple[Span, ...]
    place: int
    fault: str
    fault_token: int
    """The token at which the fault shows; -1 where there is none."""

    def spelling(self, form: Form) -> Spelling | None:
        """The spelling; None when the brackets are the same in both."""
        if self.own is not None or self.extras:
            return "strict"
        if any(form.only_strict.values()):
            return "classic"
        return "classic" if self.has_own_in_rest(form) else None

    def has_own_in_rest(self, form: Form) -> bool:
        """Whether `{...}` holds what is the operation's own."""
        return self.rest is not None and any(entry.key in form.keys for entry in self.rest.entries)


def read(operation: Operation, form: Form) -> Brackets:
    """The brackets of an operation in custom form."""
    reader = _Reader(operation, form)
    reader.run()
    clauses, fault, fault_token = reader.clauses, reader.fault, reader.fault_token
    own = next((one for one in clauses if one.braces is not Braces.DICTIONARY), None)
    rest = next((one for one in clauses if one.braces is Braces.DICTIONARY), None)
    if not fault and clauses not in ([], [own], [rest], [own, rest]):
        fault, fault_token = "it has more brackets with attributes than either spelling", clauses[-1].open
    return Brackets(own, rest, tuple(reader.extras), reader.place, fault, fault_token)


class _Reader:
    __slots__ = ("clauses", "extras", "fault", "fault_token", "form", "operation", "place", "tokens", "tree")

    def __init__(self, operation: Operation, form: Form) -> None:
        self.operation = operation
        self.tree = operation.tree
        self.tokens = operation.tree.tokens
        self.form = form
        self.clauses: list[Clause] = []
        self.extras: list[Span] = []
        self.place = self.tokens.ends[operation.name_token]
        self.fault = ""
        self.fault_token = -1

    def run(self) -> None:
        """Reads up to the type, or to the first fault."""
        operation, word = self.operation, self.tokens.word
        regions = {region.open: region.close for region in operation.regions}
        last = operation.location[0] if operation.location is not None else operation.last
        index, keyword = operation.name_token + 1, -1
        while index < last and word(index) != b":" and not self.fault:
            first = index
            if index in regions:
                index = regions[index]
            elif word(index) == self.form.keyword and word(index + 1) == b"{":
                keyword = index
            elif word(index) == b"<" and word(index - 1).decode("utf-8", "replace") in self.form.only_strict:
                close = self.angle(index, last)
                self.extras.append(self.tree.span(index - 1, close + 1))
                index = close
            elif word(index) in (b"<", b"{"):
                self.clauses.append(self.clause(index, last, keyword))
                index, keyword = self.clauses[-1].close, -1
            elif self.tokens.kinds[index] == Kind.OPEN:
                index = self.tree.partners[index] if index < self.tree.partners[index] < last else -1
                self.place = self.tokens.ends[index]
            elif self.clauses:
                self.fault = _INCOMPLETE
            elif self.is_ordering(index):
                self.extras.append(self.tree.token_span(index))
            if index < 0 and not self.fault:
                self.fault = "a bracket in it is never closed"
            if self.fault and self.fault_token < 0:
                self.fault_token = first
            index += 1

    def is_ordering(self, index: int) -> bool:
        """Whether a token is the word of an attribute that strict alone has, and must have."""
        if not any(self.form.only_strict.values()) or self.tokens.word(index - 1) != b"]":
            return False
        op = OPS[self.operation.name]
        fields = (op.attribute(name) for name, required in self.form.only_strict.items() if required)
        word = self.tokens.word(index).decode("utf-8", "replace")
        return any(word == known for field in fields if field is not None for known, _ in field.words)

    def clause(self, index: int, last: int, keyword: int) -> Clause:
        """The brackets that open at token `index`; what is wrong with them is the fault of the whole."""
        word, partners = self.tokens.word, self.tree.partners
        if word(index) == b"{":
            if (keyword >= 0) != bool(self.form.keyword):
                self.fault = "`attributes` is missing before `{`" if self.form.keyword else "`attributes` has no place"
            braces, first, end, close = Braces.DICTIONARY, index + 1, partners[index], partners[index]
        elif word(index + 1) == b"{":
            braces, first, end = Braces.PROPERTIES, index + 2, partners[index + 1]
            close = end + 1 if end >= 0 and word(end + 1) == b">" else -1
        else:
            braces, first, end = Braces.BARE, index + 1, self.angle(index, last)
            close = end
        if not index < end <= close < last:
            self.fault = _INCOMPLETE
            end, close = last, -1
        entries, commas = list[Entry](), list[int]()
        while first < end:
            behind = type_end(self.tree, first, end, _COMMA)
            entry = self.entry(first, behind, braces)
            if (entry is None or behind + 1 == end) and not self.fault:
                self.fault, self.fault_token = _INCOMPLETE, first
            entries += [entry] if entry is not None else []
            commas += [behind] if behind < end else []
            first = behind + 1
        keys = [entry.key for entry in entries]
        if len(set(keys)) < len(keys) and not self.fault:
            self.fault = f"{Counter(keys).most_common(1)[0][0]} is given twice"
        return Clause(braces, keyword, index, close, tuple(entries), tuple(commas))

    def entry(self, first: int, last: int, braces: Braces) -> Entry | None:
        """`key = value` or `key` in tokens [first, last); None when they are something else."""
        if first >= last or self.tokens.kinds[first] not in (Kind.WORD, Kind.STRING):
            return None
        key = self.tokens.word(first).decode("utf-8", "replace").strip('"')
        key_span = self.tree.token_span(first)
        if last == first + 1:
            return Entry(key, key_span, key_span, first, last, braces)
        if self.tokens.word(first + 1) != b"=" or last == first + 2:
            return None
        return Entry(key, key_span, self.tree.span(first + 2, last), first + 2, last, braces)

    def angle(self, index: int, last: int) -> int:
        """The token of the `>` that closes the `<` at token `index`; -1 when there is none."""
        depth = 0
        while index < last:
            word = self.tokens.word(index)
            depth += (word == b"<") - (word == b">")
            if depth == 0:
                return index
            if self.tokens.kinds[index] == Kind.OPEN:
                index = self.tree.partners[index]
                if index < 0:
                    return -1
            index += 1
        return -1
