"""A derivative call has the attributes of its operation and no others.

In `{...}` of classic spelling and in the `<{...}>` of the generic form any other one has no effect, and nothing says so;
a misspelt name is then an attribute that is missing. In `<...>` of strict spelling it does not parse. Names with a
dialect in front, such as `my.note`, are for other tools and stay.

    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0 = enzyme.fwddiff @square(%x, %dx) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>],
        widht = 1
      //^^^^^ error[unknown-attribute]: enzyme.fwddiff has no attribute widht, did you mean width?
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from enzyme_lsp.checks import rewriting
from enzyme_lsp.checks.diagnostic import Fix, error
from enzyme_lsp.dialect.calls import Braces
from enzyme_lsp.text.edit import Edit, EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.dialect.calls import Entry
    from enzyme_lsp.workspace.readings import Reading

CODE = "unknown-attribute"

_FORWARD = ("activity", "ret_activity", "width", "strong_zero")
ATTRIBUTES_OF = {
    "enzyme.autodiff": (*_FORWARD, "atomic_add"),
    "enzyme.fwddiff": _FORWARD,
    "enzyme.jacobian": _FORWARD,
    "enzyme.batch": ("batch_shape",),
    "enzyme.autodiff_region": (*_FORWARD, "atomic_add", "fn", "fn_attrs"),
    "enzyme.fwddiff_region": (*_FORWARD, "fn", "fn_attrs"),
}


def misspelt(reading: Reading) -> Iterator[tuple[Entry, str | None]]:
    """The attributes that the operation does not have, each with the one that is meant, if one is close and absent."""
    call = reading.call
    known = ATTRIBUTES_OF[call.op.name]
    for entry in call.entries:
        if entry.key in known or "." in entry.key or not entry.key:
            continue
        if entry.key == "fn" and call.operation.is_generic:
            continue
        absent = [name for name in known if call.entry(name) is None]
        yield entry, next(iter(get_close_matches(entry.key, absent, n=1)), None)


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    call = reading.call
    for entry, meant in misspelt(reading):
        has = f"{call.op.name} has no attribute {entry.key}"
        remove = rewriting.entry_removed(reading, entry, f"Remove {entry.key}", certain=False)
        if meant is None:
            is_refused = entry.braces is not Braces.DICTIONARY and not call.operation.is_generic
            message = has if is_refused else f"{has} and ignores it"
            yield error(CODE, entry.key_span, message, fixes=remove)
            continue
        rename = Fix(f"Write {meant}", EditSet([Edit(entry.key_span, meant.encode())]))
        yield error(CODE, entry.key_span, f"{has}, did you mean {meant}?", fixes=(rename, *remove))
