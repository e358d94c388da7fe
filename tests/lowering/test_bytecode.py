"""Bytecode: what it keeps, what it says of what it cannot keep, and that nothing hostile does more than be refused."""

from __future__ import annotations

import base64
import random
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.dialect.ops import OPS
from enzyme_lsp.dialect.spelling.plain import plain
from enzyme_lsp.engines.api import NOBODY, TO_TEXT, Answer, Outcome, Request
from enzyme_lsp.engines.interpreters import Missing
from enzyme_lsp.engines.pool import Lane, Pool
from enzyme_lsp.lowering import bytecode
from enzyme_lsp.lowering.bytecode import NotConvertedError
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.syntax.binary import MAGIC, external_resources
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.syntax.parse import parse
from tests.dialect.test_ops import asked, module
from tests.engines import scripted
from tests.judges import EngineThread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


SETTINGS = Settings()


class Converters(EngineThread):
    """Those who convert, to ask and wait for."""

    async def _made(self) -> Pool:
        return bytecode.converters(Settings(engine=self._settings))

    def bytes(self, text: str | bytes, engine: Pool | None = None) -> bytes:
        data = text if isinstance(text, bytes) else text.encode()
        return self.wait(bytecode.bytecode(self.pool, data, settings=SETTINGS, engine=engine))

    def text(self, data: bytes) -> str:
        return self.wait(bytecode.text(self.pool, data, settings=SETTINGS))


@pytest.fixture(scope="module")
def converters(upstream: EngineThread) -> Iterator[Converters]:
    """Upstream MLIR, where it is installed."""
    del upstream
    with Converters(EngineSettings(workers=1)) as made:
        yield made


@pytest.fixture
def acting() -> Iterator[Converters]:
    """One that does as its text says."""
    command = scripted.command()
    with Converters(EngineSettings(kind="command", command=command, workers=1)) as made:
        yield made


def check(converters: Converters, before: str, after: str) -> None:
    """A text as bytecode says what another text says, from which the same bytecode is made."""
    data = converters.bytes(before)
    assert data.startswith(MAGIC)
    assert converters.text(data) == after
    assert converters.bytes(after) == data


CUSTOM = """\
func.func @d(%x: f64, %dx: f64) -> f64 {
  %0 = enzyme.fwddiff @f(%x, %dx) ATTRIBUTES : (f64, f64) -> f64
  return %0 : f64
}
"""
KEPT = """\
module {
  func.func @d(%arg0: f64, %arg1: f64) -> f64 {
    %0 = "enzyme.fwddiff"(%arg0, %arg1) {ATTRIBUTES} : (f64, f64) -> f64
    return %0 : f64
  }
}
"""


@pytest.mark.parametrize("spelling", ["classic", "strict"])
def test_operations_of_enzyme_are_kept_in_the_spelling_of_the_text(converters: Converters, spelling: str) -> None:
    activity = {"classic": "#enzyme<activity {}>", "strict": "#enzyme.activity<{}>"}[spelling]
    dup, noneed = activity.format("enzyme_dup"), activity.format("enzyme_dupnoneed")
    inside = f"activity = [{dup}], ret_activity = [{noneed}], width = 2 : i64"
    brackets = "{%s}" if spelling == "classic" else "<%s>"
    kept = f"activity = [{dup}], fn = @f, ret_activity = [{noneed}], width = 2 : i64"
    check(converters, CUSTOM.replace("ATTRIBUTES", brackets % inside), KEPT.replace("ATTRIBUTES", kept))


def test_properties_of_an_unknown_operation_are_attributes(converters: Converters) -> None:
    check(
        converters,
        '"a.b"() <{c = 1 : i64}> ({\n  "a.end"() <{d}> : () -> ()\n}) {e} : () -> ()',
        'module {\n  "a.b"() ({\n    "a.end"() {d} : () -> ()\n  }) {c = 1 : i64, e} : () -> ()\n}\n',
    )


def test_places_are_those_that_the_text_records(converters: Converters) -> None:
    check(
        converters,
        'func.func @f(%x: f64 loc("x"), %y: f64) {\n  return loc("a.py":3:4)\n}',
        '#loc1 = loc("x")\nmodule {\n  func.func @f(%x: f64 loc("x"), %arg1: f64) {\n    return loc(#loc2)\n  }\n}\n'
        '#loc2 = loc("a.py":3:4)\n',
    )


