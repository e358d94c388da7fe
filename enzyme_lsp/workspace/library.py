"""Library: the `.mlir` files of the workspace, whether they are open or not: their symbols, and snapshots of them.

An open document answers from its snapshot, a closed one from the file. Files are read by `step`, a little at a time, on
whatever thread calls it; all else may be called from any thread and takes no longer than its answer needs.
"""

from __future__ import annotations

import logging
import os
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Final, Protocol

from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace import crawl, paths
from enzyme_lsp.workspace.file_symbols import file_symbols, laid_out, no_pause
from enzyme_lsp.workspace.index import IndexedSymbol, SymbolIndex
from enzyme_lsp.workspace.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_logger = logging.getLogger(__name__)

_MOST_SYMBOLS: Final = 2_000_000
"""As many take 160 MB."""
KEPT_SNAPSHOTS: Final = 8
"""Of closed files: whoever looks into one, as a call hierarchy does, does so a few times in a row."""
_LOOK_AGAIN_S: Final = 10.0
"""How old the list of files may be where nobody tells of new ones."""


@dataclass(slots=True)
class Progress:
    """Of the files that are to be read, how many have been; both are 0 when there is nothing to do."""

    done: int = 0
    total: int = 0


@dataclass(slots=True)
class _Walk:
    """A folder that is being searched for files."""

    folder: str
    steps: Iterator[list[str | crawl.Skipped]]
    seen: set[str] = field(default_factory=set[str])


class Documents(Protocol):
    """What is open, as `Workspace` has it."""

    def snapshots(self) -> tuple[Snapshot, ...]:
        """The newest snapshot of each document."""
        ...


