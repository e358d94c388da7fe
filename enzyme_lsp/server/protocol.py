"""Our own messages, which no other server has, as dataclasses; must not know who sends them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from enzyme_lsp.text.document import Document

STATUS = "enzyme/status"
GENERIC_FORM = "enzyme/genericForm"
BUILDER_CODE = "enzyme-lsp.builderCode"
SHOW_REFERENCES = "enzyme-lsp.showReferences"
SHOW_ACTIONS = "enzyme-lsp.showActions"
SHOW_LOWERING = "enzyme-lsp.showLowering"

LOWER = "enzyme/lower"
LOWER_COMMAND = "enzyme-lsp.lower"
PIPELINES_COMMAND = "enzyme-lsp.pipelines"
SHOW_LOWERED = "enzyme-lsp.showLowered"
SOURCE_MAP = "enzyme/sourceMap"
PIPELINES = "enzyme/pipelines"
PIPELINE = "enzyme/pipeline"

GRADCHECK = "enzyme/gradcheck"
GRADCHECK_COMMAND = "enzyme-lsp.gradcheck"

FROM_BYTECODE = "mlir/convertFromBytecode"
TO_BYTECODE = "mlir/convertToBytecode"

CONTENT_SCHEME = "enzyme-lowered"
"""Of the URIs of read-only documents, for `workspace/textDocumentContent`."""

AT_PLACE = frozenset({GENERIC_FORM})
"""Requests whose parameters are `PlaceParams`."""
OF_FIELDS = frozenset({LOWER, SOURCE_MAP, PIPELINES, PIPELINE, GRADCHECK, FROM_BYTECODE, TO_BYTECODE})
"""Requests whose parameters have fields that may be missing, and are read where they are decoded."""


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """One of several compilers, with the fields of the message."""

    documents: tuple[str, ...]
    """The URIs of the open documents that it judges."""
    health: Literal["ok", "warning", "error"]
    message: str
    engine: str
    version: str
    spelling: Literal["classic", "strict", "generic", "none"]


@dataclass(frozen=True, slots=True)
class StatusParams:
    """How the server and its compiler are, for an editor's status line.

    Where documents have several compilers, the fields about it are those of the document opened or edited last.
    """

    health: Literal["ok", "warning", "error"]
    """"warning": answers lack the compiler's verdict for now; "error": until the user does something."""
    quiescent: bool
    """Nothing is being started or checked: what is shown is all there is to show."""
    message: str
    """One sentence, or empty when there is nothing to say."""
    engine: str
    """The compiler's name; empty as long as it is not known."""
    version: str
    spelling: Literal["classic", "strict", "generic", "none"]
    """Which text form of the dialect the compiler reads."""
    engines: tuple[EngineStatus, ...] = ()
    """All compilers of open documents, where they have several; else empty."""

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
class LowerParams:
    """What to lower and how; all but the document may be missing. Of the last three the first that is given counts."""

    text_document: TextDocument
    stages: Literal["last", "changed", "all"]
    """Which stages come with their text: if missing, those that a pass has changed."""
    section: int
    """Of a text with `// -----`, from 0. If missing: the first, or that of the symbol."""
    symbol: str
    """Lower this symbol and what it names, and nothing else of the section."""
    preset: str
    """The name of a pipeline, as `enzyme/pipelines` tells them. If nothing is given it is `simplify`."""
    pipeline: str
    """Passes as MLIR writes them. What could write files or start programs is refused."""
    run_line: int
    """The number of one of the document's RUN lines, from 1."""


@dataclass(frozen=True, slots=True)
class LoweredStage:
    """The module after a pass; the first stage is the input."""

    name: str
    """The pass."""
    uri: str
    """The read-only document that shows this stage, for `workspace/textDocumentContent`."""
    diff: str
    """The one that shows what the pass has changed, as a unified diff; empty for the input. It is made of `uri`, whose
    part behind `?` is JSON, by the field `against`: the number of any other stage, from 0."""
    changed: bool
    """Whether it is another text than the stage before."""
    milliseconds: float
    text: str
    """Empty for a stage that was not asked for."""
    lines: tuple[int, ...]
    """For each line of the text the line of the document that it came from, from 0; -1 where there is none."""


@dataclass(frozen=True, slots=True)
class SourceMapParams:
    """A read-only document that was read with `workspace/textDocumentContent`."""

    uri: str


@dataclass(frozen=True, slots=True)
class SourceMapResult:
    """Where the document that the client has is from."""

    source: str
    """The document that was lowered."""
    lines: tuple[int, ...]
    """For each line the line of the source as it is now, from 0; -1 where there is none, or an edit has come."""
    stale: bool
    """The source says something else than what was lowered, or is not open."""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class LoweringProblem:
    """What the compiler said; or, as a warning, that it does not know an operation, so that a call stood for it."""

    severity: str
    message: str
    line: int
    """In the document, from 0; -1 where the compiler named no place."""
    character: int


