"""The messages between the server and a worker process, and their bytes; must import the standard library only.

Both sides load this file, the worker by its path in an interpreter that has nothing of ours installed.

A frame is a prefix, a head and a body. The prefix holds a mark and the two lengths, counted on bytes. The head
is a JSON object. The body carries a module's text as it is: JSON cannot carry arbitrary bytes, and escaping
megabytes would cost more than verifying them.

    server                        worker
    Start        ->                              once
                 <-               Ready | Failed
    Run          ->                              any number of times, one after the other
                 <-               Done
    Lower        ->                              the same
                 <-               Lowered
    Execute      ->                              the same, of a worker that runs machine code
                 <-               Executed
    Convert      ->                              the same, of a worker that reads and writes bytecode
                 <-               Converted
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from typing import BinaryIO

_PREFIX = struct.Struct(">4sIQ")
# A program that is no worker, or one of another version, prints something else first and is told apart by it.
_MARK = b"ELW1"

PREFIX_LENGTH = _PREFIX.size


class WireError(Exception):
    """The other side does not speak this protocol."""


@dataclass(frozen=True)
class Start:
    """Load the engine."""

    memory_mb: int
    """Megabytes of address space the process may use. 0: no limit."""

    alarm_s: int
    """Seconds after which the process dies by itself, in case nobody is left to kill it."""


@dataclass(frozen=True)
class Ready:
    """The engine is loaded and waits for requests."""

    name: str
    version: str
    spelling: str
    catalogue: object = None
    """The passes and dialects of a program, as `catalogue.py` reads them; None: those of enzyme-ad or upstream MLIR."""


@dataclass(frozen=True)
class Failed:
    """The engine cannot be loaded, and another attempt would end the same way unless something changes."""

    message: str


@dataclass(frozen=True)
class Run:
    """Parse and verify `text` and run `pipeline` over it. `generic`: print it in generic form, with places."""

    number: int
    pipeline: str
    generic: bool
    alarm_s: int
    text: bytes


@dataclass(frozen=True)
class Done:
    """The answer to the `Run` of the same number. Diagnostics are not here: they are on the worker's stderr."""

    number: int
    accepted: bool
    error: str
    output: bytes | None


@dataclass(frozen=True)
class Lower:
    """Run the elements of a pipeline over `text`, one after the other, and print it before the first and after each.

    `is_trusted`: the pipeline is the user's own, so that it may do what others may not (`enzyme/allowed.py`).
    """

    number: int
    elements: list[str]
    is_trusted: bool
    alarm_s: int
    text: bytes


@dataclass(frozen=True)
class Lowered:
    """The answer to the `Lower` of the same number: what was printed until the end, or until an element failed.

    `output` is all that was printed; `lengths` says how many bytes of it each print takes, -1 for one that is as that
    before it; `nanoseconds` when each ended, on a clock of the worker's; `death` is the signal of which an engine died
    that is a process of its own, or 0.
    """

    number: int
    accepted: bool
    error: str
    lengths: list[int]
    nanoseconds: list[int]
    death: int
    output: bytes


@dataclass(frozen=True)
class Execute:
    """Run `passes` over `text`, make machine code of it, and call it. `calls` is JSON, see `upstream/calls.py`."""

    number: int
    passes: str
    calls: str
    alarm_s: int
    text: bytes


@dataclass(frozen=True)
class Executed:
    """The answer to the `Execute` of the same number. `output` is the answers to the calls as JSON."""

    number: int
    accepted: bool
    error: str
    output: bytes


@dataclass(frozen=True)
class Convert:
    """Make bytecode of `text`, in a `version` of that; or text, where it is bytecode and `version` -1."""

    number: int
    version: int
    alarm_s: int
    text: bytes


@dataclass(frozen=True)
class Converted:
    """The answer to the `Convert` of the same number. `output` is what was made."""

    number: int
    accepted: bool
    error: str
    output: bytes


if TYPE_CHECKING:
    Message = Start | Ready | Failed | Run | Done | Lower | Lowered | Execute | Executed | Convert | Converted


def encode(message: Message) -> bytes:
    """The frame of `message`."""
    head: dict[str, object] = {"kind": type(message).__name__}
    body: bytes | None = None
    for name, value in vars(message).items():
        if name in ("text", "output"):
            body = value
        else:
            head[name] = value
    head["body"] = body is not None
    head_bytes = json.dumps(head).encode("ascii")
    return _PREFIX.pack(_MARK, len(head_bytes), len(body or b"")) + head_bytes + (body or b"")


