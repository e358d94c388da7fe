"""An activity is one of Enzyme's six.

The elements of `activity` and `ret_activity` are activity attributes, and the word in each is `enzyme_active`,
`enzyme_dup`, `enzyme_const`, `enzyme_dupnoneed`, `enzyme_activenoneed` or `enzyme_constnoneed`. Integers, strings and
other attributes are refused.

    func.func private @square(f64) -> f64
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

from difflib import get_close_matches
from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Diagnostic, error
from enzyme_lsp.dialect.activity import BY_WORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.dialect.calls import Element
    from enzyme_lsp.workspace.snapshot import Snapshot

CODE = "unknown-activity"

_ALL = ", ".join(BY_WORD)


def check(snapshot: Snapshot) -> Iterator[Diagnostic]:
    for piece, call in snapshot.derivative_calls():
        if not call.op.takes_activities:
            continue
        aliases = snapshot.alias_texts[snapshot.scope_of(piece).section]
        for key in ("activity", "ret_activity"):
            listed = call.activities(key, aliases)
            if listed is None:
                continue  # missing-activity speaks about this.
            if listed.elements is None:
                message = f"{key} must be a list of activities, such as `[#enzyme<activity enzyme_dup>]`"
                yield error(CODE, snapshot.span_in(piece, listed.span), message)
                continue
            for element in listed.elements:
                if element.written is None or element.written.activity is None:
                    span = element.word_span or element.span
                    yield error(CODE, snapshot.span_in(piece, span), _message(element))


def _message(element: Element) -> str:
    if not element.text:
        return "an activity is missing here"
    if element.written is None:
        return f"{_short(element.text)} is no activity, write one of {_ALL} as `#enzyme<activity ...>`"
    word = element.written.word
    if not word:
        return f"this activity has no name, write one of {_ALL}"
    for candidate in (f"enzyme_{word}", *get_close_matches(word, BY_WORD, n=1)):
        if candidate in BY_WORD:
            return f"{_short(word)} is no activity, did you mean {candidate}?"
    return f"{_short(word)} is no activity, write one of {_ALL}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:37] + "..."
