"""Demands: what the dialect's verifier asks of an operation that IRDL cannot say; knows texts of types, and no place.

Only of operations that no check of ours looks at: those that differentiate have checks of their own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.ops import OPS, AttributeKind
from enzyme_lsp.syntax import types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_INTEGER: Final = re.compile(r"(-?(?:0x[0-9a-fA-F]+|[0-9]+))(?:\s*:\s*(\w+))?")
_SIZES: Final = re.compile(r"array<i32(?::([^<>]*))?>")
_SEGMENTS: Final = "operandSegmentSizes"
_CHECKED: Final = frozenset({"width", "batch_shape"})
"""Attributes that checks of ours look at."""


def unmet(name: str, attributes: Mapping[str, str], taken: Sequence[str], given: Sequence[str]) -> tuple[str, str]:
    """Why the dialect refuses an operation, in words after "since", and the attribute that shows it; else nothing.

    `attributes` has the texts of values by keys; `taken` and `given` are the types of operands and results.
    """
    if "alignment" in attributes and not _is_alignment(attributes["alignment"]):
        return "its alignment is no power of two of type i64", "alignment"
    if _SEGMENTS in attributes and not _fits(attributes[_SEGMENTS], len(taken)):
        return f"its {_SEGMENTS} is no array<i32: ...> that adds up to {len(taken)}", _SEGMENTS
    op = OPS[name]
    for key, text in attributes.items():
        field = None if key in _CHECKED else op.attribute(key)
        if field is not None and field.kind is AttributeKind.I64 and not _is_i64(text):
            return f"its {key} is no integer of type i64", key
        if field is not None and field.kind is AttributeKind.I64_ARRAY and not _is_i64_array(text):
            return f"its {key} is no array<i64: ...>", key
    rule = _RULES.get(name)
    return (rule(taken, given), "") if rule is not None else ("", "")


def _is_i64(text: str) -> bool:
    """Whether a value may be one; what is no number may be an alias."""
    found = _INTEGER.fullmatch(text)
    return text.startswith("#") if found is None else found[2] in (None, "i64")


def _is_i64_array(text: str) -> bool:
    return text.startswith(("#", "array<i64"))


def _is_alignment(text: str) -> bool:
    """Whether an alignment may be right; what is no number may be an alias."""
    found = _INTEGER.fullmatch(text)
    if found is None:
        return text.startswith("#")
    number = int(found[1], 0)
    return number > 0 and number & (number - 1) == 0 and found[2] in (None, "i64")


def _fits(text: str, count: int) -> bool:
    """Whether the sizes of the groups of operands add up; what is no array may be an alias."""
    found = _SIZES.fullmatch(text)
    if found is None:
        return text.startswith("#")
    sizes = [size.strip() for size in (found[1] or "").split(",") if size.strip()]
    return all(size.isdigit() for size in sizes) and sum(map(int, sizes)) == count


def _value_of_memory(taken: Sequence[str], _: Sequence[str]) -> str:
    element = types.read(taken[1]).element if len(taken) > 1 else None
    if element is None or element.text == taken[0]:
        return ""
    return f"a {taken[0]} is put into a memory of {element.text}"


def _same_elements(taken: Sequence[str], given: Sequence[str]) -> str:
    elements = [read.element.text if (read := types.read(one)).element else one for one in (*taken, *given)]
    return "" if len(set(elements)) < 2 else "what it takes and gives have other elements"


_RULES: Final[Mapping[str, Callable[[Sequence[str], Sequence[str]], str]]] = {
    "enzyme.atomic_rmw": _value_of_memory,
    "enzyme.ignore_derivatives": _same_elements,
}