def test_places_in_a_text_without_a_name_are_kept_where_they_are_recorded(converters: Converters) -> None:
    check(
        converters,
        'module {\n  "a.b"() {l = loc(unknown), s = " loc(unknown)"} : () -> () loc("-":2:3)\n'
        '  "a.c"() : () -> ()\n} loc("-":0:0)',
        '#loc2 = loc(unknown)\nmodule {\n  "a.b"() {l = #loc2, s = " loc(unknown)"} : () -> () loc(#loc1)\n'
        '  "a.c"() : () -> ()\n} loc(#loc)\n#loc = loc("-":0:0)\n#loc1 = loc("-":2:3)\n',
    )


def test_an_unknown_place_within_another_is_kept(converters: Converters) -> None:
    text = converters.text(converters.bytes('"a.b"() : () -> () loc(callsite(unknown at "x"))'))
    assert "callsite(unknown at" in text or "callsite(#loc" in text
    assert converters.text(converters.bytes(text)) == text


def test_resources_are_kept_under_their_names(converters: Converters) -> None:
    blob = '"0x08000000010000000000000002000000000000000300000000000000"'
    text = (
        'module {\n  "a.b"() {v = dense_resource<blob> : tensor<3xi64>} : () -> ()\n}\n\n'
        f"{{-#\n  dialect_resources: {{\n    builtin: {{\n      blob: {blob}\n    }}\n  }}\n#-}}\n"
    )
    for _ in range(2):
        check(converters, text, text)


def test_flags_that_the_portable_version_has_no_place_for(converters: Converters) -> None:
    text = (
        "module {\n  llvm.func @f(%arg0: !llvm.ptr) {\n"
        "    %0 = llvm.getelementptr inbounds %arg0[1] : (!llvm.ptr) -> !llvm.ptr, i8\n    llvm.return\n  }\n}\n"
    )
    check(converters, text, text)
    assert converters.bytes(text)[4] >> 1 > bytecode.VERSION
    assert converters.bytes(text.replace("inbounds ", ""))[4] >> 1 == bytecode.VERSION


def test_what_mlir_itself_would_lose(converters: Converters) -> None:
    """Two attributes that are distinct where they are read are one in the text."""
    text = (
        "#domain = #llvm.alias_scope_domain<id = distinct[0]<>>\n"
        "#one = #llvm.alias_scope<id = distinct[1]<>, domain = #domain>\n"
        "#two = #llvm.alias_scope<id = distinct[2]<>, domain = #domain>\n"
        "llvm.func @f(%p: !llvm.ptr) {\n"
        "  %0 = llvm.load %p {alias_scopes = [#one], noalias_scopes = [#two]} : !llvm.ptr -> i32\n  llvm.return\n}\n"
    )
    with pytest.raises(NotConvertedError, match="what MLIR writes of this module it reads as another one"):
        converters.bytes(text)


def test_an_empty_text(converters: Converters) -> None:
    check(converters, "", "module {\n}\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(
            "module {}\n// -----\nmodule {}\n",
            "bytecode holds one module, and here are 2, between lines `// -----`: please remove those",
            id="sections",
        ),
        pytest.param(
            "module {}\n{-#\n  external_resources: { a: { b: true } }\n#-}\n",
            "MLIR's bindings do not write external_resources, which would be lost: please remove them",
            id="external resources",
        ),
        pytest.param("\nfunc.func @f() {", "line 2: expected operation name in quotes", id="broken"),
        pytest.param(
            '"a.b"() : () -> ()\na.c\n',
            "line 2: Dialect `a' not found for custom op 'a.c'; of a dialect that it does not have, MLIR keeps what"
            " is in generic form",
            id="unknown",
        ),
        pytest.param(
            "func.func @f(%x: f64) {\n  %0 = enzyme.autodiff @f(%x) {\n  return\n}\n",
            "line 2: Dialect `enzyme' not found for custom op 'enzyme.autodiff'; of a dialect that it does not have,"
            " MLIR keeps what is in generic form",
            id="a broken operation of Enzyme",
        ),
    ],
)
def test_what_cannot_be_written(converters: Converters, text: str, reason: str) -> None:
    with pytest.raises(NotConvertedError) as caught:
        converters.bytes(text)
    assert str(caught.value) == reason


