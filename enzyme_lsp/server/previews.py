"""Previews: lowered texts on demand, as answers and as read-only documents that follow their source.

A document `enzyme-lowered:/NAME?FIELDS` is one stage of a lowering. While its source is broken it keeps the last good
text and says so. When the source is saved, those that the client has asked for are lowered again, and it is told of the
ones whose text has changed.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast
from urllib.parse import quote, unquote, urlsplit

from enzyme_lsp.engines.api import Outcome
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.lowering import wish
from enzyme_lsp.lowering.carry_out import carried_out
from enzyme_lsp.lowering.difference import difference
from enzyme_lsp.lowering.source_map import SourceMap
from enzyme_lsp.lowering.wish import NotLoweredError, Wish
from enzyme_lsp.server.progress import CanceledError
from enzyme_lsp.server.protocol import CONTENT_SCHEME
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace import paths
from enzyme_lsp.workspace.snapshot import Outdated, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.lowering.lower import Lowered, Stage
    from enzyme_lsp.lowering.passes import Passes
    from enzyme_lsp.lowering.wish import Choice
    from enzyme_lsp.server.session import Session
    from enzyme_lsp.settings import Settings

LAST: Final = -1
Wanted: TypeAlias = Literal["last", "changed", "all"]
_MOST: Final = 32
"""Documents that are followed. A client does not say when it closes one; the one asked for longest ago is forgotten."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a document of ours shows: a stage of a lowering, by its number from 0 (the input), or the last one.

    With `against`, the number of another stage, it is the unified diff that leads from that one to it.
    """

    source: str
    """The URI of the document that is lowered."""
    wish: Wish
    stage: int = LAST
    against: int | None = None

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
            "against": self.against,
        }
        given = {name: value for name, value in fields.items() if value not in (None, "", LAST)}
        name = urlsplit(self.source).path.rpartition("/")[2] or "lowered.mlir"
        if self.against is not None:
            name += ".diff"
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
        source, stage, against = given.get("source"), given.get("stage", LAST), given.get("against")
        read = read_wish(given)
        if not isinstance(source, str) or not isinstance(stage, int) or read is None:
            return None
        return Preview(source, read, stage, against) if against is None or isinstance(against, int) else None


def is_ours(uri: str) -> bool:
    """Whether a document is one that only we make."""
    return uri.startswith(f"{CONTENT_SCHEME}:")


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

    def change(self, stage: int) -> Preview | None:
        """The document that shows what the pass of a stage has changed; None for the first stage."""
        return Preview(self.source, self.wish, stage, stage - 1) if stage else None


@dataclass(frozen=True)
class Shown:
    """A text that a client has been sent; `source_map` is None when nothing was ever lowered for it."""

    uri: str
    text: str
    settings: Settings = field(repr=False)
    source_map: SourceMap | None

    @cached_property
    def snapshot(self) -> Snapshot:
        """What the text says, as of any document."""
        return Snapshot(Document.of(self.uri, self.text), self.settings)


@dataclass(slots=True)
class _Kept:
    """A document that is followed: the last text that was good, and that which the client has."""

    good: Shown
    shown: Shown


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document is from. `now` is its source, if that is open."""

    source: str
    shown: Shown
    now: Snapshot | None


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
            # What a client sends as text may be from some workspace; its settings are its user's where that is said.
            trusted = self._session.trusted_pipelines
            made = await asyncio.to_thread(partial(wish.order, snapshot, asked, trusted=trusted))
        except NotLoweredError as error:
            raise RefusedError(str(error)) from None
        return await carried_out(self._session.compilers.engines, snapshot, made)

    async def content(self, uri: str) -> str:
        """The text of one of our documents, which is followed from then on. Raises `RefusedError` for any other."""
        preview = Preview.read(uri)
        if preview is None:
            raise RefusedError(f"{uri} is no document of this server")
        nothing = Shown(uri, "", self._session.settings, None)
        kept = self._kept.setdefault(uri, _Kept(nothing, nothing))
        self._kept.move_to_end(uri)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        kept.shown = await self._text(preview, kept)
        return kept.shown.text

    def snapshot(self, uri: str) -> Snapshot | None:
        """What one of our documents says, in the text that the client has; None for any other."""
        kept = self._kept.get(uri)
        return None if kept is None else kept.shown.snapshot

    def source_map(self, uri: str) -> SourceMap | None:
        """Where the lines of one of our documents are from, in the source as it is now; None for any other.

        For a text that was never lowered it is empty.
        """
        preview, kept = Preview.read(uri), self._kept.get(uri)
        if preview is None or kept is None:
            return None
        known, now = kept.shown.source_map, self._session.workspace.get(preview.source)
        if known is None:
            return SourceMap(kept.shown.snapshot, ())
        return known if now is None else known.moved(now)

    def origin(self, uri: str) -> Origin:
        """Where one of our documents is from. Raises `RefusedError` for any other."""
        preview, kept = Preview.read(uri), self._kept.get(uri)
        if preview is None or kept is None:
            raise RefusedError(f"{uri} is no document that was read")
        return Origin(preview.source, kept.shown, self._session.workspace.get(preview.source))

    def of(self, source: str) -> Iterator[tuple[Snapshot, SourceMap]]:
        """The stages that are shown of a document, each with where its lines are from."""
        for uri, kept in self._kept.items():
            preview = Preview.read(uri)
            is_stage = preview is not None and preview.source == source and preview.against is None
            if is_stage and kept.shown.source_map is not None:
                yield kept.shown.snapshot, kept.shown.source_map

    def saved(self, uri: str) -> None:
        """The document `uri` was saved: what is shown of it follows. What an earlier save began is given up."""
        if self._session.workspace.settings(uri).lowering.on_save == "off":
            return
        if not self._session.client.refreshes_content:
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
        if preview is None or kept is None:
            return
        title = f"Lowering {paths.name(preview.source)}"
        try:
            text = await self._session.progress.follow(title, self._text(preview, kept))
        except CanceledError:
            return
        if text.text == kept.shown.text:
            kept.shown = text  # The same lines may be from other places now.
        else:
            await self._session.outbox.refresh_content(uri)

    async def _text(self, preview: Preview, kept: _Kept) -> Shown:
        """What a document is now. When an edit comes meanwhile, that of the text after it."""
        while (snapshot := self._session.workspace.get(preview.source)) is not None:
            try:
                return await self._of(preview, kept, snapshot, await self.lower(snapshot, preview.wish))
            except RefusedError as error:
                return _stale(kept.good, str(error))
            except Outdated:
                continue
        return _stale(kept.good, "the source is not open")

    async def _of(self, preview: Preview, kept: _Kept, snapshot: Snapshot, found: Lowered) -> Shown:
        if found.outcome is not Outcome.ACCEPTED and (preview.stage == LAST or preview.stage >= len(found.stages)):
            failed = f"{found.failed} failed: " if found.failed else ""
            return _stale(kept.good, f"{failed}{' '.join(found.detail.split()) or found.outcome.value}")
        number = preview.stage if preview.stage != LAST else len(found.stages) - 1
        for wanted in (number, preview.against or 0):
            if not 0 <= wanted < len(found.stages):
                return _stale(kept.good, f"there is no stage {wanted}; there are {len(found.stages)}")
        stage = found.stages[number]
        text, source_map = stage.text, stage.source_map
        if preview.against is not None:
            text, offsets = await asyncio.to_thread(_difference, found.stages[preview.against], stage)
            source_map = SourceMap(snapshot, offsets)
        kept.good = replace(kept.good, text=text, settings=snapshot.settings, source_map=source_map)
        return kept.good


def choices(snapshot: Snapshot, passes: Passes) -> tuple[Choice, ...]:
    """The pipelines that a client can offer for a document."""
    return tuple(wish.choices(snapshot, passes))


def moved(origin: Origin) -> tuple[Origin, tuple[int | None, ...]]:
    """Where a document is from, and for each of its lines the line of its source as that is now."""
    source_map = origin.shown.source_map
    if source_map is None:
        return origin, (None,) * origin.shown.text.count("\n")
    return origin, (source_map if origin.now is None else source_map.moved(origin.now)).lines()


def _difference(before: Stage, after: Stage) -> tuple[str, tuple[int | None, ...]]:
    found = difference(before, after)
    if not found.text:
        return f"// {before.name} and {after.name} are the same\n", (None,)
    return found.text, found.offsets


def _stale(good: Shown, reason: str) -> Shown:
    """The last good text under a line that says that it is old, and why there is no newer one."""
    if good.source_map is None:
        return replace(good, text=f"// not lowered: {reason}\n")
    offsets = (None, *good.source_map.offsets)
    text = f"// from before the last change: {reason}\n{good.text}"
    return replace(good, text=text, source_map=replace(good.source_map, offsets=offsets))
