"""Plain values to the protocol's types, as far as this client can show them; must not compute anything.

Functions are named after the type that they make and called qualified: `encode.places.range(...)`.
"""

from enzyme_lsp.server.encode import calls, completion, edits, ours, places, problems, reading

__all__ = ["calls", "completion", "edits", "ours", "places", "problems", "reading"]
