"""File symbols: three ways to read a text, of which each gives what the others give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.workspace.file_symbols import FileSymbol, by_lines, file_symbols, laid_out
from tests.samples import SAMPLES


def symbol(text: str, name: str, operation: str, signature: str, *, body: bool, modules: str = "") -> FileSymbol:
    """The symbol whose name is the first word of that kind in the text."""
    start = text.index(name)
    bare = name.removeprefix("@").strip('"')
    return FileSymbol(
        bare.encode(), operation, signature.encode(), body, start, start + len(name.encode()), modules.encode()
    )


ONE = [
    ("func.func private @f(f64) -> f64", "func.func", "(f64) -> f64", False),
    ("func.func @f(%a: f64, %b: f32) {\n  return\n}", "func.func", "(f64, f32) -> ()", True),
    ("func.func @f(%a: f64 {tt.x = 1 : i32}) -> (f64 {x}) {\n  return\n}", "func.func", "(f64) -> f64", True),
    ('func.func @f(%a: f64 {s = ")"}) -> (f32, f64) {\n  return\n}', "func.func", "(f64) -> (f32, f64)", True),
    ("func.func @f(%a: f64,\n    %b: f32)\n    -> f32\n    attributes {a = 1} {\n  return\n}", "func.func",
     "(f64, f32) -> f32", True),
    ("func.func @f(%a: (f64) -> f64, %b: tuple<f32, (i1) -> ()>) {\n  return\n}", "func.func",
     "((f64) -> f64, tuple<f32, (i1) -> ()>) -> ()", True),
    ("func.func @f() -> memref<?xf32, strided<[1]>> {\n  return\n}", "func.func", "() -> memref<?xf32, strided<[1]>>",
     True),
    ("func.func @f() -> (tensor<2xf32, #e>) {\n  return\n}", "func.func", "() -> tensor<2xf32, #e>", True),
    ("func.func @f(%a: f64) { // one\n  // }\n  return\n} // two", "func.func", "(f64) -> ()", True),
    ("func.func @f() {\n  return\n} loc(#loc)", "func.func", "() -> ()", True),
    ("func.func @f() { return }", "func.func", "() -> ()", True),
    ("llvm.func @f(!llvm.ptr, ...) -> !llvm.void", "llvm.func", "(!llvm.ptr, ...) -> ()", False),
    ('llvm.func internal @f(%a: !llvm.ptr {llvm.noundef}) -> i32 attributes {passthrough = ["a", "b"]} {\n  x.y\n}',
     "llvm.func", "(!llvm.ptr) -> i32", True),
    ('llvm.mlir.global internal constant @f("a{b") {addr_space = 0 : i32}', "llvm.mlir.global", "", False),
    ('memref.global "private" @f : memref<4xf32>', "memref.global", "", False),
    ("transform.named_sequence @f(%a: !t.op {transform.readonly}) {\n  transform.yield\n}", "transform.named_sequence",
     "(!t.op) -> ()", True),
    ("func @f(%a: f64) {\n  return\n}", "func", "(f64) -> ()", True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "operation", "signature", "body"), ONE)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_one_symbol(text: str, operation: str, signature: str, *, body: bool, end: str):
    text = text.replace("\n", end) + end
    wanted = symbol(text, "@f", operation, signature, body=body)
    assert file_symbols(text.encode()) == [wanted]
    assert laid_out(Layout.of(text.encode())) == [wanted]


@pytest.mark.parametrize(
    "text",
    [
        """"func.func"() <{function_type = (f64) -> f64, sym_name = "f"}> ({\n^bb0(%x: f64):\n  "a.b"() : () -> ()\n}) : () -> ()\n""",
        """"func.func"() ({\n^bb0(%x: f64):\n  "a.b"() : () -> ()\n}) {function_type = (f64) -> f64, sym_name = "f"} : () -> ()\n""",
    ],
    ids=["properties", "attributes"],
)
def test_the_generic_form(text: str):
    assert file_symbols(text.encode()) == [symbol(text, '"f"', "func.func", "(f64) -> f64", body=True)]


def test_a_generic_declaration():
    text = '"func.func"() <{function_type = (f64) -> f64, sym_name = "f"}> ({\n}) : () -> ()\n'
    assert file_symbols(text.encode()) == [symbol(text, '"f"', "func.func", "(f64) -> f64", body=False)]


MODULES = """\
// RUN: x
#map = affine_map<(d0) -> (d0)>
module @a attributes {x = {y = 1}} {
  gpu.module @b {
    gpu.func @c() kernel {
      func.call @no() : () -> ()
      gpu.return
    }
  }
  module {
    func.func @d() {
      return
    }
  }
  func.func @e() {
  ^bb0:
    cf.br ^bb1
  ^bb1:
    return
  }
}
// -----
func.func @"f g"() {
  return
}
{-#
  dialect_resources: { builtin: { r: "0x01" } }
#-}
"""


def test_modules_and_sections():
    found = file_symbols(MODULES.encode())
    assert [(one.name, one.modules) for one in found] == [
        (b"a", b""), (b"b", b"@a"), (b"c", b"@a::@b"), (b"d", b"@a"), (b"e", b"@a"), (b"f g", b""),
    ]  # fmt: skip
    assert by_lines(MODULES.encode()) == found == laid_out(Layout.of(MODULES.encode()))


def test_symbol_tables_that_are_no_modules():
    text = """\
irdl.dialect @d {
  irdl.operation @o {
    irdl.operands(x: %0)
  }
}
"some.table"() ({
  "some.leaf"() {sym_name = "l"} : () -> ()
}) {sym_name = "t"} : () -> ()
"""
    found = [(one.name, one.modules) for one in file_symbols(text.encode())]
    assert found == [(b"d", b""), (b"o", b"@d"), (b"l", b"@t"), (b"t", b"")]


def test_a_use_defines_nothing():
    text = '%0 = enzyme.autodiff @f(%x) : (f64) -> f64\nfunc.func @g() {\n  call @f() : () -> ()\n}\n"a.b"() {c = @f}'
    assert [one.name for one in file_symbols(text.encode())] == [b"g"]


INDENTED = """\
func.func @f() {
  return
  }
func.func @g() {
    return
    }
"""


def test_an_end_that_is_not_indented_as_its_beginning_hides_nothing():
    assert by_lines(INDENTED.encode()) is None
    assert [one.name for one in file_symbols(INDENTED.encode())] == [b"f", b"g"]


@pytest.mark.parametrize("sample", SAMPLES)
def test_real_texts_are_read_by_lines(sample: bytes):
    found = by_lines(sample)
    assert found is None or found == laid_out(Layout.of(sample))
    assert file_symbols(sample) == laid_out(Layout.of(sample))


def test_most_real_texts_are_read_by_lines():
    assert sum(by_lines(sample) is None for sample in SAMPLES) <= len(SAMPLES) // 4


comments = st.sampled_from(["", "// CHECK: scf.for {\n", "// }\n", '// "\n', "\n"])
types = st.sampled_from(["f64", "memref<?x3xf32, 1>", "tensor<2x!a.b<c>>", "(f32) -> f32", "!llvm.struct<(f32, i1)>"])


@st.composite
def operations(draw: st.DrawFn, indent: str = "") -> str:
    """An operation as printers write it, with comments as people do."""
    name = draw(st.from_regex(r"[a-z_]{1,5}", fullmatch=True))
    kind = draw(st.sampled_from(["declared", "defined", "global", "used", "module"]))
    written = ", ".join(draw(st.lists(types, max_size=3)))
    given_ = draw(st.sampled_from(["", " -> f32", " -> (f32, f64)", " -> (f32 {a = 1})", " -> ()"]))
    match kind:
        case "declared":
            text = f"func.func private @{name}({written}){given_}\n"
        case "global":
            text = f'llvm.mlir.global internal @{name}("x") : !llvm.array<1 x i8>\n'
        case "used":
            text = f'%{name}:2 = "a.b"() {{c = @{name}, d = "}}"}} : () -> (f32, f32)\n'
        case "module":
            inside = "".join(draw(st.lists(operations(indent=indent + "  "), max_size=2)))
            text = f"module @{name} {{\n{inside}{indent}}}\n"
        case _:
            inner = draw(comments)
            text = (
                f"func.func @{name}({written}){given_} attributes {{a.b = [1]}} {{\n{indent}  %0 = scf.if %c {{\n"
                f"{indent}    call @{name}() : () -> ()\n{indent + inner if inner else ''}{indent}  }}\n"
                f"{indent}  return\n{indent}}}\n"
            )
    return draw(comments) + indent + text


@given(st.lists(operations(), max_size=5).map("".join))
def test_text_as_it_is_usually_written_is_read_by_lines_as_by_pieces(text: str):
    found = by_lines(text.encode())
    assert found is None or found == laid_out(Layout.of(text.encode()))
    assert file_symbols(text.encode()) == laid_out(Layout.of(text.encode()))


@given(st.binary() | st.text('func.@g(){}\n"/ -%x=<>:é\r').map(str.encode))
def test_any_bytes_can_be_read(text: bytes):
    for one in file_symbols(text):
        assert text[one.start : one.end].strip(b'@"') == one.name.strip(b'@"')
        assert b"\n" not in one.name


@given(st.sampled_from(SAMPLES), st.data())
def test_text_with_a_hole_can_be_read(sample: bytes, data: st.DataObject):
    start = data.draw(st.integers(0, len(sample)))
    end = data.draw(st.integers(start, min(start + 60, len(sample))))
    text = sample[:start] + sample[end:]
    for one in file_symbols(text):
        assert text[one.start : one.end].strip(b'@"') == one.name.strip(b'@"')
