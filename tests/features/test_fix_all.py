"""Fix all: rounds, conflicts, and the promise to leave no more errors than there were."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Diagnostic, Fix, Severity
from enzyme_lsp.features import fix_all
from enzyme_lsp.settings import DiagnosticSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_fix_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

    from enzyme_lsp.workspace.snapshot import Snapshot


def test_all_lists_are_cut_at_once():
    check_fix_all(
        before="""
            func.func private @f(f64) -> f64
            func.func private @g() -> ()
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>, #enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              enzyme.fwddiff @g() <activity = [#enzyme.activity<enzyme_dup>], ret_activity = []> : () -> ()
              return %0 : f64
            }
        """,
        after="""
            func.func private @f(f64) -> f64
            func.func private @g() -> ()
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              enzyme.fwddiff @g() <activity = [], ret_activity = []> : () -> ()
              return %0 : f64
            }
        """,
    )


def use(monkeypatch: pytest.MonkeyPatch, rule: Callable[[bytes], Iterator[Diagnostic]]) -> None:
    """Let a rule stand for all checks."""

    def found(snapshot: Snapshot) -> Iterator[Diagnostic]:
        yield from rule(snapshot.document.data)

    monkeypatch.setattr("enzyme_lsp.features.fix_all.checks.found", found)


def mended(
    monkeypatch: pytest.MonkeyPatch, text: bytes, rule: Callable[[bytes], Iterator[Diagnostic]]
) -> tuple[bytes, int]:
    """The text after all fixes of a rule, and how many these were."""
    use(monkeypatch, rule)
    fixed = fix_all.fix_all(Workspace(Settings()).open(Document.of("untitled:1", text)))
    return fixed.edits.apply(text), fixed.count


def finding(
    start: int, end: int, new: bytes, *, certain: bool = True, severity: Severity = Severity.ERROR
) -> Diagnostic:
    fix = Fix("Mend it", EditSet([Edit(Span(start, end), new)]), is_certain=certain)
    return Diagnostic(Span(start, end), severity, "made-up", "wrong", fixes=(fix,))


def every(word: bytes, new: bytes) -> Callable[[bytes], Iterator[Diagnostic]]:
    def rule(data: bytes) -> Iterator[Diagnostic]:
        at = data.find(word)
        while at >= 0:
            yield finding(at, at + len(word), new)
            at = data.find(word, at + 1)

    return rule


def test_fixes_that_meet_wait_for_each_other(monkeypatch: pytest.MonkeyPatch):
    # The second `aa` of `aaa` overlaps the first, and is gone when its turn comes.
    assert mended(monkeypatch, b"// aaa aa", every(b"aa", b"b")) == (b"// ba b", 2)
    # Those that touch wait too, and are still there.
    assert mended(monkeypatch, b"// aaaa", every(b"aa", b"b")) == (b"// bb", 2)


def test_a_fix_is_applied_as_a_whole(monkeypatch: pytest.MonkeyPatch):
    def rule(data: bytes) -> Iterator[Diagnostic]:
        # Opening and closing brackets go together, so the inner pair waits for the outer one.
        pairs = [(data.find(mark), data.rfind(other)) for mark, other in ((b"<", b">"), (b"{", b"}"))]
        for start, end in pairs:
            if start >= 0:
                edits = EditSet([Edit(Span(start, start + 1), b""), Edit(Span(end, end + 1), b"")])
                yield replace(finding(start, end, b""), fixes=(Fix("Unwrap", edits),))

    assert mended(monkeypatch, b"// <a {b} c>", rule) == (b"// a b c", 2)


def test_fixes_of_one_function_do_not_take_the_same_new_name(monkeypatch: pytest.MonkeyPatch):
    def rule(data: bytes) -> Iterator[Diagnostic]:
        at = data.find(b"?")
        while at >= 0:
            function = data[data.rfind(b"@", 0, at) :].partition(b"}")[0]
            name = b"%%s%d" % function.count(b"%s")
            yield finding(at, at + 1, b"%s = f()" % name)
            at = data.find(b"?", at + 1)

    text = b"func.func @f() {\n  ?\n  x\n  ?\n}\nfunc.func @g() {\n  ?\n}\n"
    fixed = b"func.func @f() {\n  %s0 = f()\n  x\n  %s1 = f()\n}\nfunc.func @g() {\n  %s0 = f()\n}\n"
    assert mended(monkeypatch, text, rule) == (fixed, 3)


def test_what_is_not_certain_is_left(monkeypatch: pytest.MonkeyPatch):
    def rule(data: bytes) -> Iterator[Diagnostic]:
        yield from (finding(at, at + 1, b"!", certain=False) for at, byte in enumerate(data) if byte == ord("?"))

    assert mended(monkeypatch, b"// ??", rule) == (b"// ??", 0)


def test_a_fix_that_uncovers_what_another_one_mends_is_worth_it(monkeypatch: pytest.MonkeyPatch):
    def rule(data: bytes) -> Iterator[Diagnostic]:
        yield from every(b"a", b"bcb")(data)
        yield from every(b"b", b"")(data)

    assert mended(monkeypatch, b"// a", rule) == (b"// c", 3)


def test_a_text_with_more_errors_is_never_the_result(monkeypatch: pytest.MonkeyPatch):
    def worse(data: bytes) -> Iterator[Diagnostic]:
        yield from every(b"a", b"b.b")(data)
        yield from (replace(each, fixes=()) for each in every(b"b", b"")(data))

    assert mended(monkeypatch, b"// a", worse) == (b"// a", 0)

    def worse_later(data: bytes) -> Iterator[Diagnostic]:
        yield from every(b"start", b"a")(data)
        yield from worse(data.replace(b"start", b"-----"))

    # The last text that was no worse is the result.
    assert mended(monkeypatch, b"// start", worse_later) == (b"// a", 1)


def test_new_warnings_are_no_errors(monkeypatch: pytest.MonkeyPatch):
    def rule(data: bytes) -> Iterator[Diagnostic]:
        yield from every(b"a", b"b b")(data)
        yield from (replace(each, fixes=(), severity=Severity.WARNING) for each in every(b"b", b"")(data))

    assert mended(monkeypatch, b"// a", rule) == (b"// b b", 1)


def test_a_broken_bracket_is_an_error(monkeypatch: pytest.MonkeyPatch):
    assert mended(monkeypatch, b"func.func @f() { a }", every(b"}", b"} }")) == (b"func.func @f() { a }", 0)


def test_fixes_that_undo_each_other_end(monkeypatch: pytest.MonkeyPatch):
    def rule(data: bytes) -> Iterator[Diagnostic]:
        yield from every(b"a", b"b")(data)
        yield from every(b"b", b"a")(data)

    assert mended(monkeypatch, b"// a", rule) == (b"// b", 1)


def test_fixes_that_never_end_are_ended(monkeypatch: pytest.MonkeyPatch):
    text, count = mended(monkeypatch, b"// a", every(b"a", b" a"))
    assert (text, count) == (b"//" + b" " * (count + 1) + b"a", 100)


def test_the_edits_are_as_small_as_the_fixes(monkeypatch: pytest.MonkeyPatch):
    text = b"// aaaa\n" + b"\n" * 1000 + b"// aa"
    use(monkeypatch, every(b"aa", b"b"))
    fixed = fix_all.fix_all(Workspace(Settings()).open(Document.of("untitled:1", text)))
    assert sum(len(edit.new) + len(edit.span) for edit in fixed.edits.edits) == len("aaaabb" + "aab")


def test_switched_off_checks_fix_nothing():
    settings = Settings(diagnostics=DiagnosticSettings(enabled=False))
    text = """
        func.func private @f() -> ()
        func.func @d() {
          enzyme.fwddiff @f() {activity = [#enzyme<activity enzyme_dup>], ret_activity = []} : () -> ()
          return
        }
    """
    check_fix_all(text, text, settings=settings)


def test_a_value_that_one_fix_defines_serves_the_next():
    check_fix_all(
        before="""
            func.func private @f(f64) -> f64
            func.func @d(%x: f64) -> (f64, f64) {
              %0 = enzyme.autodiff @f(%x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64) -> f64
              %1 = enzyme.autodiff @f(%x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64) -> f64
              return %0, %1 : f64, f64
            }
        """,
        after="""
            func.func private @f(f64) -> f64
            func.func @d(%x: f64) -> (f64, f64) {
              %seed = arith.constant 1.0 : f64
              %0 = enzyme.autodiff @f(%x, %seed) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
              %1 = enzyme.autodiff @f(%x, %seed) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
              return %0, %1 : f64, f64
            }
        """,
    )
