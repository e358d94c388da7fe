"""Catalogue: the passes of one program, as its `--help` lists them, and the dialects that it reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class PassEntry:
    """A pass, or a pipeline of some: what it does, in the program's own words, and its options."""

    meaning: str
    options: Mapping[str, str]
    """The kind of value that each takes, as `pass_table` has it: "bool", "int", "number", "text", or words between `|`.
    """

    meanings: Mapping[str, str]
    """What each option says; none for one of which the program says nothing."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a program has."""

    name: str
    """Of its file."""

    program: str
    """What it is called in sentences: its name and version."""

    passes: Mapping[str, PassEntry]
    dialects: frozenset[str] = field(default_factory=frozenset[str])
    """Those that it has registered, as far as it tells; empty where it does not."""


KINDS: Final = {
    "bool": "bool",
    "double": "number",
    "float": "number",
    "int": "int",
    "int32_t": "int",
    "int64_t": "int",
    "long": "int",
    "number": "number",
    "uint": "int",
    "ulong": "int",
    "unsigned": "int",
}
"""What MLIR's command line calls the values of options, in our words; all others are text."""


def read(name: str, version: str, written: object) -> Catalogue | None:
    """The catalogue that a worker sends; None where it sends none. What has another form is left out."""
    if not isinstance(written, dict):
        return None
    fields = cast("dict[str, object]", written)
    passes = {name: _entry(one) for name, one in _mapping(fields.get("passes")).items()}
    return Catalogue(name, f"{name} {version}".rstrip(), passes, frozenset(_texts(fields.get("dialects"))))


def _entry(written: object) -> PassEntry:
    fields = _mapping(written)
    options = _mapping(fields.get("options"))
    meanings = _mapping(fields.get("meanings"))
    return PassEntry(
        meaning=_words(fields.get("meaning")),
        options={name: _kind(_words(kind)) for name, kind in options.items()},
        meanings={name: words for name, one in meanings.items() if (words := _words(one))},
    )


def _kind(written: str) -> str:
    return written if "|" in written else KINDS.get(written, "text")


def _mapping(written: object) -> dict[str, object]:
    return cast("dict[str, object]", written) if isinstance(written, dict) else {}


def _texts(written: object) -> Iterable[str]:
    items = cast("list[object]", written) if isinstance(written, list) else []
    return (one for one in items if isinstance(one, str))


def _words(written: object) -> str:
    return written if isinstance(written, str) else ""
