"""`python -m enzyme_lsp`: hands over to the command line; knows none of its commands."""

from __future__ import annotations

import sys

from enzyme_lsp.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
