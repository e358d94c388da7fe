"""Types as text: read, compared and printed; it knows MLIR's builtin types and the layout of LLVM's, and no more.

A type is a value with one canonical text, in which aliases are replaced by what they stand for and blanks stand behind
commas only, so that two ways to write one type are equal. Shapes are in elements, `None` for `?`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax.tokens import Kind, tokenize
from enzyme_lsp.text.document import decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping


class TypeKind(Enum):
    """What sort of type it is, as far as its text tells."""

    FLOAT = "float"
    """Every builtin floating point type, `f8E5M2` and `f80` too."""
    INTEGER = "integer"
    """`i32`, `si32`, `ui8`."""
    INDEX = "index"
    COMPLEX = "complex"
    TENSOR = "tensor"
    UNRANKED_TENSOR = "unranked tensor"
    MEMREF = "memref"
    UNRANKED_MEMREF = "unranked memref"
    VECTOR = "vector"
    POINTER = "pointer"
    """`!llvm.ptr`, in any address space."""
    AGGREGATE = "aggregate"
    """`!llvm.struct` and `!llvm.array`."""
    OTHER = "other"
    """Types of dialects, tuples, functions, `none`."""
    BROKEN = "broken"
    """Text that is no type, as while it is being typed."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type. `element` is that of a shaped or complex type; `tail` is what follows it, with its comma."""

    text: str
    kind: TypeKind
    shape: tuple[int | None, ...] = ()
    element: Type | None = None
    tail: str = ""
    is_certain: bool = True
    """Whether all aliases in it could be replaced; if not, it may equal a type that is written otherwise."""

    def __str__(self) -> str:
        return self.text

    def differs(self, other: Type) -> bool:
        """Whether the two are surely not the same type."""
        if TypeKind.BROKEN in (self.kind, other.kind):
            return False
        if self.is_certain and other.is_certain:
            return self.text != other.text
        return self.kind is not other.kind and TypeKind.OTHER not in (self.kind, other.kind)

    @property
    def is_memory(self) -> bool:
        """Whether a value of the type is a place in memory."""
        return self.kind in (TypeKind.MEMREF, TypeKind.UNRANKED_MEMREF, TypeKind.POINTER)

    @property
    def is_signless(self) -> bool:
        """Whether it is an integer without a sign of its own: `i32`, not `si32`."""
        return self.kind is TypeKind.INTEGER and self.text[0] == "i"

    @property
    def is_static(self) -> bool:
        """Whether every size in its shape is known; true of types that have none."""
        return None not in self.shape

    @property
    def scalar(self) -> Type:
        """The element of a shaped type; of all others the type itself."""
        return self.element if self.element is not None and self.kind is not TypeKind.COMPLEX else self


def read(text: str, aliases: Mapping[str, bytes] | None = None) -> Type:
    """The type that a text says. Never raises.

    `aliases` gives the text behind `=` of `!name` and `#name`. A type of more than a few kilobytes, as a chain of
    aliases can make, or one that nests deeper than any real one is not looked into.
    """
    if aliases and ("!" in text or "#" in text):
        expanded = _expanded(text, aliases)
        return _read(expanded) if expanded is not None else Type(_canonical(text), TypeKind.OTHER, is_certain=False)
    return _read(text)


def tensor(shape: tuple[int | None, ...], element: Type, tail: str = "") -> Type:
    """`tensor<shape x element, tail>`."""
    sizes = "".join(f"{'?' if size is None else size}x" for size in shape)
    return Type(
        f"tensor<{sizes}{element.text}{tail}>", TypeKind.TENSOR, shape, element, tail, is_certain=element.is_certain
    )


def struct(members: tuple[Type, ...]) -> Type:
    """`!llvm.struct<(members)>`."""
    inside = ", ".join(member.text.removeprefix("!llvm.") for member in members)
    certain = all(member.is_certain for member in members)
    return Type(f"!llvm.struct<({inside})>", TypeKind.AGGREGATE, is_certain=certain)


