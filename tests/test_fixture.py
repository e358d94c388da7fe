"""The test notation itself: what it reads, what it draws, how it rewrites a test."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.features.actions.offer import Offer
from enzyme_lsp.text.edit import Edit, EditSet
from tests import update
from tests.fixture import (
    Fixture,
    Label,
    check_action,
    check_expect,
    check_fix,
    check_fix_all,
    check_labels,
    check_no_action,
    check_no_fix,
    label,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.snapshot import Snapshot


def test_labels_count_the_columns_of_the_line_above_that_is_no_label():
    file = Fixture.parse("""
        func.func @f(%x: f64) {
          //      ^^ definition
          //         ^^ definition
          return
        }
    """).file
    assert file.text == "func.func @f(%x: f64) {\n  return\n}\n"
    assert file.labels == (Label(0, 10, 2, "definition"), Label(0, 13, 2, "definition"))


def test_a_label_for_the_first_columns_begins_where_its_comment_does():
    file = Fixture.parse("""
        module {
        //<^^^^^^ keyword
         }
         //<^ close
    """).file
    assert file.labels == (Label(0, 0, 6, "keyword"), Label(1, 1, 1, "close"))


def test_comments_that_only_look_like_labels_stay_text():
    text = "x\n// CHECK: ^^^ y\n// ^bb1: z\n//^bb2:\n// -----\n"
    file = Fixture.parse(text).file
    assert (file.text, file.labels) == (text, ())


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x\n// ^^^", "line 2: a label is `"),
        ("x\n//< ^ label", "line 2: a label is `"),
        ("x\n//^^label", "line 2: a label is `"),
        ("// ^^^ label", "line 1: a label needs a line above it"),
    ],
)
def test_a_label_written_wrong_is_an_error_not_a_comment(source: str, message: str):
    with pytest.raises(ValueError, match=message):
        Fixture.parse(source)


def test_cursors_are_byte_offsets_of_the_text_without_them():
    file = Fixture.parse('"é" <|>a<|>b').file
    assert (file.text, file.cursors) == ('"é" ab', (5, 6))


def test_columns_of_labels_ignore_the_cursor_above():
    assert Fixture.parse("a<|>b c\n//<^^ x\n   <|>c\n// ^ y").file.labels == (
        Label(0, 0, 2, "x"),
        Label(1, 3, 1, "y"),
    )


def test_a_header_begins_a_file():
    one, two = Fixture.parse("""
        //- /one.mlir
        a
        //<^ first
        //- /two.mlir
        b<|>
    """).files
    assert (one.path, one.text, one.labels) == ("/one.mlir", "a\n", (Label(0, 0, 1, "first"),))
    assert (two.uri, two.text, two.cursors) == ("file:///two.mlir", "b\n", (1,))


def test_a_fixture_that_begins_with_text_is_taken_as_it_is():
    assert Fixture.parse("  a\r\n b").file.text == "  a\r\n b"


def test_an_empty_fixture_is_an_empty_file():
    assert Fixture.parse("").file.text == ""


SOURCE = """
    module {
      %x = a
      // ^ error[x]: as written
      // ^ error[y]: begins so...
    }
"""


def test_what_is_found_as_labelled_draws_the_source_itself():
    found = [Label(1, 5, 1, "error[x]: as written"), Label(1, 5, 1, "error[y]: begins so and goes on")]
    assert Fixture.parse(SOURCE).drawn({"/test.mlir": found}) == SOURCE


def test_labels_found_replace_those_written():
    found = [
        Label(0, 0, 6, "from the left edge"),
        Label(1, 5, 1, "error[x]: as written"),
        Label(1, 7, 1, "new"),
        Label(2, 0, 1, "at the end"),
    ]
    drawn = Fixture.parse(SOURCE).drawn({"/test.mlir": found})
    assert (
        drawn
        == """
    module {
    //<^^^^^^ from the left edge
      %x = a
      // ^ error[x]: as written
      //   ^ new
    }
    //<^ at the end
