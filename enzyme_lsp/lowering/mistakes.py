"""Mistakes: what is wrong with a pipeline, told before it runs: its text, names of passes, options and their values.

Only what is known is told: an engine that is built from another source may have more, which a program lists.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from enzyme_lsp.lowering.passes import TABLE
from enzyme_lsp.lowering.pipeline import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from enzyme_lsp.lowering.passes import Passes
    from enzyme_lsp.lowering.pipeline import Pass, Pipeline


def mistakes(pipeline: Pipeline, passes: Passes = TABLE) -> tuple[Problem, ...]:
    """All of them, in order of their places. `passes` are those of whoever runs it."""
    found = [*pipeline.problems]
    for each in pipeline.passes():
        found += of_pass(each, passes)
    return tuple(sorted(found, key=lambda one: one.span))


def of_pass(each: Pass, passes: Passes = TABLE) -> Iterator[Problem]:
    """What is wrong with a pass: its name, or else its options."""
    known = passes.options(each.name)
    if known is None:
        # A name that is known elsewhere is not misspelled.
        meant = closest(each.name, passes.names) if TABLE.options(each.name) is None else ""
        yield Problem(each.name_span, f"{passes.lack(each.name)}{did_you_mean(meant)}", meant)
        return
    for option in each.options:
        kind = known.get(option.name)
        if kind is None:
            # Of passes that nothing public describes some options may be missing here.
            if meant := closest(option.name, known):
                message = f"{each.name} has no option {option.name}{did_you_mean(meant)}"
                yield Problem(option.name_span, message, meant)
        elif "|" in kind and option.value is not None and option.value not in kind.split("|"):
            words = ", ".join(kind.split("|"))
            yield Problem(option.value_span, f"{option.name} of {each.name} is one of {words}")
        elif kind == "bool" and option.value not in (None, "true", "false", "0", "1", "True", "False", "TRUE", "FALSE"):
            yield Problem(option.value_span, f"{option.name} of {each.name} is true or false")


def closest(name: str, known: Iterable[str]) -> str:
    """The name that is most like another one, if one is like it; else empty."""
    close = get_close_matches(name, [*known], n=1)
    return close[0] if close else ""


def did_you_mean(meant: str, mark: str = "") -> str:
    """`; did you mean cse?`, or nothing; `mark` stands before the name."""
    return f"; did you mean {mark}{meant}?" if meant else ""
