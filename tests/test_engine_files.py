"""Which files a rule of `engine.files` holds for, and what is said of one that cannot be read."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from enzyme_lsp import settings
from enzyme_lsp.engine_files import Rule, RuleError, first, read
from enzyme_lsp.settings import EngineSettings

ROOT = "/home/me/folder"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("stablehlo/**: upstream", Rule("stablehlo/**", "upstream")),
        ("*.mlir:none", Rule("*.mlir", "none")),
        ("a b/c: enzyme-ad ", Rule("a b/c", "enzyme-ad")),
        (
            "gpu: /opt/bin/my-opt --load='a b.so' --x=\"y: z\"",
            Rule("gpu", "program", ("/opt/bin/my-opt", "--load=a b.so", "--x=y: z")),
        ),
        ("gpu: my-opt $(rm -rf /) | sh", Rule("gpu", "program", ("my-opt", "$(rm", "-rf", "/)", "|", "sh"))),
    ],
)
def test_what_is_read(text: str, rule: Rule) -> None:
    assert read(text) == rule
    assert read(str(rule)) == rule


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a rule is written as `PATTERN: ENGINE`"),
        ("a.mlir", "a rule is written as `PATTERN: ENGINE`"),
        (": upstream", "a rule is written as `PATTERN: ENGINE`"),
        ("a.mlir: ", "a rule is written as `PATTERN: ENGINE`"),
        ("../a: none", "a pattern with `..` matches nothing; write the whole path"),
        ("a: upstream --all", "upstream takes no arguments"),
        ("a: program", "`program` is no program; write enzyme-ad, upstream, none, or a program with its arguments"),
        ("a: opt 'x", "the command line cannot be read: no closing quotation"),
    ],
)
def test_what_is_wrong_with_a_rule_is_a_mistake_of_the_settings(text: str, reason: str) -> None:
    with pytest.raises(RuleError) as raised:
        read(text)
    assert str(raised.value) == reason
    made, problems = settings.read({"engine.files": ["b: none", text]})
    assert made.engine.files == ("b: none",)
    assert problems == [f'The setting engine.files has "{text}": {reason}.']


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("*.mlir", ("a.mlir", "x/y/a.mlir"), ("a.mlirbc", "mlir")),
        ("gpu", ("gpu/a.mlir", "x/gpu/y/a.mlir", "gpu"), ("gpus/a.mlir", "x/agpu/a.mlir")),
        ("gpu/", ("gpu/a.mlir", "gpu/x/a.mlir"), ("x/gpu/a.mlir",)),
        ("./gpu", ("gpu/a.mlir",), ("x/gpu/a.mlir",)),
        (".", ("gpu/a.mlir", "a.mlir"), ()),
        ("gpu/*.mlir", ("gpu/a.mlir",), ("gpu/x/a.mlir", "x/gpu/a.mlir", "a.mlir")),
        ("gpu/*", ("gpu/a.mlir", "gpu/x/a.mlir"), ("a.mlir",)),
        ("gpu/**/*.mlir", ("gpu/a.mlir", "gpu/x/y/a.mlir"), ("gpu/x/a.txt", "x/gpu/a.mlir")),
        ("**/gpu/a?.mlir", ("gpu/ab.mlir", "x/y/gpu/ab.mlir"), ("gpu/a.mlir", "gpu/x/ab.mlir")),
        ("**", ("a.mlir", "x/a.mlir"), ()),
        ("a/**/b/**/c", ("a/b/c", "a/x/b/y/z/c/d.mlir", "a/b/b/c"), ("a/c", "a/b/d")),
        ("[ab]/x", ("a/x", "b/x/y.mlir"), ("c/x",)),
        (f"{ROOT}/gpu", ("gpu/a.mlir",), ("a.mlir",)),
        ("/**/fold*/gpu", ("gpu/a.mlir",), ("a.mlir",)),
        ("/else/**", (), ("a.mlir",)),
    ],
)
def test_patterns(pattern: str, inside: tuple[str, ...], outside: tuple[str, ...]) -> None:
    rule = Rule(pattern, "none")
    for files, is_inside in ((inside, True), (outside, False)):
        assert [rule.holds_for(f"{ROOT}/{file}", [ROOT]) for file in files] == [is_inside] * len(files)


def test_a_folder_of_several_and_a_file_in_none() -> None:
    rule = Rule("gpu/a.mlir", "none")
    assert rule.holds_for("/b/gpu/a.mlir", ["/a", "/b"])
    assert not rule.holds_for("/ab/gpu/a.mlir", ["/a"])
    assert Rule("a.mlir", "none").holds_for("/elsewhere/a.mlir", ["/a"])
    assert not Rule("elsewhere", "none").holds_for("/elsewhere/a.mlir", ["/a"])


def test_the_home_folder() -> None:
    assert Rule("~/gpu", "none").holds_for(str(Path.home() / "gpu" / "a.mlir"), [])


def test_a_long_path_and_many_gaps_are_matched_soon() -> None:
    path = "/".join(["", *"ab" * 2000])
    assert not Rule("/".join(["", *(["**", "a"] * 60), "c"]), "none").holds_for(path, [])


def test_every_file_has_an_answer() -> None:
    names = ("", "/", "*", "**", ".", "[", "a")
    for pattern, path in product(map("/".join, product(names, repeat=3)), map("/".join, product(names, repeat=2))):
        Rule(pattern or "a", "none").holds_for(f"{ROOT}/{path}", [ROOT, "/", ""])


def test_the_first_that_holds_counts() -> None:
    rules = ("gpu/special.mlir: none", "gpu: upstream", "*: enzyme-ad")
    found = [first(rules, f"{ROOT}/{file}", [ROOT]) for file in ("gpu/special.mlir", "gpu/a.mlir", "a.mlir")]
    assert [rule.kind for rule in found if rule is not None] == ["none", "upstream", "enzyme-ad"]
    assert first(rules[:2], f"{ROOT}/a.mlir", [ROOT]) is None


def test_where_an_engine_is_holds_for_that_engine_alone() -> None:
    own = EngineSettings(python="p", path="/f", files=("a: enzyme-ad", "b: upstream", "c: my-opt -x"), deadline_s=3)
    by_file = [own.for_file(f"{ROOT}/{name}", [ROOT]) for name in "abcd"]
    assert [(one.kind, one.is_beside, one.program) for one in by_file] == [
        ("enzyme-ad", False, ()),
        ("upstream", True, ()),
        ("program", True, ("my-opt", "-x")),
        ("auto", False, ()),
    ]
    assert by_file[1].of_kind("enzyme-ad") == by_file[0]
    assert not EngineSettings(kind="upstream", python="p").of_kind("upstream").is_beside
    assert {one.deadline_s for one in by_file} == {3}
    assert own.for_file(None, [ROOT]) is own
