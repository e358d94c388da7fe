"""Generic: Enzyme's operations as upstream MLIR reads them, which has the dialect as IRDL only (`dialect/irdl.py`).

There they have the generic form, with all their attributes in `{...}`, sizes of groups that the dialect itself does not
have, and another operation at the end of their regions. Both spellings, in custom and in generic form, are written so.
What is put elsewhere keeps its origin, and what it leaves behind its line breaks.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import activity, irdl
from enzyme_lsp.dialect.calls import Braces
from enzyme_lsp.dialect.ops import OPS, AttributeKind
from enzyme_lsp.dialect.spelling import activities, brackets, demands
from enzyme_lsp.dialect.spelling.brackets import FORMS, Form
from enzyme_lsp.dialect.spelling.composed import Attribute, Composed, InOneLine
from enzyme_lsp.dialect.spelling.edits import Move
from enzyme_lsp.dialect.spelling.fields import CannotError, Reader
from enzyme_lsp.dialect.spelling.unit import Converted, Left, of_operation
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from enzyme_lsp.dialect.calls import Entry
    from enzyme_lsp.dialect.ops import Op
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.piece import Piece

KEPT: Final = "enzyme_groups"
"""The attribute under which an operation keeps the sizes of its groups, where IRDL has others."""

_KINDS: Final = frozenset({PieceKind.ITEM, PieceKind.ALIAS, PieceKind.OPEN, PieceKind.CLOSE})
_NOTHING: Final = Converted()
_PLAIN: Final = Form({}, frozenset(), {}, b"")
_COMMA: Final = frozenset({b","})
_ORIGIN: Final = re.compile(rb"#enzyme[.<](?:argorigin|retorigin|pseudoclass)<[^()<>]*(\()[^()<>]*(\))>")
_INTEGER: Final = re.compile(rb"-?(?:0x[0-9a-fA-F]+|[0-9]+)")
_ANY_SIZE: Final = b"-9223372036854775808"
REGION_ENDS: Final = {"enzyme.genericAdjoint": "enzyme.addTo"} | dict.fromkeys(
    OPS["enzyme.yield"].parents, "enzyme.yield"
)
"""For the operations with a region of ours, what ends that."""


def converted(piece: Piece) -> Converted:
    """How to write a piece so. Use through `piece.fact`."""
    if piece.kind not in _KINDS or not piece.mentions(b"enzyme"):
        return _NOTHING
    attributes = sorted(_attributes(piece), key=lambda edit: edit.span)
    edits, left = list[Edit](), list[Left]()
    for operation, holder in _ours(piece):
        writer = Writer(operation, attributes)
        try:
            writer.write(holder)
        except CannotError as error:
            left.append(
                Left(of_operation(operation), str(error), is_wrong=True, stand_in=(), at=_shown(operation, error.token))
            )
        else:
            edits += writer.edits
    if not edits and not left and not attributes:
        return _NOTHING
    edits.sort(key=lambda edit: edit.span)
    starts = [edit.span.start for edit in edits]
    for edit in attributes:
        index = bisect_left(starts, edit.span.start + 1) - 1
        if index < 0 or edit.span.start >= edits[index].span.end:
            edits.append(edit)
    return Converted(tuple(sorted(edits, key=lambda edit: edit.span)), tuple(left))


def _shown(operation: Operation, token: int) -> Span | None:
    """The token of an operation, or its last one where there is none so far."""
    return operation.tree.token_span(min(token, operation.last - 1)) if token >= 0 else None


def _ours(piece: Piece) -> Iterator[tuple[Operation, Operation | None]]:
    """The operations of Enzyme's that the dialect has, each with the operation that it stands in."""
    if piece.kind is PieceKind.ALIAS or not piece.mentions(b"enzyme."):
        return
    pending: list[tuple[Operation, Operation | None]] = [(one, None) for one in reversed(piece.tree.operations)]
    while pending:
        operation, holder = pending.pop()
        if operation.name in OPS:
            yield operation, holder
        for region in operation.regions:
            for block in region.blocks:
                pending += [(one, operation) for one in reversed(block.operations)]


def _attributes(piece: Piece) -> Iterator[Edit]:
    """The edits of attributes of Enzyme's, wherever they stand."""
    for one in activities.find(piece.tree.tokens, Span(0, len(piece.text))):
        written = activity.read(one.match[0]) if one.match is not None else None
        if written is not None:
            head = b'#enzyme.activity<"'
            word = Span(one.span.start + written.start, one.span.start + written.end)
            breaks = b"\n" * one.span.of(piece.text).count(b"\n")
            yield Move(one.span, head + word.of(piece.text) + b'">' + breaks, ((len(head), word),))
    if piece.mentions(b"origin<") or piece.mentions(b"pseudoclass<"):
        for match in _ORIGIN.finditer(piece.text):
            yield Edit(Span(*match.span(1)), b",")
            yield Edit(Span(*match.span(2)), b" ")