"""
    )
    assert Fixture.parse(drawn).drawn({"/test.mlir": found}) == drawn
    assert Fixture.parse(drawn).file.text == Fixture.parse(SOURCE).file.text


def test_matching_is_one_to_one():
    twice = [Label(0, 0, 1, "a")] * 2
    assert Fixture.parse("x\n//<^ a").drawn({"/test.mlir": twice}) == "x\n//<^ a\n//<^ a"


def test_a_label_spelled_out_is_matched_before_a_shortened_one():
    source = "x\n//<^ a...\n//<^ ab"
    found = [Label(0, 0, 1, "ab"), Label(0, 0, 1, "ac")]
    assert Fixture.parse(source).drawn({"/test.mlir": found}) == source


def test_what_cannot_be_drawn_is_not_lost():
    with pytest.raises(AssertionError, match="outside the fixture"):
        Fixture.parse("x").drawn({"/test.mlir": [Label(3, 0, 1, "a")]})


def test_a_label_from_a_span_counts_characters():
    document = Fixture.parse("é %x\n").file.document()
    span = document.lines.line_span(0)
    assert label(document, span, "two\nlines") == Label(0, 0, 4, r"two\nlines")
    with pytest.raises(AssertionError, match="on one line"):
        label(document, type(span)(0, len(document.data)), "two lines")


def test_a_failure_shows_the_fixture_as_written_and_as_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("UPDATE_EXPECT", raising=False)
    with pytest.raises(pytest.fail.Exception) as failure:
        check_labels(Fixture.parse("x\n//<^ written\ny"), {"/test.mlir": [Label(0, 0, 1, "found")]})
    assert failure.value.msg == (
        "- is written, + is found (UPDATE_EXPECT=1 rewrites it):\n  x\n- //<^ written\n+ //<^ found\n  y"
    )


def test_an_expected_text_is_compared_without_its_margin(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("UPDATE_EXPECT", raising=False)
    check_expect(
        "one\n  two\n\nthree\n",
        """
        one
          two

        three
        """,
    )
    with pytest.raises(pytest.fail.Exception, match=r"- +3\n"):
        check_expect("1\n2\n", "\n    1\n    3\n")


SURPLUS = """
    func.func private @f() -> ()
    func.func @d() {
      enzyme.fwddiff @f() {activity = [<|>#enzyme<activity enzyme_dup>], ret_activity = []} : () -> ()
      return
    }
"""
RIGHT = SURPLUS.replace("<|>#enzyme<activity enzyme_dup>", "")


def test_a_fix_is_told_by_two_texts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("UPDATE_EXPECT", raising=False)
    check_fix(SURPLUS, RIGHT)
    check_fix(SURPLUS, RIGHT, title="Remove the surplus activity")
    check_fix_all(SURPLUS, RIGHT)
    check_no_fix(SURPLUS.replace("<|>", "").replace("()", "<|>()", 1))
    with pytest.raises(pytest.fail.Exception, match=r"\n\+ +enzyme.fwddiff @f\(\) {activity = \[\],"):
        check_fix(SURPLUS, RIGHT.replace("[]", "[ ]", 1))
    with pytest.raises(pytest.fail.Exception, match=r"offered is:\npreferred: Remove the surplus activity"):
        check_fix(SURPLUS, RIGHT, title="Do more")
    with pytest.raises(pytest.fail.Exception, match=r"offered is:\nno fix"):
        check_fix(SURPLUS.replace("<|>", "").replace("()", "<|>()", 1), RIGHT)
    with pytest.raises(AssertionError, match=r"offered: .*Remove the surplus activity"):
        check_no_fix(SURPLUS.replace("<|>", ""))


class Shout:
    """A refactoring for these tests."""

    KIND = "refactor.rewrite"

    def offered(self, snapshot: Snapshot, span: Span) -> Iterator[Offer]:
        if len(span):
            text = span.of(snapshot.document.data)
            yield Offer("shout", f"Shout {text.decode()}", "it is loud already" if text.isupper() else None)

    def apply(self, snapshot: Snapshot, span: Span, id_: str, /) -> EditSet:
        assert id_ == "shout"
        return EditSet([Edit(span, span.of(snapshot.document.data).upper())])


def test_a_refactoring_is_told_by_two_texts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("UPDATE_EXPECT", raising=False)
    monkeypatch.setattr("enzyme_lsp.features.code_actions.ACTIONS", (Shout(),))
    check_action("shout", "a <|>word<|>", "a WORD")
    check_no_action("shout", "a <|>WORD<|>")
    check_no_action("shout", "a <|>WORD<|>", reason="it is loud already")
    check_no_action("shout", "a <|>word")
    for wrong in (
        lambda: check_action("whisper", "a <|>word<|>", "a word"),
        lambda: check_action("shout", "a <|>WORD<|>", "a WORD"),
        lambda: check_no_action("shout", "a <|>word<|>"),
        lambda: check_no_action("shout", "a <|>word<|>", reason="it is loud already"),
        lambda: check_no_action("whisper", "a <|>word<|>", reason="it is loud already"),
    ):
        with pytest.raises(AssertionError):
            wrong()


REWRITTEN = '''\
from tests.fixture import Fixture, Label, check_labels


def test_it():
    other = "é"
    check_labels(
        Fixture.parse("""
            a
            //<^ old
        """),
        {"/test.mlir": [Label(0, 0, 1, "new")]},
    )
'''


def test_update_expect_rewrites_the_fixture_in_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "test_it.py"
    path.write_text(REWRITTEN)
    monkeypatch.setattr(update, "TESTS", tmp_path)
    monkeypatch.setenv("UPDATE_EXPECT", "1")
    names: dict[str, object] = {}
    exec(compile(REWRITTEN, str(path), "exec"), names)
    test = names["test_it"]
    assert callable(test)
    test()
    assert update.write() == [path]
    assert path.read_text() == REWRITTEN.replace("old", "new")


EMPTY = """\
from tests.fixture import check_expect


def test_one():
    check_expect(
        "one",
        "",
    )


def test_two():
    check_expect(
        "two",
        "",
    )
"""


def test_an_empty_expectation_is_written_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "test_it.py"
    path.write_text(EMPTY)
    monkeypatch.setattr(update, "TESTS", tmp_path)
    monkeypatch.setenv("UPDATE_EXPECT", "1")
    names: dict[str, object] = {}
    exec(compile(EMPTY, str(path), "exec"), names)
    for name in ("test_one", "test_two"):
        test = names[name]
        assert callable(test)
        test()
    assert update.write() == [path]
    written = path.read_text()
    assert [written.index(text) for text in ("\n    one\n", "def test_two", "\n    two\n")] == sorted(
        written.index(text) for text in ("\n    one\n", "def test_two", "\n    two\n")
    )
    assert '""' not in written.replace('"""', "")


def test_update_expect_rewrites_a_fixture_that_stands_in_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UPDATE_EXPECT", "1")
    path = tmp_path / "page.md"
    path.write_text("# Page\n\n    a\n    //<^ old\n\n    b\n\nThe end.\n")
    fixture = Fixture.parse("a\n//<^ old\n\nb")
    check_labels(fixture, {"/test.mlir": [Label(0, 0, 1, "new")]}, written_in=path)
    assert update.write() == [path]
    assert path.read_text() == "# Page\n\n    a\n    //<^ new\n\n    b\n\nThe end.\n"


def test_an_expectation_that_is_no_literal_cannot_be_rewritten():
    with pytest.raises(LookupError, match="no literal of the test"):
        update.replace("".join(["made", " ", "up"]), "new")


@pytest.mark.parametrize(
    ("old", "value", "new"),
    [
        ('"a"', "b", '"b"'),
        ("'a'", "it's", r"'it\'s'"),
        ('"a"', "b\nc", '"""b\nc"""'),
        ('"""a"""', 'x"', r'"""x\""""'),
        ('"""a"""', 'x"""y', r'"""x\"\"\"y"""'),
        ('r"a"', r"\d", r'r"\d"'),
        ('r"a"', "\\\t", r'"\\\t"'),
        ('"a"', "é\t\x1b\\", r'"é\t\x1b\\"'),
    ],
)
def test_a_literal_keeps_its_manner_where_it_can(old: str, value: str, new: str):
    assert update.literal(old, value) == new
    assert ast.literal_eval(new) == value
