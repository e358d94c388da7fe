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
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable
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


_BODY = ("text", "output")
"""The fields that are the body of a frame."""

_MESSAGES: dict[str, type[Message]] = {
    message.__name__: message
    for message in (Start, Ready, Failed, Run, Done, Lower, Lowered, Execute, Executed, Convert, Converted)
}

if TYPE_CHECKING:
    Message = Start | Ready | Failed | Run | Done | Lower | Lowered | Execute | Executed | Convert | Converted


def encode(message: Message) -> bytes:
    """The frame of `message`."""
    head: dict[str, object] = {"kind": type(message).__name__}
    body: bytes | None = None
    for name, value in vars(message).items():
        if name in _BODY:
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
    values = cast("dict[str, object]", head)
    kind = _text("kind", values.get("kind"))
    message = _MESSAGES.get(kind)
    if message is None:
        raise WireError(f"no message is called {kind!r}")
    found: dict[str, Any] = {}
    for field in fields(message):
        if field.name in _BODY:
            is_there = field.type == "bytes" or _flag("body", values.get("body"))
            found[field.name] = body if is_there else None
        else:
            found[field.name] = _READERS[cast("str", field.type)](field.name, values.get(field.name))
    return message(**found)


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


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise WireError(f"{name!r} is a string, not {value!r}")
    return value


def _number(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise WireError(f"{name!r} is an integer, not {value!r}")
    return value


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise WireError(f"{name!r} is true or false, not {value!r}")
    return value


def _list(name: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise WireError(f"{name!r} is a list, not {value!r}")
    return cast("list[object]", value)


_READERS: dict[str, Callable[[str, object], object]] = {
    "str": _text,
    "int": _number,
    "bool": _flag,
    "list[str]": lambda name, value: [_text("", one) for one in _list(name, value)],
    "list[int]": lambda name, value: [_number("", one) for one in _list(name, value)],
    "object": lambda _, value: value,
}
"""By the type of a field in a head."""


def _exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) != length:
        raise WireError("the stream ends in the middle of a frame")
    return data
