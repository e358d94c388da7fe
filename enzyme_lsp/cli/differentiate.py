"""`enzyme-lsp differentiate`: the derivative of a function, written behind it; must not know how one is made."""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp import derivatives
from enzyme_lsp.cli import files, reading
from enzyme_lsp.cli.misuse import complain, misuse
from enzyme_lsp.derivatives import subject
from enzyme_lsp.derivatives.drafts import Wish
from enzyme_lsp.derivatives.refusal import RefusedError
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.edit import EditSet
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from argparse import Namespace

    from enzyme_lsp.derivatives.subject import Subject
    from enzyme_lsp.text.document import Document
    from enzyme_lsp.workspace.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class _Mode:
    """What options a mode has beside the function."""

    takes_width: bool = False
    takes_activities: bool = True
    takes_primal: bool = True


_MODES: Final = {
    "reverse": _Mode(takes_width=True),
    "forward": _Mode(takes_width=True),
    "jacobian": _Mode(takes_primal=False),
    "hvp": _Mode(takes_primal=False),
    "batch": _Mode(takes_width=True, takes_activities=False, takes_primal=False),
}
"""By their names, which are those of variants."""
_MOST_WIDE: Final = (1 << 32) - 1
_WORDS: Final = {one.value.removeprefix("enzyme_"): one for one in Activity}


def run(arguments: Namespace) -> int:
    """Exit code 0 when the derivative is written, 1 when there is none, 2 when the files stand in the way."""
    if arguments.in_place and arguments.path == files.STDIN:
        misuse("--in-place changes a file, and standard input is none")
    _refuse_misplaced(arguments)
    activities = None if arguments.activity is None else _activities(arguments.activity)
    path = files.one(arguments.path, "a function is in a file")
    try:
        document = reading.document(path, Settings())
    except files.UnreadableError as error:
        complain(str(error))
        return 2
    if arguments.in_place and reading.is_converted(document):
        misuse(f"--in-place changes a text, and {path} is bytecode; `enzyme-lsp convert` makes text of it")
    chosen = _function(Workspace(Settings()).open(document), arguments)
    if arguments.spelling is not None:
        chosen = replace(chosen, spelling=arguments.spelling)
    if activities is not None and len(activities) != len(chosen.callee.arguments):
        count = len(chosen.callee.arguments)
        misuse(f"--activity has {len(activities)} words, and @{chosen.callee.name} has {count} arguments")
    wish = Wish(arguments.width, activities, arguments.primal)
    try:
        edit = derivatives.derivative(chosen, derivatives.BY_ID[arguments.mode], wish)
    except RefusedError as refused:
        complain(str(refused))
        return 1
    new = EditSet((edit,)).in_line_ends_of(document.data).apply(document.data)
    return _write(path, document, new, arguments)


def _refuse_misplaced(arguments: Namespace) -> None:
    mode = _MODES[arguments.mode]
    if arguments.width is not None and not mode.takes_width:
        misuse(f"--mode {arguments.mode} has no --width")
    if arguments.width is not None and not 1 <= arguments.width <= _MOST_WIDE:
        misuse(f"--width is a number from 1 to {_MOST_WIDE}")
    if arguments.activity is not None and not mode.takes_activities:
        misuse(f"--mode {arguments.mode} has no --activity")
    if arguments.primal is not None and not mode.takes_primal:
        misuse(f"--mode {arguments.mode} has no --primal")


def _activities(words: str) -> tuple[Activity, ...]:
    found = list[Activity]()
    for word in words.split(",") if words else ():
        activity = _WORDS.get(word.strip().removeprefix("enzyme_"))
        if activity is None:
            misuse(f"there is no activity {word.strip()!r}; there are: {', '.join(_WORDS)}")
        found.append(activity)
    return tuple(found)


def _function(snapshot: Snapshot, arguments: Namespace) -> Subject:
    """The function that is named; misuse when there is none, or more than one."""
    name: str = arguments.function.removeprefix("@")
    found = list(subject.every(snapshot, name))
    lines = [_line(snapshot, one) for one in found]
    if not found:
        close = difflib.get_close_matches(name, [one.callee.name for one in subject.every(snapshot)], n=1)
        hint = f"; did you mean @{close[0]}?" if close else ""
        misuse(f"there is no function @{name} in {files.shown(arguments.path)}{hint}")
    if arguments.line is not None:
        found = [one for one, line in zip(found, lines, strict=True) if line == arguments.line]
    if len(found) != 1:
        misuse(f"functions are called @{name} at the lines {', '.join(map(str, lines))}; say which with --line")
    return found[0]


def _line(snapshot: Snapshot, one: Subject) -> int:
    return snapshot.line_of(one.piece, one.operation.name_span.start)


def _write(path: str, document: Document, new: bytes, arguments: Namespace) -> int:
    try:
        if arguments.in_place:
            files.replace(path, document.data, new)
        elif arguments.output not in (None, files.STDIN):
            files.write(arguments.output, new)
        else:
            shown = _difference(files.shown(path), document.data, new) if arguments.diff else new
            sys.stdout.flush()
            sys.stdout.buffer.write(shown)
    except files.UnwritableError as error:
        complain(str(error))
        return 2
    return 0


def _difference(name: str, old: bytes, new: bytes) -> bytes:
    """As `diff -u` shows it."""
    file = name.encode(errors="replace")
    lines = difflib.diff_bytes(
        difflib.unified_diff, old.splitlines(keepends=True), new.splitlines(keepends=True), file, file
    )
    return b"".join(line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines)
