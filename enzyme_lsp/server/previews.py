"""Previews: lowered texts on demand, as answers and as read-only documents that follow their source.

A document `enzyme-lowered:/NAME?FIELDS` is one stage of a lowering. While its source is broken it keeps the last good
text and says so. When the source is saved, those that the client has asked for are lowered again, and it is told of the
ones whose text has changed.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast
from urllib.parse import quote, unquote, urlsplit

from enzyme_lsp.engines.api import Outcome
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.lowering import wish
from enzyme_lsp.lowering.lower import Lowered, lower
from enzyme_lsp.lowering.wish import NotLoweredError, Wish
from enzyme_lsp.server.protocol import CONTENT_SCHEME
from enzyme_lsp.workspace.snapshot import Outdated

if TYPE_CHECKING:
    from enzyme_lsp.lowering.wish import Choice
    from enzyme_lsp.server.session import Session
    from enzyme_lsp.workspace.snapshot import Snapshot

LAST: Final = -1
Wanted: TypeAlias = Literal["last", "changed", "all"]
_MOST: Final = 32
"""Documents that are followed. A client does not say when it closes one; the one asked for longest ago is forgotten."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a document of ours shows: a stage of a lowering, by its number from 0 (the input), or the last one."""

    source: str
    """The URI of the document that is lowered."""
    wish: Wish
    stage: int = LAST

    @property
    def uri(self) -> str:
        fields = {
            "source": self.source,
            "section": self.wish.section,
            "symbol": self.wish.symbol,
            "preset": self.wish.preset,
            "pipeline": self.wish.pipeline,
            "runLine": self.wish.run_line,
            "stage": self.stage,
        }
        given = {name: value for name, value in fields.items() if value not in (None, "", LAST)}
        name = urlsplit(self.source).path.rpartition("/")[2] or "lowered.mlir"
        return f"{CONTENT_SCHEME}:/{name}?{quote(json.dumps(given))}"

    @staticmethod
    def read(uri: str) -> Preview | None:
        """What `uri` makes; None for anything else."""
        scheme, _, rest = uri.partition(":")
        try:
            fields: object = json.loads(unquote(rest.partition("?")[2])) if scheme == CONTENT_SCHEME else None
        except ValueError:
            return None
        if not isinstance(fields, dict):
            return None
        given = cast("dict[str, object]", fields)
        source, stage = given.get("source"), given.get("stage", LAST)
        read = read_wish(given)
        if not isinstance(source, str) or not isinstance(stage, int) or read is None:
            return None
        return Preview(source, read, stage)


def read_wish(given: dict[str, object]) -> Wish | None:
    """A wish from the fields of a message; None when one of them is of another kind."""
    section, run_line = given.get("section"), given.get("runLine")
    texts = [given.get(name, "") for name in ("symbol", "preset", "pipeline")]
    numbers = [section, run_line]
    if not all(isinstance(text, str) for text in texts):
        return None
    if not all(number is None or (isinstance(number, int) and not isinstance(number, bool)) for number in numbers):
        return None
    symbol, preset, pipeline = cast("list[str]", texts)
    return Wish(cast("int | None", section), symbol, preset, pipeline, cast("int | None", run_line))


@dataclass(frozen=True, slots=True)
class ShownLowering:
    """A lowering, what it is of, and which stages are wanted with their text."""

    source: str
    wish: Wish
    wanted: Wanted
    lowered: Lowered

    def preview(self, stage: int) -> Preview:
        """The document that shows a stage."""
        return Preview(self.source, self.wish, stage)


@dataclass(slots=True)
class _Kept:
    """A document that is followed: the last text that was good, and that which the client has."""

    good: str = ""
    shown: str = ""


class Previews:
    """One per session; used on its event loop."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._following: dict[str, asyncio.Task[None]] = {}

    async def asked(self, snapshot: Snapshot, asked: Wish, wanted: Wanted) -> ShownLowering:
        """What a client wants to see. Raises `RefusedError` for a wish that means nothing, and `Outdated`."""
        return ShownLowering(snapshot.uri, asked, wanted, await self.lower(snapshot, asked))

    async def lower(self, snapshot: Snapshot, asked: Wish) -> Lowered:
        """The stages of a lowering. Raises `RefusedError` for a wish that means nothing, and `Outdated`."""
        try:
            # What comes from a client is its user's, but not what it has read in some workspace: so none is trusted.
            made = await asyncio.to_thread(wish.order, snapshot, asked)
        except NotLoweredError as error:
            raise RefusedError(str(error)) from None
        pool = self._session.pool
        return await lower(pool, snapshot, made.target, made.pipeline, is_trusted=made.is_trusted)

    async def content(self, uri: str) -> str:
        """The text of one of our documents, which is followed from then on. Raises `RefusedError` for any other."""
        preview = Preview.read(uri)
        if preview is None:
            raise RefusedError(f"{uri} is no document of this server")
        kept = self._kept.setdefault(uri, _Kept())
        self._kept.move_to_end(uri)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        kept.shown = await self._text(preview, kept)
        return kept.shown

    def saved(self, uri: str) -> None:
        """The document `uri` was saved: what is shown of it follows. What an earlier save began is given up."""
        if self._session.settings.lowering.on_save == "off" or not self._session.client.refreshes_content:
            return
        for one in [one for one in self._kept if (read := Preview.read(one)) is not None and read.source == uri]:
            if (before := self._following.get(one)) is not None:
                before.cancel()
            task = self._following[one] = self._session.spawn(self._follow(one))
            task.add_done_callback(partial(self._followed, one))

    def _followed(self, uri: str, task: asyncio.Task[None]) -> None:
        if self._following.get(uri) is task:
            del self._following[uri]

    async def _follow(self, uri: str) -> None:
        """Lower a document again, and tell the client if that has changed it."""
        preview, kept = Preview.read(uri), self._kept.get(uri)
        if preview is not None and kept is not None and await self._text(preview, kept) != kept.shown:
            await self._session.outbox.refresh_content(uri)

    async def _text(self, preview: Preview, kept: _Kept) -> str:
        """What a document is now. When an edit comes meanwhile, that of the text after it."""
        while (snapshot := self._session.workspace.get(preview.source)) is not None:
            try:
                return self._of(preview, kept, await self.lower(snapshot, preview.wish))
            except RefusedError as error:
                return _stale(kept.good, str(error))
            except Outdated:
                continue
        return _stale(kept.good, "the source is not open")

    def _of(self, preview: Preview, kept: _Kept, found: Lowered) -> str:
        if found.outcome is not Outcome.ACCEPTED and (preview.stage == LAST or preview.stage >= len(found.stages)):
            failed = f"{found.failed} failed: " if found.failed else ""
            return _stale(kept.good, f"{failed}{' '.join(found.detail.split()) or found.outcome.value}")
        number = preview.stage if preview.stage != LAST else len(found.stages) - 1
        if not 0 <= number < len(found.stages):
            return _stale(kept.good, f"there is no stage {preview.stage}; there are {len(found.stages)}")
        kept.good = found.stages[number].text
        return kept.good


def choices(snapshot: Snapshot) -> tuple[Choice, ...]:
    """The pipelines that a client can offer for a document."""
    return tuple(wish.choices(snapshot))


def _stale(good: str, reason: str) -> str:
    """The last good text under a line that says that it is old, and why there is no newer one."""
    if not good:
        return f"// not lowered: {reason}\n"
    return f"// from before the last change: {reason}\n{good}"
