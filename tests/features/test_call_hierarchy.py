"""Call hierarchy: edges of every sort, what their items say, sections, modules and files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enzyme_lsp.features import call_hierarchy
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.library import Library
from enzyme_lsp.workspace.snapshot import Outdated
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_calls
from tests.samples import SAMPLES


def test_calls_and_who_calls():
    check_calls("""
        func.func @leaf(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @mid<|>dle(%x: f64) -> f64 {
        //        ^^^^^^^ item: (f64) -> f64
          %0 = func.call @leaf(%x) : (f64) -> f64
          //             ^^^^^ out leaf: (f64) -> f64
          %1 = call @leaf(%0) : (f64) -> f64
          //        ^^^^^ out leaf: (f64) -> f64
          %2 = call @middle(%1) : (f64) -> f64
          //        ^^^^^^^ in middle: (f64) -> f64
          //        ^^^^^^^ out middle: (f64) -> f64
          return %2 : f64
        }
        func.func @top(%x: f64) -> f64 {
          %0 = call @middle(%x) : (f64) -> f64
          //        ^^^^^^^ in top: (f64) -> f64
          return %0 : f64
        }
    """)


def test_differentiating_is_an_edge_and_says_so():
    check_calls("""
        func.func @square(%x: f64) -> f64 {
        //        ^^^^^^^ item: (f64) -> f64
          %0 = arith.mulf %x, %x : f64
          return %0 : f64
        }
        func.func @d(%x: f64, %t: tensor<2xf64>) -> f64 {
          %0 = func.call @square(%x) : (f64) -> f64
          //             ^^^^^^^ in d: (f64, tensor<2xf64>) -> f64
          %1 = enzyme.autodiff @squ<|>are(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          //                   ^^^^^^^ in d: differentiates it in reverse mode with enzyme.autodiff: (f64, tensor<2xf64>) -> f64
          %2 = enzyme.fwddiff @square(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                  ^^^^^^^ in d: differentiates it in forward mode with enzyme.fwddiff: (f64, tensor<2xf64>) -> f64
          %3 = enzyme.jacobian @square(%x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_active>]} : (f64) -> f64
          //                   ^^^^^^^ in d: differentiates it to its Jacobian with enzyme.jacobian: (f64, tensor<2xf64>) -> f64
          %4 = enzyme.batch @square(%t) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> tensor<2xf64>
          //                ^^^^^^^ in d: batches it with enzyme.batch: (f64, tensor<2xf64>) -> f64
          %5 = func.constant @square : (f64) -> f64
          //                 ^^^^^^^ in d: names it with func.constant: (f64, tensor<2xf64>) -> f64
          return %0 : f64
        }
    """)


def test_the_generic_form_is_an_edge_too():
    check_calls("""
        "func.func"() <{function_type = (f64) -> f64, sym_name = "f"}> ({
        //                                                       ^^^ item: (f64) -> f64
        ^bb0(%x: f64):
          "func.return"(%x) : (f64) -> ()
        }) : () -> ()
        "func.func"() <{function_type = (f64) -> f64, sym_name = "d"}> ({
        ^bb0(%x: f64):
          %0 = "func.call"(%x) <{callee = @f}> : (f64) -> f64
          //                              ^^ in d: (f64) -> f64
          %1 = "enzyme.fw<|>ddiff"(%x, %x) <{activity = [#enzyme<activity enzyme_dup>], fn = @f, ret_activity = [#enzyme<activity enzyme_dupnoneed>]}> : (f64, f64) -> f64
          //                                                                              ^^ in d: differentiates it in forward mode with enzyme.fwddiff: (f64) -> f64
          "func.return"(%0) : (f64) -> ()
        }) : () -> ()
    """)


def test_what_a_function_calls():
    check_calls("""
        llvm.func @puts(!llvm.ptr) -> i32
        llvm.mlir.global internal constant @text("x")
        func.func private @square(f64) -> f64
        llvm.func @ma<|>in(%x: f64) {
        //        ^^^^^ item: (f64) -> ()
          %0 = llvm.mlir.addressof @text : !llvm.ptr
          %1 = llvm.call @puts(%0) : (!llvm.ptr) -> i32
          //             ^^^^^ out puts: (!llvm.ptr) -> i32
          %2 = enzyme.autodiff @square(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          //                   ^^^^^^^ out square: differentiated in reverse mode by enzyme.autodiff: (f64) -> f64
          %3 = llvm.mlir.addressof @puts : !llvm.ptr
          //                       ^^^^^ out puts: named by llvm.mlir.addressof: (!llvm.ptr) -> i32
          %4 = func.call @missing(%x) : (f64) -> f64
          enzymexla.kernel_call @puts (%0) : (!llvm.ptr) -> ()
          //                    ^^^^^ out puts: called by enzymexla.kernel_call: (!llvm.ptr) -> i32
          llvm.return
        }
    """)


def test_kernels_in_modules_are_called_by_their_path():
    check_calls("""
        module {
          gpu.module @device {
            gpu.func @ker<|>nel(%x: f32) kernel {
            //       ^^^^^^^ item: (f32) -> ()
              gpu.return
            }
          }
          func.func @host(%n: index, %x: f32) {
            gpu.launch_func @device::@kernel blocks in (%n, %n, %n) threads in (%n, %n, %n) args(%x : f32)
            //                       ^^^^^^^ in host: names it with gpu.launch_func: (index, f32) -> ()
            return
          }
        }
    """)


def test_a_section_is_a_world_of_its_own():
    check_calls("""
        func.func @f() {
        //        ^^ item: () -> ()
          return
        }
        func.func @g() {
          call @<|>f() : () -> ()
          //   ^^ in g: () -> ()
          return
        }
        // -----
        func.func @f() {
          return
        }
        func.func @h() {
          call @f() : () -> ()
          return
        }
    """)


def test_a_name_at_the_top_is_named_by_its_operation():
    check_calls("""
        llvm.func @begin<|>() {
        //        ^^^^^^ item: () -> ()
          llvm.return
        }
        llvm.mlir.global_ctors ctors = [@begin], priorities = [0 : i32], data = [#llvm.zero]
        //                              ^^^^^^ in llvm.mlir.global_ctors: names it with llvm.mlir.global_ctors
        llvm.mlir.alias external @start : !llvm.func<void ()> {
          %0 = llvm.mlir.addressof @begin : !llvm.ptr
          //                       ^^^^^^ in start: names it with llvm.mlir.addressof
          llvm.return %0 : !llvm.ptr
        }
    """)


def test_a_declaration_leads_to_the_definitions_of_other_files():
    check_calls("""
        //- /project/main.mlir
        func.func private @square(f64) -> f64
        func.func @main(%x: f64) -> f64 {
          %0 = call @squ<|>are(%x) : (f64) -> f64
          //        ^^^^^^^ in main: (f64) -> f64
          return %0 : f64
        }
        //- /project/lib/square.mlir
        module @lib {
          func.func @square(%x: f64) -> f64 {
          //        ^^^^^^^ item: @lib (f64) -> f64
            %0 = func.call @helper(%x) : (f64) -> f64
            //             ^^^^^^^ out helper: (f64) -> f64
            return %0 : f64
          }
          func.func @helper(%x: f64) -> f64 {
            return %x : f64
          }
        }
        //- /other/declares.mlir
        func.func private @square(f64) -> f64
        func.func @user(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @square(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                  ^^^^^^^ in user: differentiates it in forward mode with enzyme.fwddiff: (f64) -> f64
          return %0 : f64
        }
        //- /other/defines_its_own.mlir
        func.func @unrelated(%x: f64) -> f64 {
          return %x : f64
        }
    """)


def test_the_callee_in_another_file_is_the_one_defined_there():
    check_calls("""
        //- /main.mlir
        func.func private @square(f64) -> f64
        func.func private @unknown()
        func.func @ma<|>in(%x: f64) -> f64 {
        //        ^^^^^ item: (f64) -> f64
          %0 = enzyme.autodiff @square(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          //                   ^^^^^^^ out square of /é/square.mlir: differentiated in reverse mode by enzyme.autodiff: (f64) -> f64
          call @unknown() : () -> ()
          //   ^^^^^^^^ out unknown: () -> ()
          return %0 : f64
        }
        //- /é/square.mlir
        func.func @square(%x: f64) -> f64 {
          return %x : f64
        }
    """)


def test_a_broken_function_breaks_no_other():
    check_calls("""
        func.func @f(%x: f64) -> f64 {
        //        ^^ item: (f64) -> f64
          return %x : f64
        }
        func.func @broken(%x: f64 -> f64 {
          %0 = call @f(%x : (f64) -> f64
          //        ^^ in broken
        func.func @g(%x: f64) -> f64 {
          %0 = call @<|>f(%x) : (f64) -> f64
          //        ^^ in g: (f64) -> f64
          return %0 : f64
        }
    """)


@pytest.mark.parametrize(
    "text",
    [
        "%<|>x",
        "module @<|>m {\n}",
        "func.func @f(%x: f<|>64)",
        "func.func @f() {\n  call @<|>missing() : () -> ()\n}",
        "<|>",
        "#ma<|>p = 1",
    ],
)
def test_what_is_no_function_has_no_calls(text: str):
    check_calls(text)


def opened(*texts: str) -> tuple[Workspace, Library]:
    workspace = Workspace(Settings())
    for number, text in enumerate(texts):
        workspace.open(Document.of(f"file:///{number}.mlir", text))
    return workspace, Library(workspace)


TWICE = """\
func.func @f() { return }
// -----
func.func @f() { return }
func.func @g() {
  call @f() : () -> ()
  return
}
"""


def test_an_item_is_found_again_when_the_text_has_moved():
    workspace, library = opened(TWICE)
    second = TWICE.rindex("@f() {")
    (call,) = call_hierarchy.incoming(library, "file:///0.mlir", "f", second)
    workspace.open(Document.of("file:///0.mlir", "// one more line\n" + TWICE))
    (moved,) = call_hierarchy.incoming(library, "file:///0.mlir", "f", second)
    assert (moved.item.name, moved.item.start) == (call.item.name, call.item.start + len("// one more line\n"))
    assert call_hierarchy.incoming(library, "file:///0.mlir", "f", 0) == ()


def test_an_item_that_is_gone_has_no_calls():
    _, library = opened(TWICE)
    for uri, name in (("file:///0.mlir", "gone"), ("file:///nowhere.mlir", "f"), ("untitled:1", "f")):
        assert call_hierarchy.incoming(library, uri, name, 0) == ()
        assert call_hierarchy.outgoing(library, uri, name, 0) == ()


def test_an_edit_ends_the_search():
    workspace, _ = opened(TWICE)
    snapshot = workspace.get("file:///0.mlir")
    assert snapshot is not None
    workspace.close("file:///0.mlir")

    for ask in (call_hierarchy.incoming, call_hierarchy.outgoing):
        with pytest.raises(Outdated):
            ask(call_hierarchy.alone(snapshot), "file:///0.mlir", "f", 0)


@given(st.sampled_from(SAMPLES), st.data())
def test_any_place_of_any_text_can_be_asked(sample: bytes, data: st.DataObject):
    start = data.draw(st.integers(0, len(sample)))
    end = data.draw(st.integers(start, min(start + 40, len(sample))))
    text = sample[:start] + sample[end:]
    snapshot = Workspace(Settings()).open(Document.of("file:///a.mlir", text))
    for offset in data.draw(st.lists(st.integers(0, len(text)), max_size=8)):
        for calls in call_hierarchy.whole(snapshot, offset):
            for call in calls:
                assert call.spans
                assert all(span.of(text).startswith(b"@") for span in call.spans)


@pytest.mark.parametrize("sample", SAMPLES)
def test_edges_are_the_same_from_both_ends(sample: bytes):
    """Whom a function calls is called by it, at the same places."""
    snapshot = Workspace(Settings()).open(Document.of("file:///a.mlir", sample))
    library = call_hierarchy.alone(snapshot)
    items = {
        (item.name, item.start)
        for offset in range(len(sample))
        if sample[offset : offset + 1] == b"@"
        for item in call_hierarchy.prepare(library, snapshot, offset)
    }
    out: set[tuple[object, ...]] = set()
    back: set[tuple[object, ...]] = set()
    for name, start in items:
        for call in call_hierarchy.outgoing(library, snapshot.uri, name, start):
            out |= {(name, start, call.item.name, call.item.start, span) for span in call.spans}
        for call in call_hierarchy.incoming(library, snapshot.uri, name, start):
            back |= {(call.item.name, call.item.start, name, start, span) for span in call.spans}
    assert out == back
