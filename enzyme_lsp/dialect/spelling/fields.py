"""Fields: reads what an operation of Enzyme's has written where, in custom and in generic form; it writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.spelling.composed import Attribute
from enzyme_lsp.syntax import types
from enzyme_lsp.syntax.parse import type_end
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.dialect.ops import Op
    from enzyme_lsp.syntax.nodes import Operation, Tree
    from enzyme_lsp.text.span import Span

_COMMA: Final = frozenset({b","})


class CannotError(Exception):
    """Why an operation cannot be written so, in words after "since"; `token` is where it shows, or -1."""

    def __init__(self, reason: str, token: int = -1) -> None:
        super().__init__(reason)
        self.token = token


class Reader:
    """Reads one operation. Raises `CannotError` where it is not complete."""

    __slots__ = ("operation", "text", "tokens", "tree")

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.tree: Tree = operation.tree
        self.tokens = operation.tree.tokens
        self.text = self.tokens.text

    def word(self, index: int) -> bytes:
        """A token of the operation; empty behind its end."""
        return self.tokens.word(index) if index < self.operation.last else b""

    def closed(self, index: int) -> int:
        """The token that closes the bracket at a token."""
        close = self.tree.partners[index] if index < len(self.tokens) else -1
        if not index < close < self.operation.last:
            raise CannotError("a bracket in it is never closed", index)
        return close

    def entries(self, first: int, last: int) -> Iterator[Attribute]:
        """What stands between the braces of a dictionary."""
        while first < last:
            end = type_end(self.tree, first, last, _COMMA)
            if self.tokens.kinds[first] not in (Kind.WORD, Kind.STRING):
                raise CannotError("it has something without a name among its attributes", first)
            if end > first + 1 and (self.word(first + 1) != b"=" or end == first + 2):
                raise CannotError("an attribute of it is not complete", first + 1)
            key = self.word(first).decode("utf-8", "replace").strip('"')
            span = self.tree.span(first + 2, end) if end > first + 2 else None
            yield Attribute(key, span, key_span=self.tree.token_span(first))
            first = end + 1

    def end(self) -> int:
        """The token behind the last one that is no recorded location."""
        return self.operation.location[0] if self.operation.location is not None else self.operation.last

    def is_value(self, span: Span) -> bool:
        return self.text[span.start : span.start + 1] == b"%"

    def fields(self, op: Op, skips: dict[int, int]) -> tuple[dict[str, list[tuple[int, int]]], int]:
        """The tokens of each operand and attribute that has a place of its own, and the `:` behind them all."""
        found: dict[str, list[tuple[int, int]]] = {}
        index, word = self.operation.name_token + 1, self.word
        regions = {region.open: region.close for region in self.operation.regions}
        for template in op.strict.partition(" : ")[0].split():
            index = skips.get(index, index)
            name = template.strip("$?")
            if "dict" in template or "attributes" in template:
                continue
            if index >= self.end():
                raise CannotError("it is not complete", index)
            if not template.startswith("$"):
                if word(index) != template.encode():
                    raise CannotError(f"it has no `{template}` where that should be", index)
                index += 1
            elif name == "body":
                if regions.get(index, -1) < 0:
                    raise CannotError("its region is not complete", index)
                index = regions[index] + 1
            elif name in ("ordering", "fastmath"):
                last = self.optional(name, index)
                found[name] = [(index, last)] if last > index else []
                index = last
            elif word(index - 1) in (b"(", b"[") and name != "map":
                close = self.closed(index - 1)
                found[name] = [*self.list_of(index, close)]
                index = close
            else:
                last = self.closed(index - 1) if name == "map" else index + 1
                if last < self.end() and self.tokens.kinds[index] == Kind.VALUE:
                    last += self.tokens.kinds[last] == Kind.HASH
                found[name] = [(index, last)]
                index = last
        while index in skips:
            index = skips[index]
        if index >= self.end() or word(index) != b":":
            raise CannotError("it has no type where that should be", index)
        return found, index

    def optional(self, name: str, index: int) -> int:
        """The token behind an attribute that need not be there."""
        if name == "ordering":
            return index + (self.tokens.kinds[index] == Kind.WORD and self.word(index) != b"fastmath")
        if self.word(index) != b"fastmath":
            return index
        return type_end(self.tree, index + 1, self.end(), frozenset({b"{", b":"}))

    def list_of(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        while first < last:
            end = type_end(self.tree, first, last, _COMMA)
            if end == first or end + 1 == last:
                raise CannotError("a list in it has a comma too many", end)
            yield first, end
            first = end + 1

    def types(
        self, op: Op, first: int, found: dict[str, list[tuple[int, int]]]
    ) -> tuple[list[Span | bytes], list[Span | bytes], int]:
        """The types of all operands and results, and the token behind them; what follows belongs to nothing."""
        template = op.strict.partition(" : ")[2] or op.strict.partition(": ")[2]
        if "functional-type" in template:
            return self.function_type(first)
        indices: list[Span | bytes] = [b"index"] * sum(
            self.is_value(self.tree.span(*one)) for name in ("indices", "sizes") for one in found.get(name, ())
        )
        if "->" in template:
            before: list[Span | bytes] = []
            if self.word(first) == b"(":
                arrow = self.closed(first) + 1
                before += [self.tree.span(*one) for one in self.list_of(first + 1, arrow - 1)]
            else:
                arrow = self.type_end(first)
                before.append(self.tree.span(first, arrow))
            if self.word(arrow) != b"->":
                raise CannotError("its type is not complete", arrow)
            end = self.type_end(arrow + 1)
            return [*before, *indices], [self.tree.span(arrow + 1, end)], end
        end = self.type_end(first)
        one = self.tree.span(first, end)
        match op.mnemonic:
            case "fill_zero":
                return [one], [], end
            case "binomial_progress":
                # In one line, since what stands in several places may not bring its line breaks to all of them.
                flat = b" ".join(one.of(self.text).split())
                return [one, flat], [flat], end
            case "load":
                return [one, *indices], [self.element(one)], end
            case _:
                return [self.element(one), one, *indices], [], end

    def type_end(self, first: int) -> int:
        """The token behind the type that begins at a token: one word, and what is in brackets behind it."""
        last = self.end()
        if first >= last or self.tokens.kinds[first] not in (Kind.WORD, Kind.BANG):
            raise CannotError("its type is not complete", first)
        if self.word(first + 1) != b"<" or first + 1 >= last:
            return first + 1
        depth, index = 0, first + 1
        while index < last:
            word = self.word(index)
            depth += (word == b"<") - (word == b">")
            if not depth:
                return index + 1
            index = self.closed(index) + 1 if self.tokens.kinds[index] == Kind.OPEN else index + 1
        raise CannotError("a bracket in it is never closed", first + 1)

    def element(self, memref: Span) -> bytes:
        """The type of the elements of a memref."""
        read = types.read(memref.of(self.text).decode("utf-8", "replace"))
        if read.element is None:
            raise CannotError("the text does not say the type of the elements of its memref")
        return read.element.text.encode()

    def function_type(self, first: int) -> tuple[list[Span | bytes], list[Span | bytes], int]:
        """As `types`, of types that stand in a function type."""
        last = self.end()
        if self.word(first) != b"(" or first >= last:
            raise CannotError("it has no function type", first)
        close = self.closed(first)
        if close + 2 >= last or self.word(close + 1) != b"->":
            raise CannotError("its function type is not complete", close + 1)
        taken = [self.tree.span(*one) for one in self.list_of(first + 1, close)]
        given = close + 2
        end = self.closed(given) + 1 if self.word(given) == b"(" else self.type_end(given)
        listed = self.list_of(given + 1, end - 1) if self.word(given) == b"(" else [(given, end)]
        return [*taken], [self.tree.span(*one) for one in listed], end
