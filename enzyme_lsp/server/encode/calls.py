"""Calls: the call hierarchy, and symbols of the workspace; must not compute anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from enzyme_lsp.features.call_hierarchy import Here
from enzyme_lsp.server.encode import places

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from enzyme_lsp.features.call_hierarchy import Call, CallItem
    from enzyme_lsp.server.client import Client
    from enzyme_lsp.workspace.snapshot import Snapshot


def call_items(found: Sequence[CallItem], _: Snapshot | None, client: Client) -> list[lsp.CallHierarchyItem] | None:
    return [_call_item(one, client) for one in found] or None


def incoming_calls(found: Iterable[Call], _: Snapshot | None, client: Client) -> list[lsp.CallHierarchyIncomingCall]:
    return [
        lsp.CallHierarchyIncomingCall(from_=_call_item(one.item, client), from_ranges=_call_ranges(one, client))
        for one in found
    ]


def outgoing_calls(found: Iterable[Call], _: Snapshot | None, client: Client) -> list[lsp.CallHierarchyOutgoingCall]:
    return [
        lsp.CallHierarchyOutgoingCall(to=_call_item(one.item, client), from_ranges=_call_ranges(one, client))
        for one in found
    ]


def _call_item(item: CallItem, client: Client) -> lsp.CallHierarchyItem:
    where = item.where
    if isinstance(where, Here):
        uri = where.document.uri
        name = places.range(where.document, where.name, client.encoding)
        whole = places.range(where.document, where.whole, client.encoding)
    else:
        uri, name = where.uri, places.line_range(where.place, client.encoding)
        whole = name
    return lsp.CallHierarchyItem(
        name=item.name,
        kind=places.SYMBOL_KINDS[item.kind],
        uri=uri,
        range=whole,
        selection_range=name,
        detail=item.detail or None,
        data={"start": item.start},
    )


def _call_ranges(call: Call, client: Client) -> list[lsp.Range]:
    return [places.range(call.document, span, client.encoding) for span in call.spans]
