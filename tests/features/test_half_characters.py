"""Half of an emoji, which an editor's buffer may hold, is text as any other to every feature."""

from __future__ import annotations

import pytest

from enzyme_lsp.features import FEATURES
from enzyme_lsp.settings import Settings
from enzyme_lsp.syntax.tokens import tokenize
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace

TEXT = """\
// RUN: enzymexlamlir-opt %s --enzyme --canonicalise | FileCheck %s
!t = tensor<2xf64>
func.func @f(%x: tensor<2xf64>) -> tensor<2xf64> {
  %y = arith.constant dense<1.0> : tensor<2xf64>
  return %y : tensor<2xf64>
}
func.func @d(%x: tensor<2xf64>, %dx: tensor<2xf64>) -> tensor<2xf64> {
  %0 = enzyme.fwddiff @f(%x, %dx) {
    activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
  } : (tensor<2xf64>, tensor<2xf64>) -> tensor<2xf64>
  return %0 : tensor<2xf64>
}
"""
PLACES = [*range(3, 68, 8), *(start + 1 for start in list(tokenize(TEXT.encode()).starts)[::6])]


@pytest.mark.parametrize("half", ["\ud83d", "\ude00\ud83d"])
def test_every_feature_takes_it(half: str):
    for place in PLACES:
        snapshot = Workspace(Settings()).open(Document.of("untitled:1", TEXT[:place] + half + TEXT[place:]))
        for feature in FEATURES:
            if feature.of_document is not None:
                feature.of_document(snapshot)
            if feature.at_place is not None:
                feature.at_place(snapshot, place)
                feature.at_place(snapshot, place + 3)
