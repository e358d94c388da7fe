"""Forms: how values of a type are handed to machine code: elements, and sizes where they are in memory."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Final

from enzyme_lsp.gradient.refusal import RefusedError
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from enzyme_lsp.syntax.types import Type

MOST_NUMBERS: Final = 1 << 12
"""In one argument or result: a function is called some fifty times, and all its numbers are looked at each time."""

UNKNOWN_SIZE: Final = 3
"""What a size is taken for that a type leaves open, `?`: the same everywhere, so that sizes fit each other."""

_FLOATS: Final = ("f64", "f32")
_INTEGERS: Final = ("i64", "i32", "i16", "i8", "i1")


@dataclass(frozen=True, slots=True)
class Form:
    """A type as machine code sees it. `sizes` is None for a single element; `is_memory`: what is written there stays.

    A complex element is two numbers.
    """

    element: str
    sizes: tuple[int, ...] | None
    is_memory: bool

    @property
    def is_float(self) -> bool:
        """Whether its numbers can be differentiated by."""
        return self.element not in _INTEGERS and self.element != "index"

    @property
    def is_complex(self) -> bool:
        return self.element.startswith("complex")

    @property
    def count(self) -> int:
        """Its numbers."""
        return prod(self.sizes or ()) * (2 if self.is_complex else 1)


def form(type_: Type) -> Form:
    """The form of a type. Raises `RefusedError`."""
    if type_.kind is TypeKind.POINTER:
        raise RefusedError(f"{type_} does not say how many numbers it points to")
    if type_.kind not in (TypeKind.TENSOR, TypeKind.MEMREF):
        return Form(_element(type_), None, is_memory=False)
    if type_.tail:
        raise RefusedError(f"{type_} has a layout, an encoding or a memory space of its own")
    sizes = tuple(UNKNOWN_SIZE if size is None else size for size in type_.shape)
    made = Form(_element(type_.scalar), sizes, type_.kind is TypeKind.MEMREF)
    if made.count > MOST_NUMBERS:
        raise RefusedError(f"{type_} has more than {MOST_NUMBERS} numbers")
    return made


def _element(type_: Type) -> str:
    if type_.kind is TypeKind.COMPLEX and type_.element is not None and type_.element.text in _FLOATS:
        return f"complex<{type_.element}>"
    if type_.text in (*_FLOATS, *_INTEGERS, "index"):
        return type_.text
    if type_.kind is TypeKind.FLOAT:
        raise RefusedError(f"numbers of {type_} cannot be handed to machine code here, only those of f64 and f32")
    raise RefusedError(f"values of {type_} cannot be handed to machine code here")