def test_bytes_that_are_no_text(acting: Converters) -> None:
    with pytest.raises(NotConvertedError, match=r"^it is not UTF-8 at byte 3$"):
        acting.bytes(b'// \xff "\xff"')


def test_what_is_cut_off(converters: Converters) -> None:
    data = converters.bytes(KEPT.replace("ATTRIBUTES", "a"))
    for end in range(len(MAGIC), len(data), 11):
        with pytest.raises(NotConvertedError, match=r"MLIR \d+\.\d+\.\d+ (cannot read it|crashes on it): "):
            converters.text(data[:end])


def test_what_is_damaged(converters: Converters) -> None:
    """It is read as something else, refused, or costs a process; the next one is read as if nothing had been."""
    draw, data = random.Random(7), converters.bytes(KEPT.replace("ATTRIBUTES", "a = #enzyme<activity enzyme_dup>"))
    text = converters.text(data)
    for _ in range(40):
        damaged = bytearray(data)
        for _ in range(draw.choice((1, 1, 2, 8))):
            damaged[draw.randrange(len(MAGIC), len(data))] = draw.choice((0, 255, 127, draw.randrange(256)))
        with suppress(NotConvertedError):
            converters.text(bytes(damaged))
    assert converters.text(data) == text


# What mlir-opt 22.1.8 makes of a module with two groups of external resources.
EXTERNAL = base64.b64decode(
    "TUzvUg1NTElSMjIuMS44AAENAwEDAQMHAw0FAQEFEwsCDRcDAwMFBQQXBQFQAQEHBAcDAQEGHQUJBQsDAg0DAQ8DEQ8AhRMRBwERA8vLy8sBAN"
    "ETBQ0ZEyEpHQ8RYnVpbHRpbgBtb2R1bGUAL3RtcC9leHQubWxpcgBidWlsdGluLm1vZHVsZShjc2UpAG1saXJfcmVwcm9kdWNlcgBwaXBlbGlu"
    "ZQB2ZXJpZnlfZWFjaABvdGhlcgB4AAgJAwUBAQ=="
)


def test_resources_that_the_bindings_do_not_give(converters: Converters) -> None:
    assert converters.text(EXTERNAL).partition("\n")[0] == (
        "// external_resources are not in this text, and lost when it is saved: mlir_reproducer, other"
    )


def test_resources_of_any_bytes() -> None:
    draw = random.Random(3)
    assert external_resources(EXTERNAL) == ("mlir_reproducer", "other")
    for _ in range(1_000):
        damaged = bytearray(EXTERNAL)
        for _ in range(draw.choice((1, 2, 8))):
            damaged[draw.randrange(len(MAGIC), len(damaged))] = draw.randrange(256)
        external_resources(bytes(damaged[: draw.randrange(len(damaged) + 1)]))


def test_dialects_that_only_the_engine_knows(converters: Converters, classic: EngineThread) -> None:
    del classic  # Pools live in a loop, and this one must be in that of the converters.
    text = 'func.func @f(%a: tensor<2xf32>) {\n  %0 = stablehlo.add %a, %a : tensor<2xf32> loc("x")\n  return\n}\n'
    engine = Pool.create(EngineSettings(kind="enzyme-ad", workers=1))
    try:
        shown = converters.text(converters.bytes(text, engine))
        assert '%x = "stablehlo.add"(%arg0, %arg0) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32> loc(#loc' in shown
        assert ' = loc("x")' in shown
        assert "return\n" in shown
        with pytest.raises(NotConvertedError) as caught:
            converters.bytes(text.replace("stablehlo", "stablehalo"), engine)
    finally:
        converters.wait(engine.close())
    assert str(caught.value) == (
        "line 2: Dialect `stablehalo' not found for custom op 'stablehalo.add'; enzyme-ad 0.0.15 says line 2: Dialect"
        " `stablehalo' not found for custom op 'stablehalo.add'"
    )


