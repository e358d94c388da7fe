"""Passes: those that whoever runs a pipeline has, and what is known of each; it must not know where pipelines stand.

The engines of enzyme-ad and upstream MLIR have those of a table, which a script found by asking them. A program of the
user's has what its `--help` lists. Words of ours come first, since a program's own are often none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.engines.enzyme.pass_table import PASSES
from enzyme_lsp.lowering import summaries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from enzyme_lsp.engines.catalogue import Catalogue

_RELEASE: Final = re.compile(r"-\d+(?:\.\d+)*\Z")
_BLANKS: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Passes:
    """What a pipeline can be made of. `catalogue` is that of a program; None: those of the table."""

    catalogue: Catalogue | None = None

    @property
    def names(self) -> Iterable[str]:
        return PASSES if self.catalogue is None else self.catalogue.passes

    def options(self, name: str) -> Mapping[str, str] | None:
        """The options of a pass with the kinds of their values, as `pass_table` has them; None: it is no pass."""
        if self.catalogue is None:
            return PASSES.get(name)
        entry = self.catalogue.passes.get(name)
        if entry is None:
            return None
        # To a program a pipeline is a text as any other.
        known = PASSES.get(name, {})
        return {
            option: known[option] if kind == "text" and known.get(option) == "pipeline" else kind
            for option, kind in entry.options.items()
        }

    def summary(self, name: str) -> str:
        """What a pass does, in a few words; empty where nothing is known of it."""
        if ours := summaries.summary(name):
            return ours
        entry = self.catalogue.passes.get(name) if self.catalogue is not None else None
        return _words(entry.meaning) if entry is not None else ""

    def option_summary(self, name: str, option: str) -> str:
        """The same for an option of a pass."""
        if ours := summaries.OPTIONS.get((name, option), ""):
            return ours
        entry = self.catalogue.passes.get(name) if self.catalogue is not None else None
        return _words(entry.meanings.get(option, "")) if entry is not None else ""

    def lack(self, name: str) -> str:
        """That there is no pass of a name, in a sentence without a period and without what may be meant instead."""
        if self.catalogue is None:
            return f"Enzyme has no pass {name}"
        elsewhere = ", which enzyme-ad has" if name in PASSES else ""
        return f"{self.catalogue.program} has no pass {name}{elsewhere}"

    def of_program(self, program: str) -> Passes | None:
        """Those of a program that a command line names; None where it is not known which it has.

        One that is called as the engine, but for a release, is taken for that. All that have Enzyme in their name are
        taken for builds of it, which have those of the table.
        """
        name = program.rpartition("/")[2]
        if self.catalogue is not None and _RELEASE.sub("", name) == _RELEASE.sub("", self.catalogue.name):
            return self
        return TABLE if _ENZYME in name else None


TABLE: Final = Passes()
"""Those of enzyme-ad."""

_ENZYME: Final = "enzyme"


def _words(written: str) -> str:
    """What a program says, in the form of ours: in one line, with no capital and no period."""
    words = _BLANKS.sub(" ", written).strip().removesuffix(".")
    return words[:1].lower() + words[1:] if words[1:2].islower() or not words[1:2].isalpha() else words
