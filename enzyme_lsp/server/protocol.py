"""Our own messages, which no other server has, as dataclasses; must not know who sends them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from enzyme_lsp.text.document import Document

STATUS = "enzyme/status"
GENERIC_FORM = "enzyme/genericForm"
BUILDER_CODE = "enzyme-lsp.builderCode"

AT_PLACE = frozenset({GENERIC_FORM})
"""Requests whose parameters are `PlaceParams`."""


@dataclass(frozen=True, slots=True)
class StatusParams:
    """How the server and its compiler are, for an editor's status line."""

    health: Literal["ok", "warning", "error"]
    """"warning": answers lack the compiler's verdict for now; "error": until the user does something."""
    quiescent: bool
    """Nothing is being started or checked: what is shown is all there is to show."""
    message: str
    """One sentence, or empty when there is nothing to say."""
    engine: str
    """The compiler's name; empty as long as it is not known."""
    version: str
    spelling: Literal["classic", "strict", "none"]
    """Which text form of the dialect the compiler reads."""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TextDocument:
    """A document that is open."""

    uri: str


@dataclass(frozen=True, slots=True)
class Position:
    """A place in it, as in all messages of the protocol."""

    line: int
    """From 0."""
    character: int
    """From 0, in the encoding that client and server have agreed on."""


@dataclass(frozen=True, slots=True)
class PlaceParams:
    """A place in a document."""

    text_document: TextDocument
    position: Position


@dataclass(frozen=True, slots=True)
class GenericForm:
    """An operation, with all in it, as the compiler writes it in full."""

    text: str
    """In lines that begin at column 0. Names, aliases and the spelling are those of the document."""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class BuilderCodeParams:
    """The argument of the command: which operation, and for which language."""

    uri: str
    position: Position
    language: Literal["python", "rust"]

    @staticmethod
    def read(data: object) -> BuilderCodeParams | None:
        """What a client sends; None for anything else."""
        fields = cast("dict[str, object]", data) if isinstance(data, dict) else {}
        match fields:
            case {
                "uri": str(uri),
                "position": {"line": int(line), "character": int(character)},
                "language": "python" | "rust",
            } if line >= 0 and character >= 0:
                language = cast('Literal["python", "rust"]', fields["language"])
                return BuilderCodeParams(uri, Position(line, character), language)
            case _:
                return None

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ClientCommands:
    """Commands that the client can run, for lenses that need one."""

    commands: tuple[str, ...]
    """Of those that this page lists; a lens whose command is missing is not shown."""


@dataclass(frozen=True, slots=True)
class Experimental:
    """What a client may declare in `capabilities.experimental`; all of it may be missing."""

    enzyme_status: bool
    """It shows `enzyme/status`."""
    enzyme_clipboard: bool
    """What `enzyme-lsp.builderCode` answers to an action that was chosen goes into its clipboard."""
    commands: ClientCommands


@dataclass(frozen=True, slots=True)
class ChosenAction:
    """The `data` of a code action: what its client hands back to have the edit made."""

    uri: str
    text: str
    """The text that it was offered for, as `text_mark` says."""
    start: int
    """The place, in bytes of that text."""
    end: int
    kind: str
    id: str

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    @staticmethod
    def read(data: object) -> ChosenAction | None:
        """What `as_json` made; None for anything else."""
        fields = cast("dict[str, object]", data) if isinstance(data, dict) else {}
        match fields:
            case {
                "uri": str(uri),
                "text": str(text),
                "start": int(start),
                "end": int(end),
                "kind": str(kind),
                "id": str(id_),
            } if 0 <= start <= end:
                return ChosenAction(uri, text, start, end, kind, id_)
            case _:
                return None


def text_mark(document: Document) -> str:
    """Tells texts of a document from each other. The version would not do: a file that is opened again counts anew.

    Python's hash differs from one server to the next, so that none of them takes the mark of another for its own.
    """
    return f"{document.version} {hash(document.data):x}"
