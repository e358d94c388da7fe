"""Editor questions: functions of a snapshot and a place, in plain values; and the list of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features import (
    call_hierarchy,
    code_actions,
    code_lens,
    completion,
    definition,
    diagnostics,
    fix_all,
    folding,
    formatting,
    highlights,
    hover,
    implementation,
    inlay_hints,
    links,
    message_places,
    outline,
    references,
    rename,
    selection,
    semantic_tokens,
    signature_help,
)
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.features.call_hierarchy import alone
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from enzyme_lsp.workspace.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature, asked either of a whole document or of one byte offset in it."""

    name: str
    of_document: Callable[[Snapshot], object] | None = None
    at_place: Callable[[Snapshot, int], object] | None = None


def _renamed(snapshot: Snapshot, offset: int) -> object:
    """What a rename comes to; that it is refused is an answer too."""
    try:
        return rename.rename(snapshot, offset, "renamed")
    except RefusedError as refusal:
        return refusal


def _all(snapshot: Snapshot) -> Span:
    return Span(0, len(snapshot.document.data))


FEATURES: Final = (
    Feature("diagnostics", of_document=lambda snapshot: diagnostics.diagnostics(snapshot, None)),
    Feature(
        "code actions",
        at_place=lambda snapshot, offset: code_actions.code_actions_with_edits(snapshot, Span(offset, offset)),
    ),
    Feature("fix all", of_document=fix_all.fix_all),
    Feature("hover", at_place=hover.hover),
    Feature(
        "definition",
        at_place=lambda snapshot, offset: definition.definition(snapshot.fact(alone), snapshot, offset),
    ),
    Feature(
        "declaration",
        at_place=lambda snapshot, offset: definition.declaration(snapshot.fact(alone), snapshot, offset),
    ),
    Feature("type definition", at_place=definition.type_definition),
    Feature("implementation", at_place=implementation.implementation),
    Feature(
        "references",
        at_place=lambda snapshot, offset: references.references(snapshot, offset, include_definitions=True),
    ),
    Feature("highlights", at_place=highlights.highlights),
    Feature("outline", of_document=outline.outline),
    Feature("code lenses", of_document=lambda snapshot: code_lens.code_lenses(snapshot, code_lens.LensKind)),
    Feature("links", of_document=lambda snapshot: links.links(snapshot.fact(alone), snapshot)),
    Feature("rename", at_place=_renamed),
    Feature("folding", of_document=folding.folding),
    Feature("selection", at_place=selection.selection),
    Feature("completion", at_place=completion.completion),
    Feature("signature help", at_place=signature_help.signature_help),
    Feature("inlay hints", of_document=lambda snapshot: inlay_hints.inlay_hints(snapshot, _all(snapshot))),
    Feature("semantic tokens", of_document=semantic_tokens.semantic_tokens),
    Feature("call hierarchy", at_place=call_hierarchy.whole),
    Feature("formatting", of_document=lambda snapshot: formatting.formatted(snapshot, None, 4, insert_spaces=True)),
    Feature("formatting while typing", at_place=lambda snapshot, offset: formatting.on_type(snapshot, offset, "\n")),
    Feature("message places", at_place=message_places.message_places),
)
"""What `enzyme-lsp probe` asks at every token."""
