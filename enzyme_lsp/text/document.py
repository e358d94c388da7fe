"""One text at one version; must not know what it says, nor how it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from enzyme_lsp.text.line_index import LineIndex

if TYPE_CHECKING:
    from enzyme_lsp.text.edit import Edit, EditSet
    from enzyme_lsp.text.span import Span


@dataclass(frozen=True, slots=True)
class Document:
    """A text with the name and the number its owner gave it.

    Invariant: `lines` is the index of `data`.
    """

    uri: str
    """Any URI; nothing here reads it."""
    version: int
    data: bytes = field(repr=False)
    """UTF-8. Lone surrogates, which a client may send, are encoded like other characters; a text that comes
    from a file may hold any bytes."""
    lines: LineIndex = field(repr=False, compare=False)
    language_id: str

    @staticmethod
    def of(uri: str, data: bytes | str, *, version: int = 0, language_id: str = "mlir") -> Document:
        encoded = encode(data) if isinstance(data, str) else data
        return Document(uri, version, encoded, LineIndex.of(encoded), language_id)

    def edited(self, edit: Edit, *, version: int) -> Document:
        data = edit.apply(self.data)
        return Document(self.uri, version, data, self.lines.edited(edit, data), self.language_id)

    def edited_at_once(self, edits: EditSet, *, version: int) -> Document:
        """One pass over the text for all edits, where `edited` in a loop would copy the text for each."""
        data = edits.apply(self.data)
        return Document(self.uri, version, data, LineIndex.of(data), self.language_id)

    def text(self, span: Span) -> str:
        return span.of(self.data).decode(errors="replace")


def encode(text: str) -> bytes:
    """UTF-8, also for lone surrogates: half an emoji in an editor's buffer must not end the server."""
    return text.encode(errors="surrogatepass")


def decode(data: bytes) -> str:
    """What `encode` made `data` of; for what no text can have made, with U+FFFD in the place of what is no UTF-8."""
    try:
        return data.decode(errors="surrogatepass")
    except UnicodeDecodeError:
        return data.decode(errors="replace")
