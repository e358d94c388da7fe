"""`check --fix`: the certain fixes applied to a file; knows files and fixes, not how what is left is reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from enzyme_lsp.cli import files, reading
from enzyme_lsp.features.fix_all import fix_all
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from enzyme_lsp.settings import Settings


@dataclass(frozen=True, slots=True)
class Fixed:
    """A file after its fixes: its text now, and how many were applied."""

    document: Document
    count: int = 0
    obstacle: str = ""
    """Why fixes that there are could not be applied; empty when nothing stood in the way."""


def fix(path: str, document: Document, settings: Settings) -> Fixed:
    """Apply the certain fixes to the file at `path`, which holds `document`."""
    fixed = fix_all(Workspace(settings).open(document))
    if not fixed.count:
        return Fixed(document)
    if reading.is_converted(document):
        return Fixed(document, obstacle=f"{path} is bytecode; fix the text that `enzyme-lsp convert` makes of it")
    new = fixed.edits.apply(document.data)
    try:
        # What is no UTF-8 may be no text, or one in which our bytes are other letters.
        document.data.decode()
        files.replace(path, document.data, new)
    except UnicodeDecodeError as error:
        return Fixed(document, obstacle=f"{path} is not UTF-8 at byte {error.start}")
    except files.UnwritableError as error:
        return Fixed(document, obstacle=str(error))
    return Fixed(Document.of(document.uri, new), fixed.count)