def lengths(prefix: bytes) -> tuple[int, int]:
    """The lengths of head and body that a prefix announces."""
    if len(prefix) != PREFIX_LENGTH:
        raise WireError("the stream ends in the middle of a frame")
    mark, head, body = cast("tuple[bytes, int, int]", _PREFIX.unpack(prefix))
    if mark != _MARK:
        raise WireError(f"a frame begins with {_MARK!r}, not with {mark!r}")
    return head, body


def decode(head_bytes: bytes, body: bytes) -> Message:
    """The message of a frame."""
    try:
        head = json.loads(head_bytes)
    except ValueError as error:
        raise WireError(f"a head is JSON: {error}") from error
    if not isinstance(head, dict):
        raise WireError("a head is a JSON object")
    fields = _Fields(cast("dict[str, object]", head))
    kind = fields.text("kind")
    if kind == "Start":
        return Start(memory_mb=fields.number("memory_mb"), alarm_s=fields.number("alarm_s"))
    if kind == "Ready":
        return Ready(
            name=fields.text("name"),
            version=fields.text("version"),
            spelling=fields.text("spelling"),
            catalogue=fields.head.get("catalogue"),
        )
    if kind == "Failed":
        return Failed(message=fields.text("message"))
    if kind == "Run":
        return Run(
            number=fields.number("number"),
            pipeline=fields.text("pipeline"),
            generic=fields.flag("generic"),
            alarm_s=fields.number("alarm_s"),
            text=body,
        )
    if kind == "Done":
        return Done(
            number=fields.number("number"),
            accepted=fields.flag("accepted"),
            error=fields.text("error"),
            output=body if fields.flag("body") else None,
        )
    if kind == "Lower":
        return Lower(
            number=fields.number("number"),
            elements=fields.texts("elements"),
            is_trusted=fields.flag("is_trusted"),
            alarm_s=fields.number("alarm_s"),
            text=body,
        )
    if kind == "Lowered":
        return Lowered(
            number=fields.number("number"),
            accepted=fields.flag("accepted"),
            error=fields.text("error"),
            lengths=fields.numbers("lengths"),
            nanoseconds=fields.numbers("nanoseconds"),
            death=fields.number("death"),
            output=body,
        )
    if kind == "Execute":
        return Execute(
            number=fields.number("number"),
            passes=fields.text("passes"),
            calls=fields.text("calls"),
            alarm_s=fields.number("alarm_s"),
            text=body,
        )
    if kind == "Executed":
        return Executed(
            number=fields.number("number"),
            accepted=fields.flag("accepted"),
            error=fields.text("error"),
            output=body,
        )
    if kind == "Convert":
        return Convert(
            number=fields.number("number"),
            version=fields.number("version"),
            alarm_s=fields.number("alarm_s"),
            text=body,
        )
    if kind == "Converted":
        return Converted(
            number=fields.number("number"),
            accepted=fields.flag("accepted"),
            error=fields.text("error"),
            output=body,
        )
    raise WireError(f"no message is called {kind!r}")


def read(stream: BinaryIO) -> Message | None:
    """The next message of a blocking stream, or None where the stream ends."""
    prefix = stream.read(PREFIX_LENGTH)
    if not prefix:
        return None
    head_length, body_length = lengths(prefix)
    return decode(_exactly(stream, head_length), _exactly(stream, body_length))


def write(stream: BinaryIO, message: Message) -> None:
    """Send `message` over a blocking stream."""
    stream.write(encode(message))
    stream.flush()


@dataclass(frozen=True)
class _Fields:
    """The fields of a head, each of the type that is asked for."""

    head: dict[str, object]

    def text(self, name: str) -> str:
        value = self.head.get(name)
        if not isinstance(value, str):
            raise WireError(f"{name!r} is a string, not {value!r}")
        return value

    def number(self, name: str) -> int:
        value = self.head.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise WireError(f"{name!r} is an integer, not {value!r}")
        return value

    def texts(self, name: str) -> list[str]:
        return [_Fields({"": one}).text("") for one in self._list(name)]

    def numbers(self, name: str) -> list[int]:
        return [_Fields({"": one}).number("") for one in self._list(name)]

    def _list(self, name: str) -> list[object]:
        value = self.head.get(name)
        if not isinstance(value, list):
            raise WireError(f"{name!r} is a list, not {value!r}")
        return cast("list[object]", value)

    def flag(self, name: str) -> bool:
        value = self.head.get(name)
        if not isinstance(value, bool):
            raise WireError(f"{name!r} is true or false, not {value!r}")
        return value


def _exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) != length:
        raise WireError("the stream ends in the middle of a frame")
    return data
