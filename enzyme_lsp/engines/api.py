"""What the rest of the server asks of a compiler and what it is told; must not know how any compiler is run.

Places are as MLIR prints them, lines and byte columns that start at 1. Whoever asked knows which text was sent
and turns them into offsets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from enzyme_lsp.engines.catalogue import Catalogue

Spelling = Literal["classic", "strict", "generic", "none"]
Severity = Literal["error", "warning", "remark"]

TO_TEXT: Final = -1
"""As a version of bytecode: bytecode is to be made text."""

OWN_TEXT = "-"
"""The file name by which an engine calls the text of the request itself."""


class Outcome(Enum):
    """How a request ended. A canceled request has no outcome: its caller sees `asyncio.CancelledError`."""

    ACCEPTED = "accepted"
    """The engine read the module, verified it, and ran the pipeline."""

    REJECTED = "rejected"
    """The engine said no, and `Answer.problems` says why."""

    CRASHED = "crashed"
    """The engine's process died of this request."""

    TIMED_OUT = "timed out"
    """The deadline passed, and the engine's process was killed."""

    UNAVAILABLE = "unavailable"
    """There is no engine to ask. Says nothing about the text."""


# No slots: the key is hashed once, when it is first asked for, and kept in the instance's dictionary.
@dataclass(frozen=True)
class Request:
    """A module and what to do with it."""

    text: bytes
    """The module. Any bytes; one that is no part of valid UTF-8 reaches the engine as a `?`."""

    pipeline: str = ""
    """The passes to run. Empty: parse and verify, and print nothing back."""

    generic: bool = False
    """Print the module back, after the passes, in generic form with the place of each operation and block argument."""

    elements: tuple[str, ...] | None = None
    """Instead of `pipeline`: the elements of one. The module is printed before the first and after each."""

    calls: str | None = None
    """Run `pipeline`, make machine code of the module, and call it: JSON, as `upstream/calls.py` reads it. The output
    is its answers. Only a worker that `upstream/client.py` finds as a machine does this."""

    bytecode_version: int | None = None
    """Make bytecode of the text, in this version of that; with `TO_TEXT`, text of bytecode, which `text` then is. Only
    a worker that `upstream/client.py` finds as a converter does this."""

    is_trusted: bool = False
    """The elements are the user's own, and may do what is refused to those of a text that somebody merely opened."""

    deadline_s: float | None = None
    """How long the engine may take, if not as long as for other requests. It is no part of what is asked."""

    @cached_property
    def key(self) -> str:
        """Equal for requests with equal content, and for no others."""
        digest = blake2b(digest_size=20)
        parts = [self.pipeline] if self.elements is None else self.elements
        digest.update(b"%d,%d,%d,%d" % (self.generic, self.elements is None, self.is_trusted, len(parts)))
        for part in parts:
            pipeline = part.encode("utf-8", "surrogatepass")
            # The length in front keeps a pipeline from passing as the beginning of a text.
            digest.update(b",%d:%s" % (len(pipeline), pipeline))
        if self.calls is not None:
            digest.update(b",calls %d:%s," % (len(self.calls), self.calls.encode()))
        if self.bytecode_version is not None:
            digest.update(b",bytecode %d," % self.bytecode_version)
        digest.update(self.text)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text, as MLIR prints it."""

    line: int
    """From 1."""

    column: int
    """From 1, in bytes."""

    file: str = OWN_TEXT
    """`-` is the text of the request itself; else what a `loc(...)` in it names."""


@dataclass(frozen=True, slots=True)
class EngineNote:
    """A remark that belongs to a problem."""

    message: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class EngineProblem:
    """One thing the engine has to say about the text."""

    severity: Severity
    message: str
    place: Place | None = None
    notes: tuple[EngineNote, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """Which engine, exactly."""

    name: str
    version: str
    spelling: Spelling
    """What it reads of Enzyme's text: a generation of its form, found by trying; or the generic form as IRDL has it."""

    catalogue: Catalogue | None = field(default=None, compare=False, repr=False)
    """Its passes, of a program that lists them; None where `pass_table` has them. Two of one version have the same."""

    @property
    def can_differentiate(self) -> bool:
        """Whether it has Enzyme's passes."""
        return self.spelling in ("classic", "strict")

    @property
    def lack(self) -> str:
        """What an engine that was found cannot do, and what to do about it: one sentence without a period, or empty."""
        return {"generic": VERIFIES_ONLY, "none": NO_DIALECT}.get(self.spelling, "")

    def __str__(self) -> str:
        return f"{self.name} {self.version}".rstrip()


