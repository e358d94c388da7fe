"""Project files of a connection: whose settings hold for which document, and what is wrong with them, at their text.

It must not know what settings mean.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from enzyme_lsp.lowering.project import troubles
from enzyme_lsp.server import bytecode, encode
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace import paths
from enzyme_lsp.workspace.project import Project, Projects

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from enzyme_lsp.server.session import Session
    from enzyme_lsp.settings import Settings
    from enzyme_lsp.workspace.project import Trouble


class ProjectFiles:
    """One per session; used on its event loop."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._projects = Projects()
        self._told: dict[str, list[Trouble]] = {}
        """What the client has been told of each file, by its path."""

    def settings(self, uri: str, own: Settings) -> Settings:
        """Those of a document, under the client's `own`. One that shows a file of bytecode has those of the file."""
        if paths.path(uri) is None and (file := bytecode.file(uri)) is not None:
            uri = Path(file).as_uri()
        if (found := self._projects.of(uri)) is not None:
            self._tell(found)
        return self._projects.settings(uri, own)

    def set_folders(self, uris: Sequence[str]) -> None:
        """The folders of the workspace, by their URIs."""
        self._projects.set_folders(uris)
        self._renew()

    def changed(self, uris: Iterable[str]) -> None:
        """Project files have been made, written or removed."""
        self._projects.forget()
        self._renew()
        changed = [path for uri in uris if (path := paths.path(uri)) is not None]
        for path in dict.fromkeys([*changed, *self._told]):
            self._tell(self._projects.at(path) or Project(path))

    def _renew(self) -> None:
        workspace = self._session.workspace
        if any(workspace.settings(one.uri) != one.settings for one in workspace.snapshots()):
            self._session.renew()

    def _tell(self, project: Project) -> None:
        """Show what is wrong with a file, unless that is shown."""
        found = troubles(project)
        if found == self._told.get(project.path, []):
            return
        self._told[project.path] = found
        uri = Path(project.path).as_uri()
        document = Document.of(uri, project.data, language_id="toml")
        if not self._session.client.takes_pushed:
            lines = [_line(document, one) for one in found]
            if lines:
                self._session.outbox.show_warning("\n".join(lines))
            return
        encoding = self._session.client.encoding
        items = [
            lsp.Diagnostic(
                range=encode.places.range(document, one.span, encoding),
                message=one.message,
                severity=lsp.DiagnosticSeverity.Warning,
                source="enzyme-lsp",
            )
            for one in found
        ]
        self._session.outbox.publish(uri, items, version=None)


def _line(document: Document, one: Trouble) -> str:
    line = document.lines.position(one.span.start, "utf-8").line0 + 1
    return f"{paths.path(document.uri)}:{line}: {one.message}"