@dataclass(frozen=True, slots=True)
class LowerResult:
    """What came of a lowering. A pass that fails or crashes the compiler is a result, with the stages before it."""

    outcome: Literal["accepted", "rejected", "crashed", "timed out", "unavailable"]
    engine: str
    """The compiler's name and version."""
    failed: str
    """The pass that did not go through; empty when all did, and when the text was refused before the first."""
    detail: str
    """Why there is nothing more, in one sentence; empty when all went through."""
    stages: tuple[LoweredStage, ...]
    problems: tuple[LoweringProblem, ...]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ShownLowered:
    """A file with what became of a document."""

    uri: str
    """It goes when the server ends."""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PipelinesParams:
    """The document for which pipelines are offered."""

    text_document: TextDocument


@dataclass(frozen=True, slots=True)
class PipelineChoice:
    """A pipeline that can be asked for."""

    where: Literal["preset", "setting", "run line"]
    name: str
    """For `preset` of `enzyme/lower`; that of a RUN line is its number, for `runLine`."""
    meaning: str
    pipeline: str
    reason: str
    """Why it cannot be run, or empty."""


@dataclass(frozen=True, slots=True)
class PipelinesResult:
    """The pipelines that have a name, and those of the document's RUN lines."""

    pipelines: tuple[PipelineChoice, ...]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PipelineParams:
    """A pipeline that is being typed; only the text must be there."""

    text_document: TextDocument
    """The document that it is for, whose functions its options may name."""
    text: str
    character: int
    """Where in the text the user types, in the encoding that client and server have agreed on. If missing: its end."""


@dataclass(frozen=True, slots=True)
class PipelinePass:
    """A pass that the text names; places are in units of the agreed encoding, from 0."""

    name: str
    start: int
    end: int
    meaning: str
    """What it does, in a few words; empty where its name is all that is known."""


@dataclass(frozen=True, slots=True)
class PipelineProblem:
    """What is wrong with a part of the text."""

    start: int
    end: int
    message: str


@dataclass(frozen=True, slots=True)
class PipelineCompletion:
    """One thing that can stand where the user types."""

    label: str
    insert: str
    """What is put in the place of the text from `start` to `end`."""
    start: int
    end: int
    detail: str
    """A few words beside the label."""
    documentation: str
    """In Markdown; empty where there is none."""


@dataclass(frozen=True, slots=True)
class PipelineResult:
    """What the text means, what is wrong with it, and what can stand where the user types, the most likely first."""

    passes: tuple[PipelinePass, ...]
    problems: tuple[PipelineProblem, ...]
    completions: tuple[PipelineCompletion, ...]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class GradcheckParams:
    """What to check; all but the document may be missing. Without a place and a function: each differentiation op."""

    text_document: TextDocument
    position: Position
    """In a differentiation op, or in the header of a function."""
    function: str
    """What differentiates this function or stands in it; where nothing does, the derivatives that can be written."""
    seed: int
    """Of the numbers where the functions are differentiated. If missing: 0."""
    full: bool
    """Vary each number alone, and not all in one direction."""


@dataclass(frozen=True, slots=True)
class GradcheckComparison:
    """A number of a derivative beside what differences say. Numbers are texts, since they may be `nan` and `inf`."""

    argument: str
    """What varies: an argument, one of its numbers, or all arguments together."""
    output: str
    """What of the function is looked at; in forward mode the worst of all that it gives."""
    derivative: str
    differences: str
    uncertainty: str
    """How far the differences may be off."""
    error: str
    """How far the derivative is from them, relative to their size."""
    verdict: Literal["agree", "cannot tell", "disagree"]


@dataclass(frozen=True, slots=True)
class GradcheckEntry:
    """What came of the check of one derivative."""

    line: int
    """Of the op or function, from 0."""
    character: int
    operation: str
    function: str
    mode: str
    verdict: Literal["agree", "cannot tell", "disagree", "not checked"]
    reason: str
    """Why, as the end of a sentence; empty where the numbers say it."""
    argument: str
    """The one that is off most, or agrees least."""
    at: tuple[str, ...]
    """The arguments, each as `%x = 1.5`."""
    comparisons: tuple[GradcheckComparison, ...]
    """The one of `argument` first."""


@dataclass(frozen=True, slots=True)
class GradcheckResult:
    """What came of the checks."""

    summary: str
    """In a line: what is wrong first."""
    derivatives: tuple[GradcheckEntry, ...]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ConvertBytecodeParams:
    """What is to be converted."""

    uri: str
    """That of a file, or of a document that shows one: then its scheme is `mlir.bytecode-mlir`, its path the file's."""


@dataclass(frozen=True, slots=True)
class ConvertBytecodeResult:
    """What it was converted to."""

    output: str
    """Text, or bytecode in base 64."""

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
class Range:
    """A stretch of a document, as in all messages of the protocol."""

    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class ShowReferencesParams:
    """The argument of the client's command: places in a document, asked for at a position in it."""

    uri: str
    position: Position
    ranges: tuple[Range, ...]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ShowActionsParams:
    """The argument of the client's command: code actions of these kinds are asked for at a position, and offered."""

    uri: str
    position: Position
    only: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ShowLoweringParams:
    """The argument of the client's command: what `enzyme/lower` says of a symbol is shown."""

    uri: str
    symbol: str

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
    enzyme_trusted: bool
    """Its user trusts the workspace: pipelines of the settings that it sends may also write files and run programs.
    Those of a file, such as `enzyme-lsp.toml` or a RUN line, and those of requests never may. And derivatives may be
    run, which `enzyme/gradcheck` does."""
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