class Library:
    """`say` is told, once, that not all files are searched; on the thread of `step` or of a query."""

    def __init__(self, documents: Documents, say: Callable[[str], None] = _logger.warning) -> None:
        self.is_watched = False
        """Somebody calls `changed` for each file that changes on disk."""
        self.progress = Progress()
        self._documents = documents
        self._say = say
        self._symbols = SymbolIndex()
        self._lock = RLock()
        """Held for what is below to be changed, and never while a file is read."""
        self._folders: dict[str, str] = {}
        """By path the URI, as the client spells it."""
        self._most = 0
        self._known: dict[str, int] = {}
        """The files that were found, each with the stamp of the text that was read; 0: none yet."""
        self._walks: deque[_Walk] = deque()
        self._pending: dict[str, None] = {}
        self._walked_s = 0.0
        self._followed: dict[str, Snapshot] = {}
        """The snapshots of open documents whose symbols are in the index, by key."""
        self._snapshots: OrderedDict[tuple[str, int], Snapshot] = OrderedDict()
        self._skipped: set[crawl.Skipped] = set()
        self._has_said = False

    def __len__(self) -> int:
        """How many symbols are known."""
        return len(self._symbols)

    # What the client says.

    def set_folders(self, uris: Sequence[str], most_files: int) -> None:
        """The folders of the workspace, and how many files in them are read at most; 0: none are."""
        found = {folder: uri for uri in uris if (folder := paths.path(uri)) is not None} if most_files else {}
        with self._lock:
            if found == self._folders and most_files == self._most:
                return
            self._folders, self._most = found, most_files
            gone = [file for file in self._known if not self._is_ours(file)]
            over = [*self._known][most_files:]
            self._walks.clear()
            for file in {*gone, *over}:
                self._forget(file)
            for folder in found:
                self._walks.append(_Walk(folder, crawl.walk(folder)))

    def changed(self, uri: str) -> None:
        """A file was made, written or removed."""
        file = paths.key(uri)
        with self._lock:
            if self._is_ours(file):
                self._enqueue(file)

    def closed(self, uri: str) -> None:
        """A document is no longer open: from now on its file answers, if it has one."""
        file = paths.key(uri)
        with self._lock:
            self._followed.pop(file, None)
            was_known = self._known.pop(file, None) is not None
            if was_known or self._is_ours(file):
                self._enqueue(file)
            if file not in self._known:
                self._symbols.remove(file)

    # The reading of files.

    @property
    def is_busy(self) -> bool:
        """Whether `step` has something to do."""
        return bool(self._walks or self._pending)

    def step(self, breathe: Callable[[], None] = no_pause) -> bool:
        """Does some of the work that waits, a few milliseconds for files of the usual size; False: there was none.

        `breathe` is called every few milliseconds also in files of megabytes, but for those in an unusual form.
        """
        with self._lock:
            walk = self._walks[0] if self._walks else None
            file = None if walk is not None or not self._pending else next(iter(self._pending))
            if file is not None:
                del self._pending[file]
        if walk is not None:
            self._search(walk)
        elif file is not None:
            self._read(file, breathe)
        else:
            return False
        with self._lock:
            self.progress.done += file is not None
            if not self.is_busy:
                self.progress = Progress()
        return True

    def stop(self) -> None:
        """Drops the work that waits; what is known stays."""
        with self._lock:
            self._walks.clear()
            self._pending.clear()
            self.progress = Progress()

    # Answers.

    def search(self, query: str, limit: int) -> list[IndexedSymbol]:
        """The symbols that match best, as `SymbolIndex.search` says; of files that are there."""
        self._follow()
        self._look_again()
        found = self._symbols.search(query, limit)
        gone = {file for file in {one.file for one in found} if not self._is_there(file)}
        return [one for one in found if one.file not in gone]

    def named(self, name: str, *, beside: str = "") -> list[IndexedSymbol]:
        """The symbols of exactly that name, but for those of the file whose key is `beside`, which is not read."""
        self._follow(beside)
        found = [one for one in self._symbols.named(name) if one.file != beside]
        gone = {file for file in {one.file for one in found} if not self._is_there(file)}
        return [one for one in found if one.file not in gone]

    def uri(self, file: str) -> str:
        """The URI of a file by its key, as the client spells it as far as that is known."""
        for snapshot in self._documents.snapshots():
            if paths.key(snapshot.uri) == file:
                return snapshot.uri
        with self._lock:
            for folder, uri in self._folders.items():
                if paths.is_below(folder, file):
                    return paths.uri_below(uri, folder, file)
        return file

    def snapshot(self, uri: str) -> Snapshot | None:
        """What a document says, open or not; None when it cannot be read."""
        file = paths.key(uri)
        for snapshot in self._documents.snapshots():
            if paths.key(snapshot.uri) == file:
                return snapshot
        if paths.path(uri) is None:
            return None
        try:
            kept = (file, crawl.stamp(file))
            found = self._snapshots.get(kept)
            if found is None:
                found = Snapshot(Document.of(uri, crawl.read(file)), Settings())
        except crawl.SkippedError:
            return None
        with self._lock:
            self._snapshots[kept] = found
            self._snapshots.move_to_end(kept)
            while len(self._snapshots) > KEPT_SNAPSHOTS:
                self._snapshots.popitem(last=False)
        return found

    def recorded(self, path: str, uri: str) -> str | None:
        """Where the file is that a text at `uri` means by a path; None: nowhere.

        A relative one is looked for beside the text, then in the folders of the workspace.
        """
        if os.name == "nt" and path[:2].replace("\\", "/") == "//":
            return None  # To look would ask the machine that it names.
        own = paths.path(uri)
        with self._lock:
            folders = [*([] if own is None else [os.path.dirname(own)]), *self._folders]
        candidates = [path] if os.path.isabs(path) else [os.path.join(folder, path) for folder in folders]
        return next((os.path.normpath(one) for one in candidates if os.path.isfile(one)), None)

    # Inside.

    def _is_ours(self, file: str) -> bool:
        """Whether a walk would find a file of that name."""
        return any(
            paths.is_below(folder, file) and crawl.is_wanted(file) and not crawl.is_hidden(folder, file)
            for folder in self._folders
        )

    def _enqueue(self, file: str) -> None:
        if file not in self._known:
            if len(self._known) >= self._most:
                self._say_once(f"the first {self._most:,} .mlir files of the workspace")
                return
            self._known[file] = 0
        if file not in self._pending:
            self._pending[file] = None
            self.progress.total += 1

    def _search(self, walk: _Walk) -> None:
        found = next(walk.steps, None)
        with self._lock:
            if not self._walks or self._walks[0] is not walk:
                return  # Meanwhile the folders have become others.
            if found is None:
                self._walks.popleft()
                self._walked_s = time.monotonic()
                for file in [*self._known]:
                    if paths.is_below(walk.folder, file) and file not in walk.seen and file not in self._pending:
                        self._enqueue(file)  # It is not there any more, or not where a walk comes.
                return
            for one in found:
                if isinstance(one, crawl.Skipped):
                    self._skip(one)
                else:
                    file = paths.normalized(one)
                    walk.seen.add(file)
                    self._enqueue(file)

    def _read(self, file: str, breathe: Callable[[], None]) -> None:
        if self._open(file) is not None:
            return
        try:
            mark = crawl.stamp(file)
            if self._known.get(file) == mark:
                return
            if len(self._symbols) >= _MOST_SYMBOLS:
                self._say_once(f"the .mlir files of the workspace with the first {_MOST_SYMBOLS:,} symbols")
                return
            text = crawl.read(file)
            symbols = file_symbols(text, breathe)
        except crawl.SkippedError as error:
            with self._lock:
                if self._known.get(file) == 0:
                    self._skip(crawl.Skipped(file, str(error)))
                self._forget(file)
            return
        with self._lock:
            # Meanwhile it may have been opened, or its folder may have left the workspace.
            if self._open(file) is None and file in self._known:
                self._symbols.replace(file, text, symbols)
                self._known[file] = mark

    def _forget(self, file: str) -> None:
        self._known.pop(file, None)
        self._pending.pop(file, None)
        if self._open(file) is None:
            self._symbols.remove(file)

    def _follow(self, beside: str = "") -> None:
        """Brings the symbols of open documents up to date, but for one."""
        for snapshot in self._documents.snapshots():
            file = paths.key(snapshot.uri)
            if file == beside or self._followed.get(file) is snapshot:
                continue
            symbols = laid_out(snapshot.layout)
            with self._lock:
                if snapshot.is_current:
                    self._symbols.replace(file, snapshot.document.data, symbols)
                    self._followed[file] = snapshot

    def _look_again(self) -> None:
        with self._lock:
            if not self.is_watched and not self.is_busy and time.monotonic() - self._walked_s > _LOOK_AGAIN_S:
                for folder in self._folders:
                    self._walks.append(_Walk(folder, crawl.walk(folder)))

    def _is_there(self, file: str) -> bool:
        """Whether a file that was read is there; one that has changed since is read again soon."""
        if file in self._followed:
            return True
        try:
            mark = crawl.stamp(file)
        except crawl.SkippedError:
            mark = None
        with self._lock:
            if mark != self._known.get(file):
                self._enqueue(file)
        return mark is not None

    def _open(self, file: str) -> Snapshot | None:
        return next((one for one in self._documents.snapshots() if paths.key(one.uri) == file), None)

    def _skip(self, skipped: crawl.Skipped) -> None:
        if skipped not in self._skipped:
            self._skipped.add(skipped)
            _logger.info("not searched for symbols: %s %s", skipped.path, skipped.reason)

    def _say_once(self, what: str) -> None:
        if not self._has_said:
            self._has_said = True
            self._say(
                f"Only {what} are searched for symbols, and those that are open."
                " The setting workspace.maxFiles says how many files may be."
            )
