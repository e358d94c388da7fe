"""Probes: texts that tell which spelling of Enzyme's dialect an engine reads; must import the standard library only.

Workers load it by its path. It is found by trying, since versions do not tell: sources are built between releases.
"""

from __future__ import annotations

_TEXT = """\
func.func private @f(f64) -> f64
func.func private @g(%%x: f64) -> f64 {
  %%r = enzyme.fwddiff @f(%%x) %s : (f64) -> f64
  return %%r : f64
}
"""

PROBES = (
    ("classic", _TEXT % "{activity = [#enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_dup>]}"),
    ("strict", _TEXT % "<activity = [#enzyme.activity<enzyme_const>], ret_activity = [#enzyme.activity<enzyme_dup>]>"),
)
"""Each spelling with a text that only an engine accepts which reads it."""

NONE = "none"
"""What an engine reads that accepts none of them."""