VERIFIES_ONLY = (
    "upstream MLIR verifies, but cannot differentiate or find what has no derivative: for that install enzyme-ad with"
    ' `pip install "enzyme-lsp[enzyme]"` on Python 3.11'
)

NO_DIALECT = "it does not read the Enzyme dialect, so that only other dialects are checked with it"

NOBODY = Identity(name="none", version="", spelling="none")
"""Who answers when there is no engine."""


@dataclass(frozen=True, slots=True)
class Print:
    """The module at one point of a pipeline, in custom form with places."""

    text: str

    seconds: float
    """What the element before it took; with engines in this machine's process, with the printing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request. There is exactly one for each request that is not canceled."""

    outcome: Outcome
    problems: tuple[EngineProblem, ...]
    output: str | None
    """The printed module with its locations, when it was asked for or a pipeline was, and that went through."""

    detail: str
    """For people: the signal and last words of a crash, the deadline that passed, what to do to get an engine."""

    engine: Identity
    seconds: float
    """How long the engine took."""

    repeatable: bool = True
    """The same request would end the same way. False: a deadline, no engine, a process killed by another."""

    bytecode: bytes = b""
    """With `Request.bytecode_version`: what was made, where that is no text."""

    prints: tuple[Print, ...] = ()
    """With `Request.elements`: the module before the first and after each that went through. After a crash only those
    of an engine that is a process of its own."""

    @property
    def first_error(self) -> EngineProblem | None:
        """What the engine has against the text, of several things the first; None where it has nothing to say of it."""
        return next((one for one in self.problems if one.severity == "error"), None)


class State(Enum):
    """What an engine is doing."""

    ABSENT = "absent"
    """No engine is installed, or it is switched off."""

    STARTING = "starting"
    """It was not needed yet, is being looked for, or is being loaded."""

    READY = "ready"
    """It waits for a request."""

    BUSY = "busy"
    """It works on a request."""

    RESTARTING = "restarting"
    """Its process died or was killed, and a new one is being loaded."""

    FAILED = "failed"
    """It did not start in several attempts. The next request after a pause tries again."""

    CLOSED = "closed"
    """It was shut down and does not come back."""


@dataclass(frozen=True, slots=True)
class Status:
    """What an editor's status line shows."""

    state: State
    identity: Identity | None
    """None until an engine has been loaded."""

    message: str
    """One sentence without a period."""

    @property
    def answers(self) -> bool:
        """Whether the engine is loaded, and waits for a request or works on one."""
        return self.state in (State.READY, State.BUSY)

    @property
    def spelling(self) -> Spelling:
        """What the engine reads, as far as that is known; "none" when there is none, and before it is loaded."""
        return NOBODY.spelling if self.identity is None else self.identity.spelling


class Engine(Protocol):
    """Something that answers requests: one worker, or several behind one queue. Used on one event loop."""

    @property
    def status(self) -> Status:
        """What it is doing now."""
        ...

    async def ready(self) -> Status:
        """The status once the engine is loaded, or could not be."""
        ...

    async def run(self, request: Request) -> Answer:
        """The answer to `request`. Raises nothing but `asyncio.CancelledError`."""
        ...

    async def close(self) -> None:
        """Shut down; when this returns no process is left. Requests under way are answered UNAVAILABLE."""
        ...

    def on_status(self, callback: Callable[[Status], None]) -> Callable[[], None]:
        """Call `callback` at each change of status, on the event loop. The result ends that."""
        ...


def unavailable(detail: str) -> Answer:
    """The answer when there is nobody to ask; `detail` says why and what to do."""
    return Answer(Outcome.UNAVAILABLE, (), None, detail, NOBODY, 0.0, repeatable=False)
