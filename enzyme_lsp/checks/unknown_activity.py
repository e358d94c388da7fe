"""An activity is one of Enzyme's six.

The elements of `activity` and `ret_activity` are activity attributes, and the word in each is `enzyme_active`,
`enzyme_dup`, `enzyme_const`, `enzyme_dupnoneed`, `enzyme_activenoneed` or `enzyme_constnoneed`. Integers, strings and
other attributes are refused.

    func.func @square(%x: f64) -> f64 {
      return %x : f64
    }
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @square(%x, %dr) {
        activity = [#enzyme<activity enzyme_activ>],
        //                           ^^^^^^^^^^^^ error[unknown-activity]: enzyme_activ is no activity, did you mean enzyme_active?
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import unknown_enzyme_name
from enzyme_lsp.checks.closest import Guess, closest
from enzyme_lsp.checks.diagnostic import Fix, error, quoted
from enzyme_lsp.dialect.activity import BY_WORD, FORMER
from enzyme_lsp.text.edit import Edit, EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.dialect.calls import Element
    from enzyme_lsp.workspace.readings import Reading

CODE = "unknown-activity"

_ALL = ", ".join(BY_WORD)
_PREFIX = "enzyme_"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    if not reading.call.op.takes_activities:
        return
    for key, listed in (("activity", reading.listed), ("ret_activity", reading.listed_returns)):
        if listed is None:
            continue  # missing-activity speaks about this.
        if listed.elements is None:
            message = f"{key} must be a list of activities, such as `[#enzyme<activity enzyme_dup>]`"
            yield error(CODE, listed.span, message)
            continue
        for element in listed.elements:
            if element.written is None and unknown_enzyme_name.names(reading.piece, element.span):
                continue  # unknown-enzyme-name speaks about this.
            if element.written is None or element.written.activity is None:
                meant = _meant(element)
                yield error(
                    CODE, element.word_span or element.span, _message(element, meant), fixes=_fixes(element, meant)
                )


def _meant(element: Element) -> Guess | None:
    """The activity whose word is closest to what is written; None when none is close."""
    word = element.written.word if element.written is not None else ""
    if (former := FORMER.get(word)) is not None:
        return Guess(former.value, is_certain=True)
    # What all words begin with makes none of them likelier.
    stems = {one.removeprefix(_PREFIX): one for one in BY_WORD}
    guess = closest(word.removeprefix(_PREFIX), stems) if word else None
    return None if guess is None else Guess(stems[guess.name], guess.is_certain)


def _fixes(element: Element, meant: Guess | None) -> tuple[Fix, ...]:
    if meant is None or element.word_span is None:
        return ()
    edits = EditSet([Edit(element.word_span, meant.name.encode())])
    return (Fix(f"Write {meant.name}", edits, is_certain=meant.is_certain),)


def _message(element: Element, meant: Guess | None) -> str:
    if not element.text:
        return "an activity is missing here"
    if element.written is None:
        return f"{quoted(element.text)} is no activity, write one of {_ALL} as `#enzyme<activity ...>`"
    word = element.written.word
    if not word:
        return f"this activity has no name, write one of {_ALL}"
    if meant is not None:
        return f"{quoted(word)} is no activity, did you mean {meant.name}?"
    return f"{quoted(word)} is no activity, write one of {_ALL}"
