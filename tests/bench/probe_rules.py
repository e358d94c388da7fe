"""Asks both engines which operations have a derivative rule, and writes what they say as data.

    python -m tests.bench.probe_rules --strict FOLDER [--classic FOLDER] [--only NAME ...] [--write]

Each operation gets a small function in which the result depends on the argument through it (`rule_callees`), and the
engine is asked to differentiate that function in both modes. A second function has an operation without a rule before
and behind the one in question: whether the engine complains about these says whether it takes what goes in and what
comes out for active. With `--write` the answers become enzyme_lsp/dialect/derivative_table.py; without it they are
printed where they differ from that file.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import derivative_table
from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane
from enzyme_lsp.settings import EngineSettings
from tests.bench.rule_callees import CALLEES, MEMORY, Callee
from tests.judges import EngineThread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from enzyme_lsp.engines.api import Answer

TABLE: Final = Path(derivative_table.__file__)
MODES: Final = ("reverse", "forward")

_NO_RULE: Final = re.compile(r'could not compute the adjoint for this operation\s+(?:%[\w:, %]+ = )?"?([\w.]+)')
_UNFINISHED: Final = re.compile(r"[Uu]nimplemented derivative|not yet (?:implemented|supported)")
_UNKNOWN: Final = re.compile(r"is unknown$|unregistered operation")


class Prober:
    """Asks one engine."""

    def __init__(self, engine: EngineThread) -> None:
        self._engine = engine
        status = engine.wait(engine.pool.ready())
        if status.identity is None:
            raise SystemExit(status.message)
        self.identity = status.identity

    def cells(self, callee: Callee) -> str:
        """For reverse and forward mode a letter each, as `derivative_table` explains them."""
        parsed = self.ask(self._module(callee, "reverse"), "")
        if parsed.outcome is Outcome.REJECTED:
            message = parsed.problems[0].message
            if _UNKNOWN.search(message) and callee.operation in message:
                return ".."
            raise ValueError(f"{callee.key}: {message}")
        return "".join(self._cell(callee, mode) for mode in MODES)

    def _cell(self, callee: Callee, mode: str) -> str:
        answer = self.ask(self._module(callee, mode), "enzyme")
        if answer.outcome is Outcome.ACCEPTED:
            return "+"
        if answer.outcome is Outcome.CRASHED:
            return "!"
        said = " ".join(problem.message for problem in answer.problems)
        if callee.operation in _NO_RULE.findall(said):
            return "-"
        return "u" if _UNFINISHED.search(said) else "?"

    def passes(self, callee: Callee) -> bool:
        """Whether what goes in is needed and what comes out is active, in both modes, or in the one that answers."""
        before, behind = _without_rule(callee.takes), _without_rule(callee.gives)
        if not before or not behind:
            return False
        answers = {self._passes(callee, mode, before, behind) for mode in MODES}
        return True in answers and False not in answers

    def _passes(self, callee: Callee, mode: str, before: str, behind: str) -> bool | None:
        """None when the engine crashes."""
        body = (
            f'%x = "{before}"(%x0) : ({callee.takes}) -> {callee.takes}\n{callee.body}\n'
            f'%y0 = "{behind}"(%y) : ({callee.gives}) -> {callee.gives}'
        )
        text = self._module(callee, mode, body=body, argument="%x0", result="%y0")
        lines = text.split("\n")
        wanted = {number for number, line in enumerate(lines, 1) if line.startswith(("%x = ", "%y0 = "))}
        answer = self.ask(text, "enzyme")
        if answer.outcome is Outcome.CRASHED:
            return None
        found = {one.place.line for one in answer.problems if one.place is not None and _NO_RULE.search(one.message)}
        return wanted <= found

    def touches_memory(self, operation: str) -> bool:
        """Whether a call to a function with this operation is refused in reverse mode for the memory that it touches."""
        text = (
            'memref.global "private" @g : memref<4xf64> = uninitialized\nllvm.mlir.global internal @p() : f64\n'
            "func.func private @h(%x: f64) -> f64 {\nreturn %x : f64\n}\n"
            "func.func private @inner(%x: f64, %m: memref<4xf64>, %p: !llvm.ptr, %i: index) -> f64 {\n"
            f"{MEMORY[operation]}\nreturn %x : f64\n}}\n"
            "func.func private @f(%x: f64, %m: memref<4xf64>, %p: !llvm.ptr, %i: index) -> f64 {\n"
            "%y = func.call @inner(%x, %m, %p, %i) : (f64, memref<4xf64>, !llvm.ptr, index) -> f64\n"
            "return %y : f64\n}\n"
            "func.func private @d(%x: f64, %m: memref<4xf64>, %p: !llvm.ptr, %i: index) -> f64 {\n"
            f"%r = enzyme.autodiff @f(%x, %m, %p, %i, %x) {self._lists('active const const const', 'activenoneed')}"
            " : (f64, memref<4xf64>, !llvm.ptr, index, f64) -> f64\nreturn %r : f64\n}\n"
        )
        parsed = self.ask(text, "")
        if parsed.outcome is not Outcome.ACCEPTED:
            raise ValueError(f"{operation}: {parsed.problems[0].message}")
        answer = self.ask(text, "enzyme")
        return any("touches memory" in problem.message for problem in answer.problems)

    def ask(self, text: str, pipeline: str) -> Answer:
        return self._engine.wait(self._engine.pool.run(Request(text.encode(), pipeline), lane=Lane.BACKGROUND))

    def _module(self, callee: Callee, mode: str, *, body: str = "", argument: str = "%x", result: str = "%y") -> str:
        takes, gives = callee.takes, callee.gives
        if mode == "reverse":
            other, back = gives, takes
            call = f"enzyme.autodiff @f(%a, %b) {self._lists('active', 'activenoneed')} : ({takes}, {gives}) -> {takes}"
        else:
            other, back = takes, gives
            call = f"enzyme.fwddiff @f(%a, %b) {self._lists('dup', 'dupnoneed')} : ({takes}, {takes}) -> {gives}"
        return (
            f"{callee.around}\nfunc.func private @f({argument}: {takes}) -> {gives} {{\n{body or callee.body}\n"
            f"return {result} : {gives}\n}}\n"
            f"func.func @d(%a: {takes}, %b: {other}) -> {back} {{\n%r = {call}\nreturn %r : {back}\n}}\n"
        )

    def _lists(self, arguments: str, results: str) -> str:
        strict = self.identity.spelling == "strict"
        form = "#enzyme.activity<enzyme_{}>" if strict else "#enzyme<activity enzyme_{}>"
        listed = [", ".join(form.format(word) for word in words.split()) for words in (arguments, results)]
        inside = f"activity = [{listed[0]}], ret_activity = [{listed[1]}]"
        return f"<{inside}>" if strict else f"{{{inside}}}"


def _without_rule(type_: str) -> str:
    """An operation of one operand that takes and gives the type and has no rule in any engine."""
    if type_.startswith(("!", "memref")):
        return ""
    if type_.startswith("complex"):
        return "complex.sin"
    return "chlo.bessel_i1e" if "complex" in type_ else "math.tan"


def row(classic: Prober, strict: Prober, callee: Callee) -> str:
    """What the table says of an operation."""
    passes = "".join("y" if engine.passes(callee) else "n" for engine in (classic, strict))
    return f"{classic.cells(callee)}{strict.cells(callee)} {passes}"


def written(rows: dict[str, str], memory: Iterable[str]) -> str:
    """derivative_table.py."""
    head = (derivative_table.__doc__ or "").strip("\n")
    lines = "\n".join(f'    "{key}": "{rows[key]}",' for key in sorted(rows))
    touching = "\n".join(f'        "{name}",' for name in sorted(memory))
    return (
        f'"""{head}\n"""\n\nfrom __future__ import annotations\n\nfrom typing import Final\n\n'
        f"ROWS: Final = {{\n{lines}\n}}\n\nTOUCH_MEMORY: Final = frozenset(\n    {{\n{touching}\n    }}\n)\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--classic", default="", help="a folder that holds enzyme_ad 0.0.15; else the installed one")
    parser.add_argument("--strict", required=True, help="a folder that holds enzyme_ad 0.0.16")
    parser.add_argument("--only", nargs="*", default=[], help="these operations alone")
    parser.add_argument("--write", action="store_true", help="write the table anew")
    arguments = parser.parse_args()
    with (
        EngineThread(EngineSettings(path=arguments.classic, workers=1)) as one,
        EngineThread(EngineSettings(path=arguments.strict, workers=1)) as other,
    ):
        classic, strict = Prober(one), Prober(other)
        print(f"classic: {classic.identity}, strict: {strict.identity}")
        asked = [callee for key, callee in CALLEES.items() if not arguments.only or key in arguments.only]
        rows = {callee.key: row(classic, strict, callee) for callee in asked}
        memory = [name for name in MEMORY if strict.touches_memory(name)]
    if arguments.write and not arguments.only:
        TABLE.write_text(written(rows, memory))
    differences = [key for key in rows if rows[key] != derivative_table.ROWS.get(key)]
    for key in differences:
        print(f"{key:40} {rows[key]:8} {derivative_table.ROWS.get(key, 'no row')}")
    print(f"{len(rows)} operations, {len(differences)} other than before")
    return 1 if differences and not arguments.write else 0


if __name__ == "__main__":
    sys.exit(main())