_LARGEST: Final = 4_096
"""Characters of a type that is looked into. Real ones have some hundred."""
_DEEPEST: Final = 64
_FLOAT: Final = re.compile(r"f\d+(?:E\d+M\d+\w*)?|bf16|tf32")
_INTEGER: Final = re.compile(r"[su]?i[1-9]\d*")
_SIZES: Final = re.compile(r"((?:(?:\d+|\?)x)*)(.*)", re.DOTALL)
_CONTAINER: Final = re.compile(r"(tensor|memref|vector|complex)<(.*)>", re.DOTALL)
_ALIAS: Final = re.compile(r"[!#][A-Za-z_$][\w$-]*(?![\w$.<-])")
_DEFAULT_LAYOUT: Final = (
    (re.compile(r", offset: 0(?=>)"), ""),
    (re.compile(r", affine_map<\(([\w, ]*)\) -> \(\1\)>"), ""),
    (re.compile(r", 0(?: : i\d+)?$"), ""),
    (re.compile(r"(, \d+) : i64$"), r"\1"),
)
"""What MLIR leaves out of a memref when it prints it: an offset of 0, the identity map, memory space 0, and the type of
a memory space that is an i64."""
_LONG_FORM: Final = re.compile(r"!(\w+)<([A-Za-z_].*)>", re.DOTALL)
"""`!enzyme<Cache<f64>>`, which is `!enzyme.Cache<f64>`."""
_LLVM_ARRAY: Final = re.compile(r"array<(\d+)x")
_DEFAULT_SPACE: Final = re.compile(r"\bptr<0>")


def _expanded(text: str, aliases: Mapping[str, bytes]) -> str | None:
    """The text with aliases replaced by what they stand for; None when they lead too far or in a circle."""
    for _ in range(_DEEPEST):
        found = _ALIAS.search(text)
        while found is not None and found[0] not in aliases:
            found = _ALIAS.search(text, found.end())
        if found is None:
            return text
        text = text[: found.start()] + aliases[found[0]].decode("utf-8", "replace") + text[found.end() :]
        if len(text) > _LARGEST:
            return None
    return None


@lru_cache(maxsize=8_192)
def _read(text: str) -> Type:
    if len(text) > _LARGEST:
        return Type(text, TypeKind.OTHER, is_certain=False)
    canonical = _canonical(text)
    certain = _ALIAS.search(canonical) is None
    depth = _depth(canonical)
    if not canonical or depth is None:
        return Type(canonical, TypeKind.BROKEN)
    if depth > _DEEPEST:
        return Type(canonical, TypeKind.OTHER, is_certain=False)
    return _classified(canonical, certain)


def _classified(text: str, certain: bool) -> Type:  # noqa: FBT001 - private, and its one caller names it
    if _FLOAT.fullmatch(text):
        return Type(text, TypeKind.FLOAT)
    if _INTEGER.fullmatch(text):
        return Type(text, TypeKind.INTEGER)
    if text == "index":
        return Type(text, TypeKind.INDEX)
    if match := _LONG_FORM.fullmatch(text):
        text = f"!{match[1]}.{match[2]}"
    if text.startswith("!llvm."):
        return _of_llvm(text, certain)
    if match := _CONTAINER.fullmatch(text):
        return _container(match[1], match[2], text, certain)
    if text[0] in "!(" or text == "none" or text.startswith("tuple<"):
        return Type(text, TypeKind.OTHER, is_certain=certain)
    return Type(text, TypeKind.BROKEN)


def _of_llvm(text: str, certain: bool) -> Type:  # noqa: FBT001
    # Inside LLVM's types the prefix may be left out, and MLIR prints it so. Their arrays need blanks around the `x`.
    text = "!llvm." + text.removeprefix("!llvm.").replace("!llvm.", "")
    text = _DEFAULT_SPACE.sub("ptr", _LLVM_ARRAY.sub(r"array<\1 x ", text))
    name = re.match(r"!llvm\.(\w+)", text)
    kinds = {"ptr": TypeKind.POINTER, "struct": TypeKind.AGGREGATE, "array": TypeKind.AGGREGATE}
    return Type(text, kinds.get(name[1] if name else "", TypeKind.OTHER), is_certain=certain)


