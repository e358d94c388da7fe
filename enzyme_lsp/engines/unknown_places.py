"""Unknown places: a printed module without what says that it is unknown where something is from; must import the
standard library only.
"""

from __future__ import annotations

import re
from typing import Final

_UNKNOWN: Final = re.compile(rb"(?m)^(#loc\d*) = loc\(unknown\)\n")
_MENTION: Final = re.compile(rb'"(?:[^"\\\n]|\\.)*"|#loc\d*\b')
_REMARK: Final = re.compile(rb'"(?:[^"\\\n]|\\.)*"|(?<![=,\[<({]) loc\((unknown|#loc\d*)\)')


def left_out(printed: bytes) -> bytes:
    """A printed module, with places, that does not say where they are unknown; in lines that all have an end."""
    unknown = {b"unknown", *_UNKNOWN.findall(printed)}
    kept = _REMARK.sub(lambda found: b"" if found[1] in unknown else found[0], printed)
    mentioned = [found for found in _MENTION.findall(kept) if found.startswith(b"#")]
    # An alias is mentioned where it is defined, and one in a list of places is needed.
    kept = _UNKNOWN.sub(lambda found: b"" if mentioned.count(found[1]) == 1 else found[0], kept)
    return kept.rstrip(b"\n") + b"\n"