class Writer(Reader):
    """Writes one operation."""

    __slots__ = ("edits", "inner")

    def __init__(self, operation: Operation, inner: Sequence[Edit]) -> None:
        super().__init__(operation)
        self.inner = inner
        self.edits: list[Edit] = []

    def write(self, holder: Operation | None) -> None:
        """Gathers the edits. Raises `CannotError`."""
        op = OPS[self.operation.name]
        if op.is_terminator:
            self.write_terminator(holder)
        elif self.operation.is_generic:
            self.write_generic()
        elif not op.is_generic_only:
            self.write_custom(op)

    def write_terminator(self, holder: Operation | None) -> None:
        if holder is None or REGION_ENDS.get(holder.name) != self.operation.name:
            raise CannotError("it stands in no operation that it can end the region of")
        name = irdl.STAND_IN.encode()
        new = b'"%s"' % name if self.operation.is_generic else name
        self.edits.append(Edit(self.operation.name_span, new))

    # The generic form.

    def write_generic(self) -> None:
        name, word, partners = self.operation.name, self.word, self.tree.partners
        index = self.operation.name_token + 1
        operands = self.closed(index)
        index, start = operands + 1, self.tokens.ends[operands]
        entries: list[Attribute] = []
        properties: Span | None = None
        if word(index) == b"<" and word(index + 1) == b"{":
            close = self.closed(index + 1)
            if word(close + 1) != b">":
                raise CannotError("its attributes are not complete", close + 1)
            entries += self.entries(index + 2, close)
            properties = Span(start, self.tokens.ends[close + 1])
            index = close + 2
        if word(index) == b"[":
            index = self.closed(index) + 1
        if self.operation.regions:
            # Behind the `)` that closes the list of regions.
            index = partners[self.operation.regions[0].open - 1] + 1 if self.operation.regions[0].open else 0
        if properties is None and name not in irdl.SPREAD:
            return
        start = self.tokens.ends[index - 1]
        if word(index) == b"{":
            close = self.closed(index)
            entries += self.entries(index + 1, close)
            index = close + 1
        if index >= self.operation.last or word(index) != b":":
            raise CannotError("it has no type", max(index, operands))
        written = self.new()
        if properties is not None and properties.end <= start - 1:
            self.edits.append(written.instead_of(properties.start, properties.end))
            written = self.new_behind_region()
        elif properties is not None:
            start = properties.start
        taken, given, _ = self.function_type(index + 1)
        written.put_attributes([*self.with_sizes(entries, taken, given)])
        written.put(b" ")
        self.edits.append(written.instead_of(start, self.tokens.starts[index]))

    # The custom form.

    def write_custom(self, op: Op) -> None:
        if len(self.operation.regions) != len(op.regions):
            raise CannotError("it has another number of regions")
        form = FORMS.get(op.name, _PLAIN)
        read = brackets.read(self.operation, form)
        if read.fault:
            raise CannotError(read.fault, read.fault_token)
        clauses = [one for one in (read.own, read.rest) if one is not None]
        skips = {one.keyword if one.keyword >= 0 else one.open: one.close + 1 for one in clauses}
        found, at = self.fields(op, skips)
        taken, given, last = self.types(op, at + 1, found)
        operands = [self.tree.span(*one) for field in op.operands for one in found.get(field.name, ())]
        entries = [*self.placed(op, found)]
        entries += [self.bracketed(form, entry) for clause in clauses for entry in clause.entries]
        name = self.operation.name_token
        written, start = self.new(), self.tokens.starts[name]
        written.put(b'"')
        written.take(self.tree.token_span(name))
        written.put(b'"(')
        written.listed(one for one in operands if self.is_value(one))
        written.put(b")")
        if self.operation.regions:
            region = self.operation.regions[0]
            written.put(b" (")
            self.edits.append(written.instead_of(start, self.tokens.starts[region.open]))
            written, start = self.new_behind_region(), self.tokens.ends[region.close]
            written.put(b")")
        written.put_attributes([*self.with_sizes(entries, taken, given)])
        written.put(b" : (")
        written.put_types(taken)
        written.put(b") -> (")
        written.put_types(given)
        written.put(b")")
        self.edits.append(written.instead_of(start, self.tokens.ends[last - 1]))

    def placed(self, op: Op, found: dict[str, list[tuple[int, int]]]) -> Iterator[Attribute]:
        """The attributes that have a place of their own in the custom form."""
        for field in op.attributes:
            ranges = found.get(field.name, ())
            span = self.tree.span(*ranges[0]) if ranges else None
            if field.kind is AttributeKind.SEGMENTS:
                groups = [len(found.get(one.name, ())) for one in op.operands]
                groups[-1] = sum(self.is_value(self.tree.span(*one)) for one in found.get(op.operands[-1].name, ()))
                yield Attribute(field.name, None, f"array<i32: {', '.join(map(str, groups))}>".encode())
            elif field.name == "static_sizes":
                sizes = [self.tree.span(*one) for one in found.get("sizes", ())]
                texts = [_ANY_SIZE if self.is_value(one) else one.of(self.text) for one in sizes]
                yield Attribute(field.name, None, b"array<i64: " + b", ".join(texts) + b">" if texts else b"array<i64>")
            elif span is None:
                continue
            elif field.kind is AttributeKind.ENUM:
                word = span.of(self.text).decode("utf-8", "replace")
                number = dict(field.words).get(word)
                if number is None:
                    raise CannotError(f"{word} is no {field.name}")
                yield Attribute(field.name, None, f"{number} : {'i32' if field.name == 'ordering' else 'i64'}".encode())
            elif field.kind is AttributeKind.FAST_MATH:
                yield Attribute(field.name, span, b"#arith.")
            elif field.kind is AttributeKind.I64:
                yield Attribute(field.name, span, behind=b" : i64")
            else:
                yield Attribute(field.name, span)

    def bracketed(self, form: Form, entry: Entry) -> Attribute:
        """An attribute that stands in brackets."""
        if entry.value_span == entry.key_span:
            return Attribute(entry.key, None, key_span=entry.key_span)
        span, kind = entry.value_span, form.keys.get(entry.key)
        if entry.braces is not Braces.BARE:
            return Attribute(entry.key, span, key_span=entry.key_span)
        value = span.of(self.text)
        if kind is AttributeKind.I64 and _INTEGER.fullmatch(value):
            return Attribute(entry.key, span, behind=b" : i64", key_span=entry.key_span)
        if kind is AttributeKind.BOOL and value in (b"0", b"1"):
            return Attribute(entry.key, None, b"true" if value == b"1" else b"false", key_span=entry.key_span)
        if kind is AttributeKind.I64_ARRAY and value[:1] == b"[" and value[-1:] == b"]":
            inside = Span(span.start + 1, span.end - 1)
            head = b"array<i64: " if inside.of(self.text).strip() else b"array<i64"
            return Attribute(entry.key, inside, head, b">", key_span=entry.key_span)
        if kind is AttributeKind.FAST_MATH and value[:1] == b"<":
            return Attribute(entry.key, span, b"#arith.fastmath", key_span=entry.key_span)
        return Attribute(entry.key, span, key_span=entry.key_span)

    # Both.

    def new(self) -> Composed:
        return Composed(self.text, self.inner)

    def new_behind_region(self) -> Composed:
        """The same for what may have stood before a region, where its line breaks stay."""
        return InOneLine(self.tokens, self.inner)

    def with_sizes(
        self, entries: Iterable[Attribute], taken: Sequence[Span | bytes], given: Sequence[Span | bytes]
    ) -> Iterator[Attribute]:
        """The attributes, with the sizes of the groups that IRDL has."""
        entries = [*entries]
        self.demand(entries, taken, given)
        operands, results = irdl.SPREAD.get(self.operation.name, (False, False))
        for entry in entries:
            yield (
                Attribute(KEPT, entry.span, key_span=entry.key_span)
                if operands and entry.key == "operandSegmentSizes"
                else entry
            )
        for key, listed in (("operandSegmentSizes", taken if operands else None), ("resultSegmentSizes", given)):
            if listed is not None and (key == "operandSegmentSizes" or results):
                sizes = irdl.segments([self.type_text(one) for one in listed])
                if sizes is None:
                    raise CannotError("upstream MLIR cannot be told of so many values of different types")
                yield Attribute(key, None, f"array<i32: {', '.join(map(str, sizes))}>".encode())

    def demand(
        self, entries: Sequence[Attribute], taken: Sequence[Span | bytes], given: Sequence[Span | bytes]
    ) -> None:
        """Raises `CannotError` where the dialect refuses what IRDL cannot tell it to."""
        spans = {one.key: one.span for one in entries if one.span is not None}
        written = {key: span.of(self.text).decode("utf-8", "replace") for key, span in spans.items()}
        lists = ([self.type_text(one) for one in listed] for listed in (taken, given))
        reason, key = demands.unmet(self.operation.name, written, *lists)
        if reason:
            at = self.tokens.at(spans[key].start) if key else None
            raise CannotError(reason, -1 if at is None else at)

    def type_text(self, one: Span | bytes) -> str:
        text = one.of(self.text) if isinstance(one, Span) else one
        return b"".join(text.split()).decode("utf-8", "replace")