def _container(name: str, inside: str, text: str, certain: bool) -> Type:  # noqa: FBT001
    if name == "complex":
        element = _read(inside)
        return Type(text, TypeKind.COMPLEX, element=element, is_certain=certain)
    first, tail = _split(inside)
    if name == "vector":
        match = re.fullmatch(r"((?:(?:\d+|\[\d+\])x)*)(.*)", first, re.DOTALL)
        return Type(text, TypeKind.VECTOR, element=_read(match[2]) if match else None, tail=tail, is_certain=certain)
    if first.startswith("*x"):
        kind = TypeKind.UNRANKED_TENSOR if name == "tensor" else TypeKind.UNRANKED_MEMREF
        return Type(text, kind, element=_read(first[2:]), tail=tail, is_certain=certain)
    match = _SIZES.fullmatch(first)
    sizes, rest = (match[1], match[2]) if match else ("", first)
    element = _read(rest)
    if element.kind is TypeKind.BROKEN:
        return Type(text, TypeKind.BROKEN)
    shape = tuple(None if size == "?" else int(size[:18]) for size in sizes.split("x")[:-1])
    if name == "memref":
        for pattern, kept in _DEFAULT_LAYOUT:
            tail = pattern.sub(kept, tail)
        # One map can be written in many ways.
        certain = certain and "affine_map<" not in tail
    kind = TypeKind.TENSOR if name == "tensor" else TypeKind.MEMREF
    shown = f"{name}<{sizes}{element.text}{tail}>"
    return Type(shown, kind, shape, element, tail, is_certain=certain)


def _split(inside: str) -> tuple[str, str]:
    """A text before and from its first comma outside brackets."""
    depth = 0
    for index, character in enumerate(inside):
        if character in "<([{":
            depth += 1
        elif character in ">)]}":
            depth -= 1 if inside[index - 1 : index + 1] != "->" else 0
        elif character == "," and depth == 0:
            return inside[:index], inside[index:]
    return inside, ""


def _depth(text: str) -> int | None:
    """How deep brackets nest; None when they do not pair."""
    depth = deepest = 0
    for index, character in enumerate(text):
        if character in "<([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ">)]}" and text[index - 1 : index + 1] != "->":
            depth -= 1
            if depth < 0:
                return None
    return deepest if depth == 0 else None


_SPACED: Final = {",": ", ", ":": " : ", "->": " -> "}
_BEHIND_A_WORD: Final = {**_SPACED, ":": ": "}
"""As MLIR prints `offset: 3` and `1 : i32`."""
_WORDISH: Final = frozenset({Kind.WORD, Kind.NUMBER, Kind.STRING, Kind.HASH, Kind.BANG, Kind.SYMBOL, Kind.VALUE})


def _canonical(text: str) -> str:
    """The text with blanks only behind commas and `:`, around `->`, and where two words would run together."""
    tokens = tokenize(encode(text))
    parts: list[str] = []
    before: int | None = None
    for index, kind in enumerate(tokens.kinds):
        word = decode(tokens.word(index))
        if word in _SPACED:
            parts.append((_BEHIND_A_WORD if before == Kind.WORD else _SPACED)[word])
        else:
            if before in _WORDISH and kind in _WORDISH and not _is_shape(parts[-1], word):
                parts.append(" ")
            parts.append(word)
        before = None if word in _SPACED else kind
    return "".join(parts).strip()


def _is_shape(before: str, word: str) -> bool:
    """Whether two words are neighbours in a shape, such as `4`, `x`, `8` and `xf64`."""
    return (word[0] == "x" and (before[-1].isdigit() or before[-1] in "?*")) or before.endswith("x")
