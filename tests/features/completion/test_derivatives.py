"""Completion around differentiation ops: whole ones, callees, operands, activities, attributes."""

from __future__ import annotations

from tests.fixture import check_completion

SQUARE = """
        func.func @scale(%x: f64, %n: i32) -> f64 {
          return %x : f64
        }
        func.func private @names(i32) -> i32"""


def test_a_whole_operation_for_a_callee() -> None:
    check_completion(
        f"""{SQUARE}
        func.func @d(%x: f64, %seed: f64, %k: i32) -> f64 {{
          %0 = enzyme.autodiff @<|>
          return %x : f64
        }}
        """,
        """
    @scale(...)  derivative  gives the gradient of argument 0 (%x)
      writes @scale({%x}, {%k}, {%seed}) {activity = [#enzyme<activity {enzyme_active}>, #enzyme<activity {enzyme_const}>], ret_activity = [#enzyme<activity {enzyme_activenoneed}>]} : (f64, i32, f64) -> {f64}
    @scale  function  (f64, i32) -> f64
    @names  function  (i32) -> i32
    @d  function  (f64, f64, i32) -> f64
""",
    )


def test_what_follows_a_callee() -> None:
    check_completion(
        f"""{SQUARE}
        func.func @d(%a: f64, %da: f64, %k: i32) -> f64 {{
          enzyme.fwddiff @scale <|>
          return %a : f64
        }}
        """,
        """
    (...)  derivative  gives result 0 of @scale, the tangent of result 0
      writes ({%a}, {%da}, {%k}) {activity = [#enzyme<activity {enzyme_dup}>, #enzyme<activity {enzyme_const}>], ret_activity = [#enzyme<activity {enzyme_dup}>]} : (f64, f64, i32) -> {(f64, f64)}
      makes the line %0:2 = enzyme.fwddiff @scale
""",
    )


def test_a_whole_operation_from_its_name() -> None:
    check_completion(
        f"""{SQUARE}
        func.func @d(%x: f64, %seed: f64, %k: i32) -> f64 {{
          enzyme.auto<|>
          return %x : f64
        }}
        """,
        """
    enzyme.autodiff @scale  derivative  gives the gradient of argument 0 (%x)
      writes {%0} = enzyme.autodiff @scale({%x}, {%k}, {%seed}) {activity = [#enzyme<activity {enzyme_active}>, #enzyme<activity {enzyme_const}>], ret_activity = [#enzyme<activity {enzyme_activenoneed}>]} : (f64, i32, f64) -> {f64}
    enzyme.autodiff  operation  Differentiates a function in reverse mode: seeds of its results go in, gradients of arguments come out
    enzyme.autodiff_region  operation  Differentiates the function in its region in reverse mode
""",
    )


def test_memory_gets_its_shadow() -> None:
    check_completion(
        """
        func.func @fill(%m: memref<4xf64>, %x: f64) {
          return
        }
        func.func @d(%m: memref<4xf64>, %dm: memref<4xf64>, %x: f64) -> f64 {
          %0 = enzyme.autodiff <|>
          return %0 : f64
        }
        """,
        """
    @fill(...)  derivative  gives the gradient of argument 1 (%x)
      writes @fill({%m}, {%dm}, {%x}) {activity = [#enzyme<activity {enzyme_dup}>, #enzyme<activity {enzyme_active}>], ret_activity = []} : (memref<4xf64>, memref<4xf64>, f64) -> {f64}
""",
        most=1,
    )


def test_in_the_spelling_of_the_text() -> None:
    check_completion(
        f"""{SQUARE}
        func.func @d(%x: f64, %dx: f64, %k: i32) -> f64 {{
          %0 = enzyme.fwddiff @scale(%x, %dx, %k) <
            activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_const>],
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (f64, f64, i32) -> f64
          %1 = enzyme.autodiff <|>
          return %0 : f64
        }}
        """,
        """
    @scale(...)  derivative  gives the gradient of argument 0 (%x)
      writes @scale({%x}, {%k}, {%dx}) <activity = [#enzyme.activity<{enzyme_active}>, #enzyme.activity<{enzyme_const}>], ret_activity = [#enzyme.activity<{enzyme_activenoneed}>]> : (f64, i32, f64) -> {f64}
""",
        most=1,
    )


