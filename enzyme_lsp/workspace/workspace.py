"""Workspace: the open documents, each with its newest snapshot; it must not know LSP, nor read files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.workspace.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from enzyme_lsp.settings import Settings
    from enzyme_lsp.text.document import Document
    from enzyme_lsp.text.edit import Edit


class Workspace:
    """Replaces snapshots as documents change, and retires the old ones.

    `for_document` gives the settings of a document, told by its URI, under those of the workspace.
    """

    def __init__(
        self, settings: Settings, for_document: Callable[[str, Settings], Settings] = lambda _, settings: settings
    ) -> None:
        self._settings = settings
        self._for_document = for_document
        self._snapshots: dict[str, Snapshot] = {}

    def open(self, document: Document) -> Snapshot:
        """Takes a document in; one that is open already under the same URI is replaced."""
        return self._replace(Snapshot(document, self.settings(document.uri)))

    def change(self, document: Document, edits: Sequence[Edit]) -> Snapshot:
        """Takes the next version of an open document.

        `edits` are in sequence, each against the text that the one before it left; `document` is what all of them made.
        Raises KeyError when the document is not open.
        """
        old = self._snapshots[document.uri]
        layout = old.layout if old.is_laid_out else None
        if edits and layout is not None:
            layout = layout.edited(*_hull(edits), document.data)
        return self._replace(Snapshot(document, old.settings, layout))

    def close(self, uri: str) -> None:
        """Forgets a document; one that is not open is no matter."""
        old = self._snapshots.pop(uri, None)
        if old is not None:
            old.retire()

    def get(self, uri: str) -> Snapshot | None:
        return self._snapshots.get(uri)

    def snapshots(self) -> tuple[Snapshot, ...]:
        """The newest snapshot of each open document, in the order in which they were opened."""
        return tuple(self._snapshots.values())

    def configure(self, settings: Settings) -> None:
        """Puts all documents under new settings, or those of their projects as they are now; their texts stay."""
        self._settings = settings
        for old in self.snapshots():
            self._replace(Snapshot(old.document, self.settings(old.uri), old.layout if old.is_laid_out else None))

    def settings(self, uri: str) -> Settings:
        """The settings for a document."""
        return self._for_document(uri, self._settings)

    def _replace(self, snapshot: Snapshot) -> Snapshot:
        old = self._snapshots.get(snapshot.uri)
        self._snapshots[snapshot.uri] = snapshot
        if old is not None:
            old.retire()
        return snapshot


def _hull(edits: Sequence[Edit]) -> tuple[int, int, int]:
    """The smallest range that holds all edits: its start, its end in the first text, its end in the last."""
    start, old_end, new_end = edits[0].span.start, edits[0].span.end, edits[0].span.start + len(edits[0].new)
    for edit in edits[1:]:
        delta = len(edit.new) - len(edit.span)
        old_end += max(0, edit.span.end - new_end)
        new_end = max(new_end, edit.span.end) + delta
        start = min(start, edit.span.start)
    return start, old_end, new_end
