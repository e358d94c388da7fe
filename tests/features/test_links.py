"""Links: files that a text names, where they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_links

if TYPE_CHECKING:
    from pathlib import Path


def test_locations(tmp_path: Path):
    check_links(
        """
        //- /sub/test.mlir
        #loc = loc("model.py":3:5)
        //         ^^^^^^^^^^^^^^ sub/model.py:3:5
        "my.op"() : () -> () loc("model.py":1:1 to :2:3)
        //                       ^^^^^^^^^^^^^^ sub/model.py:1:1
        "my.op"() : () -> () loc(callsite("f" at "../lib.py":7:9))
        //                                       ^^^^^^^^^^^^^^^ lib.py:7:9
        "my.op"() {text = "a \\" b", x = "model.py"} : () -> () loc("there_is_none.py":7:9)
        //- /sub/model.py
        import lib
        //- /lib.py
        import jax
        """,
        tmp_path,
    )


def test_a_path_from_the_root_of_the_workspace(tmp_path: Path):
    check_links(
        """
        //- /out/dump.mlir
        "my.op"() : () -> () loc("sub/model.py":7:9)
        //                       ^^^^^^^^^^^^^^^^^^ sub/model.py:7:9
        //- /sub/model.py
        import lib
        """,
        tmp_path,
    )


def test_what_run_lines_read(tmp_path: Path):
    check_links(
        """
        //- /sub/test.mlir
        // RUN: mlir-opt %s --transform-preload-library=%S/Inputs/library.mlir | FileCheck %s
        //                                              ^^^^^^^^^^^^^^^^^^^^^^ sub/Inputs/library.mlir:1:1
        // DEFINE: %{other} = %p/Inputs/none.mlir %S/../up.mlir
        //                                        ^^^^^^^^^^^^^ up.mlir:1:1
        //- /sub/Inputs/library.mlir
        module {
        }
        //- /up.mlir
        module {
        }
        """,
        tmp_path,
    )
