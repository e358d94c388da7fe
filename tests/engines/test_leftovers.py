"""What a context of upstream MLIR keeps of texts: another one is taken when that would change what the next text means."""

from __future__ import annotations

import pytest

from enzyme_lsp.engines.upstream.leftovers import Leftovers

RESOURCES = "{-# dialect_resources: { builtin: { x: "


@pytest.mark.parametrize(
    ("before", "then", "is_other"),
    [
        ('!llvm.struct<"a", (i32)>', '!llvm.struct<"a", (i32)>', False),
        ('!llvm.struct<"a", (i32)>', '!llvm.struct<"a", ( i32\n)>', False),
        ('!llvm.struct<"a", (i32)>', '!llvm.struct<"a", (i64)>', True),
        ('!llvm.struct<"a", opaque>', '!llvm.struct<"a", (i64)>', True),
        ('!llvm.struct<"a", (i32)>', '!llvm.struct<"b", (i64)>', False),
        ('!llvm.struct<"a", (i32)>', "!llvm.struct<(i64)>", False),
        # A struct in its own body has no body there.
        ('!llvm.struct<"a", (ptr, struct<"a">)>', '!llvm.struct<"a", (ptr, struct<"a">)>', False),
        ('!llvm.struct<"a", (struct<"b", (i32)>)>', '!llvm.struct<"b", (i64)>', True),
        ('!llvm.struct<"a\\">", (i32)>', '!llvm.struct<"a\\">", (i64)>', True),
        ('!i = i32\n!llvm.struct<"a", (!i)>', '!i = i64\n!llvm.struct<"a", (!i)>', True),
        ('!llvm.struct<"a", (!llvm.ptr)>', '!llvm.struct<"a", (!llvm.ptr)>', False),
        ("!spirv.struct<a, (f32 [0])>", "!spirv.struct<a, (f64 [0])>", True),
        ('!llvm.struct<"a", (i32', '!llvm.struct<"a", (i32)>', True),
        (RESOURCES, "no resources", False),
    ],
)
def test_what_the_next_text_would_mean(before: str, then: str, *, is_other: bool):
    leftovers = Leftovers()
    assert not leftovers.disturb(before, is_printed=True)
    leftovers.keep(before)
    assert leftovers.disturb(then, is_printed=True) is is_other


def test_names_of_resources_matter_where_they_are_printed():
    leftovers = Leftovers()
    leftovers.keep(RESOURCES)
    assert leftovers.disturb(RESOURCES, is_printed=True)
    assert not leftovers.disturb(RESOURCES, is_printed=False)
