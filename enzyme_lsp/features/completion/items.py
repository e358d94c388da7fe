"""Items: what a completion list is made of, in plain values: what is shown, what is written, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from enzyme_lsp.text.edit import Edit
    from enzyme_lsp.text.span import Span


class ItemKind(Enum):
    """What an item stands for; editors show a sign for each."""

    OPERATION = "operation"
    DIALECT = "dialect"
    DERIVATIVE = "derivative"
    """A whole differentiation op."""
    FUNCTION = "function"
    SYMBOL = "symbol"
    """One that is no function."""
    VALUE = "value"
    BLOCK = "block"
    ALIAS = "alias"
    TYPE = "type"
    ATTRIBUTE = "attribute"
    """The name of an attribute of an operation."""
    WORD = "word"
    """One of the words that an attribute can be."""
    PASS = "pass"
    OPTION = "option"


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch of inserted text that the user is led to, to keep it or to type something else.

    `choices` are what it can be instead, where there are few; the first is `text`.
    """

    text: str
    choices: tuple[str, ...] = ()


Template: TypeAlias = tuple[str | Hole, ...]
"""What is written: plain text, and holes in the order in which they are visited."""


def plain(template: Template) -> str:
    """The text of a template, for who cannot be led through holes."""
    return "".join(part if isinstance(part, str) else part.text for part in template)


@dataclass(frozen=True, slots=True)
class Completion:
    """One thing that can stand at the cursor. `label` is shown and filtered by."""

    label: str
    kind: ItemKind
    template: Template = ()
    """What is written; empty: the label."""
    detail: str = ""
    """A few words beside the label: a type, a signature, a summary."""
    page: str = ""
    """The key of its documentation, which `documentation` reads; empty: there is none."""
    edits: tuple[Edit, ...] = ()
    """What is changed elsewhere besides."""

    @property
    def inserted(self) -> Template:
        return self.template or (self.label,)


@dataclass(frozen=True, slots=True)
class Completions:
    """A list, the most likely first. `word` is what the items replace; `cursor` is in it or at its end.

    `is_cut`: there are more, so that it must be asked for again as the word grows.
    """

    items: tuple[Completion, ...]
    word: Span
    cursor: int
    is_cut: bool = False
