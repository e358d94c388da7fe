"""A RUN line names passes that Enzyme's programs have, with options and values that these take.

A pass or option that is misspelled ends the program before it has read the file. Where the engine is a program
(`engine.program`), lines that name this program are held against what its `--help` lists. What another may have is not
known, so of those only the ones whose name says that they are Enzyme's are looked at. Their list is that of the
releases 0.0.15 and 0.0.16 of enzyme-ad, and a newer source may have more.

    // RUN: enzymemlir-opt %s --enzyme --canonicalise | FileCheck %s
    //                                   ^^^^^^^^^^^^ warning[unknown-pass]: Enzyme has no pass canonicalise; did you mean canonicalize?
    func.func @f(%x: f64) -> f64 {
      return %x : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.diagnostic import Diagnostic, Fix, Severity, warning
from enzyme_lsp.lowering import mistakes, pipeline, run_line
from enzyme_lsp.text.edit import Edit, EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.lowering.passes import Passes
    from enzyme_lsp.lowering.pipeline import Problem
    from enzyme_lsp.lowering.shell import Word
    from enzyme_lsp.workspace.snapshot import Snapshot

CODE: Final = "unknown-pass"
SEVERITY: Final = Severity.WARNING


def check_passes(snapshot: Snapshot, engine: Passes) -> Iterator[Diagnostic]:
    for lowering in run_line.lowerings(snapshot.document.data):
        passes = engine.of_program(lowering.program)
        if passes is None:
            continue
        for placed in lowering.passes:
            for problem in mistakes.of_pass(placed.element, passes):
                yield _diagnostic(problem, placed.word, 0)
        for word, start in lowering.texts:
            for problem in mistakes.mistakes(pipeline.parse(word.text[start:]), passes):
                yield _diagnostic(problem, word, start)


def _diagnostic(problem: Problem, word: Word, start: int) -> Diagnostic:
    span = word.place(start + problem.span.start, start + problem.span.end)
    # Not for all at once: a newer source may have the pass, and what is close is then another one.
    meant = problem.meant
    fixes = (Fix(f"Write {meant}", EditSet([Edit(span, meant.encode())]), is_certain=False),) if meant else ()
    return warning(CODE, span, problem.message, fixes=fixes)