def test_operands_by_their_slots() -> None:
    check_completion(
        f"""{SQUARE}
        func.func @d(%x: f64, %k: i32, %dr: f64, %t: tensor<2xf64>) -> f64 {{
          %0 = enzyme.autodiff @scale(%x, %k, %<|>) {{
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          }} : (f64, i32, f64) -> f64
          return %0 : f64
        }}
        """,
        """
    %dr  value  f64
    %x  value  f64
""",
    )


def test_attributes_that_are_missing() -> None:
    check_completion(
        f"""{SQUARE}
        func.func @d(%x: f64, %k: i32, %dr: f64) -> f64 {{
          %0 = enzyme.autodiff @scale(%x, %k, %dr) {{
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
            <|>
          }} : (f64, i32, f64) -> f64
          return %0 : f64
        }}
        """,
        """
    ret_activity  attribute  required
      writes ret_activity = [#enzyme<activity {enzyme_activenoneed}>]
    width  attribute
      writes width = {2} : i64
    strong_zero  attribute
      writes strong_zero = {true}
    atomic_add  attribute
      writes atomic_add = {true}
""",
    )


def test_attributes_in_braces_that_are_just_opened() -> None:
    check_completion(
        f"""{SQUARE}
        func.func @d(%x: f64, %k: i32, %dr: f64) -> f64 {{
          %0 = enzyme.autodiff @scale(%x, %k, %dr) {{<|>
          return %x : f64
        }}
        """,
        """
    activity  attribute  required
      writes activity = [#enzyme<activity {enzyme_active}>, #enzyme<activity {enzyme_const}>]
    ret_activity  attribute  required
      writes ret_activity = [#enzyme<activity {enzyme_activenoneed}>]
""",
        most=2,
    )


def test_activities_of_an_integer() -> None:
    check_completion(
        f"""{SQUARE}
        func.func @d(%x: f64, %k: i32, %dr: f64) -> f64 {{
          %0 = enzyme.autodiff @scale(%x, %k, %dr) {{
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity <|>>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          }} : (f64, i32, f64) -> f64
          return %0 : f64
        }}
        """,
        """
    enzyme_const  word  argument 1 (%n): i32
    enzyme_active  word  not usual for i32
    enzyme_dup  word  not usual for i32
    enzyme_dupnoneed  word  not usual for i32
    enzyme_activenoneed  word  not usual for i32
    enzyme_constnoneed  word  not usual for i32
""",
    )


def test_whole_activities_in_a_list() -> None:
    check_completion(
        f"""{SQUARE}
        func.func @d(%x: f64, %dx: f64, %k: i32) -> f64 {{
          %0 = enzyme.fwddiff @scale(%x, %dx, %k) {{
            activity = [#enzyme<activity enzyme_dup>, <|>],
            ret_activity = [#enzyme<activity enzyme_dup>]
          }} : (f64, f64, i32) -> (f64, f64)
          return %x : f64
        }}
        """,
        """
    #enzyme<activity enzyme_const>  word  argument 1 (%n): i32
    #enzyme<activity enzyme_dup>  word  argument 1 (%n): i32
    #enzyme<activity enzyme_dupnoneed>  word  not usual for i32
""",
        most=3,
    )


def test_widths() -> None:
    check_completion(
        f"""{SQUARE}
        func.func @d(%x: f64, %dx: f64, %k: i32) -> f64 {{
          %0 = enzyme.fwddiff @scale(%x, %dx, %k) {{
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_dup>], width = <|>
          }} : (f64, f64, i32) -> (f64, f64)
          return %x : f64
        }}
        """,
        """
    2 : i64  word
    4 : i64  word
    8 : i64  word
""",
    )


def test_result_types_by_the_calling_convention() -> None:
    check_completion(
        f"""{SQUARE}
        func.func @d(%x: f64, %dx: f64, %k: i32) -> f64 {{
          %0:2 = enzyme.fwddiff @scale(%x, %dx, %k) {{
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_dup>]
          }} : (f64, f64, i32) -> <|>
          return %x : f64
        }}
        """,
        """
    (f64, f64)  type  due here
    f64  type
""",
        most=2,
    )
