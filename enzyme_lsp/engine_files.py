"""Engine files: rules that say which engine the files of a pattern have; must not know any engine, nor read a file.

A rule is written `PATTERN: ENGINE`. Patterns are as those of .gitignore: `*`, `?` and `[...]` stay within a name, `**`
stands for any number of folders, and whatever names a folder holds for all below it. One that has a slash is held
against the path from the workspace folder, one that has none against each name in that; a path from the root, or from
`~`, is one of the machine.
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Kind: TypeAlias = Literal["enzyme-ad", "upstream", "program", "none"]

_NAMES: Final = ("enzyme-ad", "upstream", "none")
_NO_PROGRAMS: Final = ("auto", "program", "command")
"""Words for engines elsewhere, which are no programs here."""
# On Windows a path may begin with a letter and a colon.
_WRITTEN: Final = re.compile(r"((?:[A-Za-z]:(?=[\\/]))?[^:]*):(.*)" if os.name == "nt" else r"([^:]*):(.*)", re.DOTALL)
_SEPARATORS: Final = r"[\\/]" if os.name == "nt" else "/"


@dataclass(frozen=True, slots=True)
class Rule:
    """Files of `pattern` have the engine `kind`; with "program" the one of that command line."""

    pattern: str
    kind: Kind
    program: tuple[str, ...] = ()

    def holds_for(self, path: str, folders: Sequence[str]) -> bool:
        """Whether a file, by its whole path, is one of the pattern. `folders` are those of the workspace."""
        pattern = os.path.expanduser(self.pattern)
        wanted = _parts(pattern)
        if os.path.isabs(pattern):
            return _begins(wanted, _parts(path))
        for parts in _from_folders(path, folders):
            if len(wanted) != 1 or self.pattern.endswith(("/", os.sep)) or self.pattern.startswith("./"):
                if _begins(wanted, parts):
                    return True
            elif wanted == ("**",) or any(fnmatchcase(part, wanted[0]) for part in parts):
                return True
        return False

    def __str__(self) -> str:
        return f"{self.pattern}: {shlex.join(self.program) if self.program else self.kind}"


class RuleError(ValueError):
    """What is wrong with the text of a rule: a sentence without a period."""


@lru_cache(maxsize=256)
def read(text: str) -> Rule:
    """The rule that a text is. Raises RuleError."""
    match = _WRITTEN.fullmatch(text)
    pattern, engine = (part.strip() for part in match.groups()) if match is not None else ("", "")
    if not pattern or not engine:
        raise RuleError("a rule is written as `PATTERN: ENGINE`")
    if ".." in re.split(_SEPARATORS, pattern):
        raise RuleError("a pattern with `..` matches nothing; write the whole path")
    try:
        words = shlex.split(engine, posix=os.name != "nt")
    except ValueError as error:
        raise RuleError(f"the command line cannot be read: {str(error).lower()}") from None
    if words[0] in _NO_PROGRAMS:
        raise RuleError(f"`{words[0]}` is no program; write enzyme-ad, upstream, none, or a program with its arguments")
    if words[0] not in _NAMES:
        return Rule(pattern, "program", tuple(words))
    if len(words) > 1:
        raise RuleError(f"{words[0]} takes no arguments")
    return Rule(pattern, cast("Kind", words[0]))


def mistake(text: str) -> str | None:
    """What is wrong with the text of a rule; None when nothing is."""
    try:
        read(text)
    except RuleError as error:
        return str(error)
    return None


def first(rules: Iterable[str], path: str, folders: Sequence[str]) -> Rule | None:
    """The first of some rules that holds for a file. Raises RuleError for a text that is none."""
    return next((rule for rule in map(read, rules) if rule.holds_for(path, folders)), None)


def _from_folders(path: str, folders: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The parts of a path from each of the folders that it is in; its name alone where that is none."""
    parts = _parts(path)
    around = [above for folder in folders if parts[: len(above := _parts(folder))] == above and len(parts) > len(above)]
    yield from (parts[len(above) :] for above in around)
    if not around:
        yield parts[-1:]


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(_SEPARATORS, os.path.normcase(path)) if part not in ("", "."))


def _begins(wanted: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Whether some of the first parts of a path, or all, are as a pattern has them."""
    # The places in the pattern that may come next: each part of the path is looked at once.
    places = _with_gaps({0}, wanted)
    if len(wanted) in places:
        return True
    for part in parts:
        places = _with_gaps(
            {
                place if wanted[place] == "**" else place + 1
                for place in places
                if wanted[place] == "**" or fnmatchcase(part, wanted[place])
            },
            wanted,
        )
        if len(wanted) in places:
            return True
    return False


def _with_gaps(places: set[int], wanted: tuple[str, ...]) -> set[int]:
    """`places`, and those behind each `**` there, which may stand for nothing."""
    found = set(places)
    for place in sorted(places):
        at = place
        while at < len(wanted) and wanted[at] == "**":
            at += 1
            found.add(at)
    return found
