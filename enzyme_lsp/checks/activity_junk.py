"""An activity attribute holds one word and is closed behind it.

The engine 0.0.15 reads the first word and silently drops what follows, so that a second activity in the same attribute
has no effect; 0.0.16 refuses it. An attribute whose `>` is missing takes the next ones with it.

    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @square(%x, %dr) {
        activity = [#enzyme<activity enzyme_active, enzyme_dup>],
        //                                          ^^^^^^^^^^ error[activity-junk]: `enzyme_dup` behind enzyme_active is too much: an activity attribute holds one word
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Fix, error, quoted
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.dialect.calls import Element
    from enzyme_lsp.workspace.readings import Reading

CODE = "activity-junk"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    text = reading.call.operation.tree.tokens.text
    for listed in (reading.listed, reading.listed_returns):
        for element in (listed.elements if listed is not None else None) or ():
            if element.written is None or element.word_span is None or element.written.activity is None:
                continue
            if element.unclosed:
                yield _unclosed(text, element, element.word_span, element.written.word)
                continue
            junk = _behind(text, element.span, element.word_span)
            if junk is None:
                continue
            words = Span(junk.end - len(junk.of(text).lstrip(b", \t\r\n")), junk.end)
            place = words if len(words) else junk
            shown = quoted(place.of(text))
            message = f"`{shown}` behind {element.written.word} is too much: an activity attribute holds one word"
            fix = Fix(f"Remove {shown}", EditSet([Edit(junk, b"")]))
            yield error(CODE, place, message, fixes=(fix,))


def _unclosed(text: bytes, element: Element, place: Span, word: str) -> Diagnostic:
    at = place.end + (text[place.end : place.end + 1] == b'"')
    closing = b">" * text[element.span.start : place.start].count(b"<")
    if not text[at : element.span.end].strip(b"> \t\r\n"):
        at, closing = element.span.end, b">" * element.unclosed
    shown = closing.decode()
    fix = Fix(f"Insert {shown}", EditSet([Edit(Span(at, at), closing)]))
    return error(CODE, place, f"`{shown}` is missing behind {word}, which closes the attribute", fixes=(fix,))


def _behind(text: bytes, element: Span, word: Span) -> Span | None:
    """What stands between the word of an attribute and the brackets that close it; None when nothing does."""
    start, end = word.end, element.end
    start += text[start : start + 1] == b'"'
    for _ in range(text[element.start : word.start].count(b"<")):
        end = start + len(text[start:end].rstrip())
        end -= text[start:end].endswith(b">")
    junk = text[start:end]
    return Span(start, start + len(junk.rstrip())) if junk.strip() else None
