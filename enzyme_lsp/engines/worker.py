"""The main loop of a worker process, run as a script; must import the standard library only, and never the server.

    python worker.py HOST [ARGUMENT ...]

HOST is a Python file with a function `open_host(arguments)`, which loads an engine and returns it as a `Host`.
The interpreter may be another than the server's and have nothing of ours installed, so `wire.py` and HOST are
loaded by their paths. This is for POSIX systems: no engine exists for others.

What happens to the descriptors, before any native code is loaded:

    0, 1   duplicated for the wire; then 0 reads nothing and 1 goes where 2 goes, since LLVM prints to it
    2      left alone: it is a file of the supervisor's, in which it finds the diagnostics of each request

A file and not a pipe: writing to it never waits for a reader, so no amount of output can make the worker and
the server wait for each other, and what a worker wrote before it died can be read after.

The process ends when the server does, however that ends: the system kills it (on Linux), it reads the end of its
input, and while native code runs, which looks at neither, an alarm is set.
"""

from __future__ import annotations

import codecs
import contextlib
import importlib.util
import os
import resource
import signal
import sys
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO


def load_file(name: str, path: str) -> Any:
    """The module in the Python file at `path`, under a `name` that cannot be mistaken for another module's."""
    spec = importlib.util.spec_from_file_location("_enzyme_lsp_worker_" + name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def load_beside(*path: str) -> Any:
    """The module in a file of this folder or below it; `path` has the folders and the file's name. Hosts use it too."""
    name = path[-1].removesuffix(".py")
    return load_file(name, os.path.join(os.path.dirname(os.path.abspath(__file__)), *path))


if TYPE_CHECKING:
    from enzyme_lsp.engines import endings, wire
else:
    endings, wire = load_beside("endings.py"), load_beside("wire.py")

STACK_BYTES = 128 << 20
"""MLIR's parser, verifier and passes recurse, and the usual 8 MB end at some ten thousand nested brackets. This much
Linux leaves free below every main thread's stack, so that it can be granted to a process that already runs."""

FILE_BYTES = 256 << 20
"""The longest file the engine may write, its diagnostics included: an endless loop must not fill a disk."""


class EngineDiedError(Exception):
    """The engine is a process of its own, and died of a request; what it had printed until then."""

    def __init__(self, number: int, prints: list[tuple[bytes, int]]) -> None:
        super().__init__(f"signal {number}")
        self.number = number
        self.prints = prints


class EngineGoneError(Exception):
    """There is no engine any more, or it is none; the text says why."""


class Host(Protocol):
    """An engine, loaded. What it can do say the protocols below."""

    name: str
    version: str
    spelling: str


@runtime_checkable
class Verifier(Host, Protocol):
    """One that verifies, and runs pipelines."""

    def run(self, text: str, pipeline: str, *, generic: bool) -> tuple[bool, str]:
        """(True, the printed module), or (False, why not). Diagnostics go to descriptor 2.

        `generic`: printed in generic form, with the place of each operation and block argument.
        """
        ...


@runtime_checkable
class Lowerer(Host, Protocol):
    """One that tells what each element of a pipeline makes."""

    def lower(self, text: str, elements: list[str], *, is_trusted: bool) -> tuple[bool, str, list[tuple[bytes, int]]]:
        """(True, "", prints) after all elements of a pipeline, or (False, why not, those before it failed).

        A print is the module in custom form with places, before the first element and after each, and the nanoseconds
        of some clock at which it was there.
        """
        ...


@runtime_checkable
class Machine(Host, Protocol):
    """One that runs machine code."""

    def execute(self, text: str, passes: str, asked: str, *, alarm_s: int) -> tuple[bool, str, bytes]:
        """(True, "", the answers to the calls in `asked`), or (False, why there are none, nothing)."""
        ...


@runtime_checkable
class Reader(Host, Protocol):
    """One that reads bytecode."""

    def to_text(self, data: bytes) -> tuple[bool, str, bytes]:
        """(True, "", bytecode as text), or (False, why not, nothing)."""
        ...


@runtime_checkable
class Writer(Host, Protocol):
    """One that writes bytecode."""

    def to_bytecode(self, text: str, version: int) -> tuple[bool, str, bytes]:
        """(True, "", a text as bytecode of a version), or (False, why not, nothing)."""
        ...


def main(arguments: list[str]) -> None:
    """Serve until the input ends."""
    _end_with_the_server()
    requests, answers = _take_the_wire()
    start = wire.read(requests)
    if not isinstance(start, wire.Start):
        return
    _limit(start.memory_mb)
    # The default action of this signal ends the process also inside native code, where no Python runs.
    signal.alarm(start.alarm_s)
    try:
        host: Host = load_file("host", arguments[0]).open_host(arguments[1:])
    except Exception as error:  # noqa: BLE001 - Whatever keeps an engine from loading is worth telling.
        kind = "" if isinstance(error, EngineGoneError) else f"{type(error).__name__}: "
        wire.write(answers, wire.Failed(message=f"{kind}{error}"))
        return
    signal.alarm(0)
    catalogue = getattr(host, "catalogue", None)
    wire.write(answers, wire.Ready(host.name, host.version, host.spelling, catalogue))
    work = {wire.Run: _done, wire.Lower: _lowered, wire.Execute: _executed, wire.Convert: _converted}
    while isinstance(asked := wire.read(requests), wire.Run | wire.Lower | wire.Execute | wire.Convert):
        signal.alarm(asked.alarm_s)
        done = _or_end(work[type(asked)], host, asked)
        signal.alarm(0)
        wire.write(answers, done)


def text_of(data: bytes) -> str:
    """The text of any bytes, in as many bytes of UTF-8: engines count columns on bytes, and take only valid ones."""
    return data.decode("utf-8", "enzyme-lsp-same-length")


def _same_length(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "?" * (error.end - error.start), error.end


codecs.register_error("enzyme-lsp-same-length", _same_length)


def _or_end(work: Callable[[Host, Any], wire.Message], host: Host, asked: wire.Message) -> wire.Message:
    """What `work` makes of a request; an engine that ran out of memory in the middle of it is not asked again."""
    try:
        return work(host, asked)
    except EngineGoneError as error:
        return wire.Failed(message=str(error))
    except MemoryError as error:
        os.write(2, f"MemoryError: {error}\n".encode())
        os._exit(1)


def _done(host: Host, run: wire.Run) -> wire.Done:
    if not isinstance(host, Verifier):
        return wire.Done(run.number, accepted=False, error=f"{host.name} verifies nothing", output=None)
    accepted, result = host.run(text_of(run.text), run.pipeline, generic=run.generic)
    # Nobody reads the module that a mere verification prints, and it is two or three times the input.
    is_read = accepted and (run.pipeline or run.generic)
    output = result.encode("utf-8", "replace") if is_read else None
    return wire.Done(number=run.number, accepted=accepted, error="" if accepted else result, output=output)


def _lowered(host: Host, asked: wire.Lower) -> wire.Lowered:
    accepted, error, prints, death = False, f"{host.name} lowers nothing", list[tuple[bytes, int]](), 0
    try:
        if isinstance(host, Lowerer):
            accepted, error, prints = host.lower(text_of(asked.text), asked.elements, is_trusted=asked.is_trusted)
    except EngineDiedError as died:
        accepted, error, prints, death = False, "", died.prints, died.number
    parts: list[bytes] = []
    lengths: list[int] = []
    last = None
    for text, _ in prints:
        # Most passes of a long pipeline change nothing.
        lengths.append(-1 if text == last else len(text))
        if text != last:
            parts.append(text)
        last = text
    return wire.Lowered(
        number=asked.number,
        accepted=accepted,
        error=error,
        lengths=lengths,
        nanoseconds=[at for _, at in prints],
        death=death,
        output=b"".join(parts),
    )


def _executed(host: Host, asked: wire.Execute) -> wire.Executed:
    if not isinstance(host, Machine):
        return wire.Executed(asked.number, accepted=False, error=f"{host.name} runs no machine code", output=b"")
    text = text_of(asked.text)
    accepted, error, output = host.execute(text, asked.passes, asked.calls, alarm_s=asked.alarm_s)
    return wire.Executed(asked.number, accepted, error, output)


def _converted(host: Host, asked: wire.Convert) -> wire.Converted:
    made = False, f"{host.name} has no bytecode", b""
    if asked.version < 0 and isinstance(host, Reader):
        made = host.to_text(asked.text)
    elif asked.version >= 0 and isinstance(host, Writer):
        made = host.to_bytecode(text_of(asked.text), asked.version)
    return wire.Converted(asked.number, *made)


def _end_with_the_server() -> None:
    """Arrange that this process does not outlive the one that started it."""
    # The interpreter's own handlers run between two lines of Python, so not while native code hangs.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM, signal.SIGINT, signal.SIGTERM})
    # Elsewhere than on Linux the end of the input and the alarm remain. The supervisor starts workers from the thread
    # of the event loop, which lives as long as the server.
    if not endings.end_with_parent():
        sys.exit("the server ended while this process started")


def _take_the_wire() -> tuple[BinaryIO, BinaryIO]:
    """Private copies of descriptors 0 and 1, which then lead elsewhere."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _limit(memory_mb: int) -> None:
    """Limit what the engine may use; must come before the engine is loaded."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, FILE_BYTES)
    if memory_mb:
        _lower(resource.RLIMIT_AS, memory_mb << 20)
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    stack = STACK_BYTES if hard == resource.RLIM_INFINITY else min(STACK_BYTES, hard)
    _set(resource.RLIMIT_STACK, stack, hard)


def _lower(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard == resource.RLIM_INFINITY or limit < hard:
        _set(kind, limit, limit)


def _set(kind: int, soft: int, hard: int) -> None:
    try:
        resource.setrlimit(kind, (soft, hard))
    except (ValueError, OSError) as error:
        # macOS refuses some of them. The engine works without, and its deadline holds all the same.
        os.write(2, f"limit {kind} is not set: {error}\n".encode())


if __name__ == "__main__":
    # A broken pipe: the server ended while an answer was written, and nobody is left to tell.
    with contextlib.suppress(BrokenPipeError):
        main(sys.argv[1:])
    # Native code has threads and destructors of its own; leave without running them.
    sys.stderr.flush()
    os._exit(0)