def test_a_program_reads_what_upstream_mlir_does_not(acting: Converters) -> None:
    data = MAGIC + b"// scripted: error no\n"
    settings = replace(SETTINGS, engine=EngineSettings(kind="program", program=("mine-opt",)))

    class Program(Pool):
        async def run(self, request: Request, *, lane: Lane = Lane.INTERACTIVE) -> Answer:
            del lane
            assert request.bytecode_version == TO_TEXT
            return Answer(Outcome.ACCEPTED, (), "its text\n", "", NOBODY, 0.0)

    async def find() -> Missing:
        return Missing("not asked")

    mine = Program(settings.engine, find=find)
    assert acting.wait(bytecode.text(acting.pool, data, settings=settings, engine=mine)) == "its text\n"
    with pytest.raises(NotConvertedError, match=r"^scripted 1 cannot read it: no$"):
        acting.wait(bytecode.text(acting.pool, data, settings=SETTINGS, engine=mine))


@pytest.mark.parametrize("length", [0, 1, 9, 1_000])
def test_what_is_no_bytecode_behind_its_mark(converters: Converters, length: int) -> None:
    with pytest.raises(NotConvertedError):
        converters.text(MAGIC + random.Random(length).randbytes(length))


def test_a_crash_is_one_sentence(acting: Converters) -> None:
    with pytest.raises(NotConvertedError, match=r"^scripted 1 crashes on it: SIGSEGV$"):
        acting.text(MAGIC + b"// scripted: segfault\n")
    with pytest.raises(NotConvertedError, match=r"^scripted 1 crashes on it: SIGABRT$"):
        acting.bytes("// scripted: abort\n")
    assert acting.text(MAGIC + b"module {}\n") == "module {}\n"


def test_an_engine_without_bytecode(classic: EngineThread) -> None:
    for version in (TO_TEXT, bytecode.VERSION):
        answer = classic.wait(classic.pool.run(Request(b"", bytecode_version=version)))
        assert answer.outcome is Outcome.REJECTED
        assert [one.message for one in answer.problems] == ["enzyme-ad has no bytecode"]


def test_a_deadline(acting: Converters) -> None:
    settings = Settings(lowering=type(SETTINGS.lowering)(deadline_s=0.2))
    with pytest.raises(NotConvertedError, match=r"^no answer in 0\.2 s$"):
        acting.wait(bytecode.text(acting.pool, MAGIC + b"// scripted: hang\n", settings=settings))


def test_what_is_too_large(acting: Converters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bytecode, "MOST_BYTES", 3 << 20)
    with pytest.raises(NotConvertedError, match=r"^it has more than 128 MB, which is the most that is converted$"):
        acting.bytes(b"\n" * (4 << 20))


def test_without_the_bindings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enzyme_lsp.engines.upstream.client.ON_PATH", ())
    monkeypatch.setattr("enzyme_lsp.engines.upstream.client.sys.executable", str(tmp_path / "none"))
    with (
        Converters(EngineSettings(workers=1)) as none,
        pytest.raises(NotConvertedError, match=r'pip install "enzyme-lsp\[mlir\]"'),
    ):
        none.text(MAGIC)


@pytest.mark.parametrize("spelling", ["classic", "strict"])
def test_every_operation_comes_back_and_is_read_by_the_real_enzyme(
    converters: Converters, spelling: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    engine: EngineThread = request.getfixturevalue(spelling)
    texts = [module(op, op.example_in(strict=spelling == "strict")) for op in OPS.values()]
    read = [text for text in texts if asked(engine, text).outcome is Outcome.ACCEPTED]
    assert len(read) > len(OPS) * 0.9
    text = "\n".join(f"module {{\n{one}\n}}" for one in read)
    data = converters.bytes(text)
    shown = converters.text(data)
    assert names(shown)[1:] == names(text)
    assert converters.bytes(shown) == data
    assert plain(shown.encode(), Layout.of(shown.encode())) == shown.encode()
    file = tmp_path / "file.mlirbc"
    file.write_bytes(data)
    loading = f"transform-preload-library{{transform-library-paths={file}}}"
    assert asked(engine, "module {}", loading).outcome is Outcome.ACCEPTED
    file.write_bytes(data.replace(b"enzyme_dup\0", b"enzyme_dub\0").replace(b"enzyme_dup>", b"enzyme_dub>"))
    assert asked(engine, "module {} // as wrong", loading).outcome is Outcome.REJECTED


def names(text: str) -> list[str]:
    """Those of all operations, those within others behind them, as our own parser reads them."""
    return [one.name.rpartition(".")[2] for one in parse(text.encode()).walk() if one.name]
