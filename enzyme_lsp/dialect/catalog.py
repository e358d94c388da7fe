"""Catalog: the operations of other dialects, as the Python bindings that are installed describe them.

Upstream MLIR's bindings (package `mlir`) and JAX's (`jaxlib`, which has StableHLO, CHLO and Shardy too) hold a class
for each operation, generated from its definition with its documentation. They are read as text: nothing of them is
imported, since that would load native code. A dialect is read when it is first asked about, in some 10 ms, and kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class OperationPage:
    """An operation: its documentation in Markdown, which may be empty, and the names of what it takes and gives."""

    name: str
    documentation: str
    operands: tuple[str, ...]
    attributes: tuple[str, ...]
    results: tuple[str, ...]
    regions: tuple[str, ...]

    @property
    def summary(self) -> str:
        """The first sentence of the documentation."""
        first = " ".join(self.documentation.partition("\n\n")[0].split())
        return first.partition(". ")[0].rstrip(".:")


@lru_cache(maxsize=512)
def operation(name: str) -> OperationPage | None:
    """The page of an operation such as `arith.addf`; None when nothing that is installed describes it.

    Reads that page alone: those of a large dialect take a tenth of a second.
    """
    for path in _files().get(name.partition(".")[0], ()):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue  # as in `operations`
        at = text.find(f'OPERATION_NAME = "{name}"')
        start = text.rfind("\nclass ", 0, at) + 1
        if at >= 0 and start > 0:
            end = text.find("\nclass ", at)
            found = next(_pages(text[start : end if end >= 0 else len(text)]), None)
            if found is not None:
                return found
    return None


def dialects() -> tuple[str, ...]:
    """The dialects that are described, in order."""
    return tuple(sorted(_files()))


@lru_cache(maxsize=128)
def operations(dialect: str) -> Mapping[str, OperationPage]:
    """All operations of a dialect, by name; those of the first package that has it."""
    found: dict[str, OperationPage] = {}
    for path in _files().get(dialect, ()):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue  # an installation that is being changed; it is as if the file were not there
        for page in _pages(text):
            found.setdefault(page.name, page)
    return found


@lru_cache(maxsize=256)
def names(dialect: str) -> tuple[str, ...]:
    """The names of the operations of a dialect, in order. Costs a tenth of reading what they are."""
    found: set[str] = set()
    for path in _files().get(dialect, ()):
        try:
            found.update(name.decode("ascii", "replace") for name in _NAME.findall(path.read_bytes()))
        except OSError:
            continue  # as in `operations`
    return tuple(sorted(found))


_NAME: Final = re.compile(rb'OPERATION_NAME = "([^"]+)"')
_PACKAGES: Final = (("mlir", "dialects"), ("jaxlib", "mlir/dialects"))
_CLASS: Final = re.compile(
    r"^class \w+\(_ods_ir\.OpView\):\n"
    r'(?:  r?"""\n?(?P<doc>.*?)\n?  """\n)?'
    r'\s*OPERATION_NAME = "(?P<name>[^"]+)"\n'
    r"(?P<body>.*?)(?=^@|^class |\Z)",
    re.DOTALL | re.MULTILINE,
)
_PROPERTY: Final = re.compile(r"@builtins\.property\n  def (\w+)\(self\) -> ([^\n]*):\n")
_OF_FILE: Final = re.compile(r"_(\w+?)_ops_gen\.py")


@lru_cache(maxsize=1)
def _files() -> dict[str, tuple[Path, ...]]:
    """The files of each dialect in the packages that are installed beside this one."""
    found: dict[str, list[Path]] = {}
    for package, below in _PACKAGES:
        for folder in _folders(package):
            for path in sorted((folder / below).glob("_*_ops_gen.py")):
                match = _OF_FILE.fullmatch(path.name)
                if match is not None:
                    # Extensions of the transform dialect are named after what they extend.
                    dialect = "transform" if match[1].endswith(("_transform", "_extension")) else match[1]
                    found.setdefault(dialect, []).append(path)
    return {dialect: tuple(paths) for dialect, paths in found.items()}


def _folders(package: str) -> list[Path]:
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return []
    return [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec is not None else []


def _pages(text: str) -> Iterator[OperationPage]:
    for match in _CLASS.finditer(text):
        taken: dict[str, list[str]] = {"Value": [], "Attribute": [], "OpResult": [], "Region": []}
        for name, type_ in _PROPERTY.findall(match["body"]):
            kind = next((kind for kind in _KINDS if kind in type_), None)
            if kind is not None:
                taken[_KINDS[kind]].append(name)
        yield OperationPage(
            match["name"],
            dedent(match["doc"] or "").strip(),
            tuple(taken["Value"]),
            tuple(taken["Attribute"]),
            tuple(taken["OpResult"]),
            tuple(taken["Region"]),
        )


_KINDS: Final = {
    "OpResult": "OpResult",
    "OpOperandList": "Value",
    "Value": "Value",
    "Attribute": "Attribute",
    "Attr": "Attribute",
    "Region": "Region",
}
"""What the type of a property says of it, most special first."""
