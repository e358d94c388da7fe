"""Types and attributes of the Enzyme dialect, as data: what each means and how it is written.

Found by asking the engines 0.0.15 (classic spelling) and 0.0.16 (strict), which have the same ones; the tests ask them
about every row again. MLIR lets all of them be written `!enzyme.Name<...>` or `!enzyme<Name<...>>`; only the activity
has one spelling more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Parameter:
    """What stands between the angle brackets: a name and, in words, what it is."""

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Named:
    """A type or attribute. `mark` is `!` or `#`; `inside` is the text between its brackets, `$x` a parameter."""

    mark: str
    name: str
    meaning: str
    """One sentence, without a full stop."""
    parameters: tuple[Parameter, ...]
    inside: str
    example: str
    """In classic spelling."""
    strict_example: str = ""
    """The same in strict spelling, where that differs."""

    @property
    def full_name(self) -> str:
        """`!enzyme.Cache`."""
        return f"{self.mark}enzyme.{self.name}"

    def example_in(self, *, strict: bool) -> str:
        """The example in one spelling."""
        return self.strict_example if strict and self.strict_example else self.example


_FUNCTION: Final = Parameter("function", "flat symbol reference", "the function")

TYPES: Final = {
    one.name: one
    for one in (
        Named(
            "!",
            "Cache",
            "A stack of values that the forward pass keeps for the reverse pass",
            (Parameter("type", "any type", "the type of its values"),),
            "$type",
            "!enzyme.Cache<f64>",
        ),
        Named(
            "!",
            "Gradient",
            "An accumulator in which the reverse pass adds up the gradient of a value",
            (Parameter("basetype", "any type", "the type of the gradient"),),
            "$basetype",
            "!enzyme.Gradient<f64>",
        ),
    )
}
"""By name, without mark and dialect."""

ATTRIBUTES: Final = {
    one.name: one
    for one in (
        Named(
            "#",
            "activity",
            "How an argument or result takes part in differentiation",
            (
                Parameter(
                    "value", "one of six words", "`enzyme_active`, `enzyme_dup`, `enzyme_const` or a `noneed` one"
                ),
            ),
            "$value",
            "#enzyme<activity enzyme_dup>",
            "#enzyme.activity<enzyme_dup>",
        ),
        Named(
            "#",
            "argorigin",
            "The argument of a function that a value comes from, as the activity analysis records it",
            (_FUNCTION, Parameter("argNumber", "unsigned integer", "which argument, from 0")),
            "$function ( $argNumber )",
            "#enzyme.argorigin<@f(0)>",
        ),
        Named(
            "#",
            "retorigin",
            "The result of a function that a value comes from, as the activity analysis records it",
            (_FUNCTION, Parameter("returnNumber", "unsigned integer", "which result, from 0")),
            "$function ( $returnNumber )",
            "#enzyme.retorigin<@f(0)>",
        ),
        Named(
            "#",
            "pseudoclass",
            "A class of memory that may be the same, of an argument of a function that is analyzed alone",
            (
                _FUNCTION,
                Parameter("argNumber", "unsigned integer", "which argument, from 0"),
                Parameter("depth", "unsigned integer", "through how many pointers"),
            ),
            "$function ( $argNumber , $depth )",
            "#enzyme.pseudoclass<@f(0, 0)>",
        ),
    )
}
"""By name, without mark and dialect."""
