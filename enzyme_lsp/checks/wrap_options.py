"""The options of `enzyme-wrap` in a RUN line fit the function that they name.

`argTys` has one activity for each argument of `infn` and `retTys` one for each result. The pass reports a wrong number
and then leaves the module as it is, with success; a word that it does not know makes the whole list empty. It knows
`enzyme_active`, `enzyme_dup`, `enzyme_const` and `enzyme_dupnoneed`, of which `enzyme_active` has no meaning in
ForwardMode, which is the mode where none is given. Without `infn` it crashes, and what is not possible for an operation
is not possible here either.

    // RUN: enzymexlamlir-opt %s --enzyme-wrap="infn=mul outfn=dmul argTys=enzyme_dup retTys=enzyme_dup mode=ForwardMode"
    //                                                                     ^^^^^^^^^^ error[wrap-options]: @mul has 2 arguments, but argTys lists 1: enzyme-wrap then changes nothing and reports success
    func.func @mul(%x: f64, %y: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the function: @mul : (f64, f64) -> f64
      %z = arith.mulf %x, %y : f64
      return %z : f64
    }
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.diagnostic import Diagnostic, Fix, Note, error
from enzyme_lsp.dialect import convention, wrap
from enzyme_lsp.dialect.activity import BY_WORD, Activity
from enzyme_lsp.dialect.convention import WRAP_ACTIVITIES, Side, WrapMode
from enzyme_lsp.syntax import types
from enzyme_lsp.text.edit import Edit, EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.dialect.wrap import Option, WrapOptions
    from enzyme_lsp.workspace.snapshot import Callee, Snapshot

CODE = "wrap-options"


_WORDS: Final = tuple(activity.value for activity in WRAP_ACTIVITIES)
_MODES: Final = tuple(mode.value for mode in WrapMode)


_OPTIONS: Final = ("infn", "outfn", "argTys", "retTys", "mode")


def check(snapshot: Snapshot) -> Iterator[Diagnostic]:
    for use in wrap.uses(snapshot.document.data):
        if use.is_generated:
            continue  # a script fills in what only it knows
        if "infn" not in use.options:
            yield error(CODE, use.span, "enzyme-wrap names no function to differentiate (infn=...), and crashes")
        yield from _keys(use)
        yield from _words(use)
        callees = _callees(snapshot, use)
        if callees is None:
            continue
        infn = use.options["infn"]
        if not callees:
            yield error(
                CODE, infn.span, f"no section of this file defines @{infn.text}, which enzyme-wrap differentiates"
            )
            continue
        for callee in callees:
            counts = list(_counts(use, callee))
            yield from counts or _faults(snapshot, use, callee)


def _keys(use: WrapOptions) -> Iterator[Diagnostic]:
    for key in use.keys:
        if key.text not in _OPTIONS:
            yield _unknown(key, _OPTIONS, f"enzyme-wrap has no option {key.text}")


def _words(use: WrapOptions) -> Iterator[Diagnostic]:
    for key in ("argTys", "retTys"):
        for entry in use.options[key].entries if key in use.options else ():
            if entry.text not in _WORDS:
                yield _unknown(
                    entry, _WORDS, f"{entry.text} is no activity of enzyme-wrap, which then reads {key} as empty"
                )
    mode = use.options.get("mode")
    if mode is not None and mode.text not in _MODES:
        yield _unknown(mode, _MODES, f"{mode.text} is no mode of enzyme-wrap")
    if mode is None or mode.text == WrapMode.FORWARD.value:
        for key in ("argTys", "retTys"):
            for entry in use.options[key].entries if key in use.options else ():
                if entry.text == Activity.ACTIVE.value:
                    yield _active_in_forward(entry)


def _active_in_forward(entry: Option) -> Diagnostic:
    message = "enzyme_active has no meaning in ForwardMode, where a tangent comes with enzyme_dup"
    fix = Fix("Write enzyme_dup", EditSet([Edit(entry.span, Activity.DUP.value.encode())]), is_certain=False)
    return error(CODE, entry.span, message, fixes=(fix,))


def _unknown(option: Option, known: Sequence[str], message: str) -> Diagnostic:
    close = get_close_matches(option.text, [*known, *(word.removeprefix("enzyme_") for word in known)], n=1)
    meant = close[0] if close and close[0] in known else f"enzyme_{close[0]}" if close else None
    if meant is None:
        return error(CODE, option.span, f"{message}, write one of {', '.join(known)}")
    fix = Fix(f"Write {meant}", EditSet([Edit(option.span, meant.encode())]))
    return error(CODE, option.span, f"{message}, did you mean {meant}?", fixes=(fix,))


def _callees(snapshot: Snapshot, use: WrapOptions) -> list[Callee] | None:
    """The functions called `infn`, in each section and module; None when the options name none."""
    infn = use.options.get("infn")
    if infn is None:
        return None
    # A section is its one module when it holds nothing else, so the modules in it are looked through too.
    pieces = [index for scope in snapshot.scopes.scopes for index in scope.symbols.get(infn.text, ())[:1]]
    found = (snapshot.resolve(index, None, infn.text) for index in pieces)
    return [callee for callee in found if callee is not None]


def _counts(use: WrapOptions, callee: Callee) -> Iterator[Diagnostic]:
    signature = callee.signature
    if signature is None:
        return
    for key, what, typed in (("argTys", "argument", signature.arguments), ("retTys", "result", signature.results)):
        option = use.options.get(key)
        given = len(option.entries) if option is not None else 0
        if given == len(typed) or (option is not None and any(one.text not in _WORDS for one in option.entries)):
            continue
        has = f"@{signature.name} has {len(typed) or 'no'} {what}{'' if len(typed) == 1 else 's'}"
        message = f"{has}, but {key} lists {given or 'none'}: enzyme-wrap then changes nothing and reports success"
        note = Note(f"the function: {signature}", signature.span.shifted(callee.offset))
        yield error(CODE, option.span if option is not None else use.span, message, note)


def _faults(snapshot: Snapshot, use: WrapOptions, callee: Callee) -> Iterator[Diagnostic]:
    """Activities that the types of the function do not allow."""
    signature, arguments, results = callee.signature, use.options.get("argTys"), use.options.get("retTys")
    mode = use.options.get("mode")
    if signature is None or (mode is not None and mode.text not in _MODES):
        return
    listed = {
        Side.ARGUMENT: arguments.entries if arguments is not None else (),
        Side.RESULT: results.entries if results is not None else (),
    }
    if any(entry.text not in _WORDS for entries in listed.values() for entry in entries):
        return
    aliases = snapshot.alias_texts[snapshot.scope_of(callee.piece).section]
    taken, given = (
        tuple(types.read(one.type, aliases) for one in typed) for typed in (signature.arguments, signature.results)
    )
    function = convention.Function(taken, given)
    made = convention.wrapped(
        function,
        WrapMode.FORWARD if mode is None else WrapMode(mode.text),
        [BY_WORD[entry.text] for entry in listed[Side.ARGUMENT]],
        [BY_WORD[entry.text] for entry in listed[Side.RESULT]],
    )
    for fault in made.faults if made is not None else ():
        entry = listed[fault.side][fault.index]
        message = f"{fault.side.value} {fault.index} of @{signature.name} is {fault.type} and cannot be {entry.text}"
        note = Note(f"the function: {signature}", signature.span.shifted(callee.offset))
        yield error(CODE, entry.span, message, note)
