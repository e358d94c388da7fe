"""`enzyme-lsp serve`: hands standard input and output to the server; must not know what it does with them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from enzyme_lsp.cli.misuse import complain
from enzyme_lsp.server import server

if TYPE_CHECKING:
    from argparse import Namespace


def run(_: Namespace) -> int:
    """Exit code 0 when the client said goodbye as the protocol asks, else 1."""
    if os.isatty(0):
        complain("waiting for an editor on standard input; for people there is `enzyme-lsp check FILE`")
    return server.serve()
