"""Signature help: the slots of a differentiation op and the arguments of a call, while they are typed."""

from __future__ import annotations

from tests.fixture import check_signature

SQUARE = """
        func.func @scale(%x: f64, %n: i32) -> f64 {
          return %x : f64
        }"""


def test_operands_of_a_whole_operation() -> None:
    check_signature(
        f"""{SQUARE}
        func.func @d(%x: f64, %n: i32, %dr: f64) -> f64 {{
          %0 = enzyme.autodiff @scale(%x, <|>%n, %dr) {{
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          }} : (f64, i32, f64) -> f64
          return %0 : f64
        }}
        """,
        """
    enzyme.autodiff @scale(argument 0 (%x) of @scale: f64, <argument 1 (%n) of @scale: i32>, the seed of result 0: f64)
    gives the gradient of argument 0 (%x): f64
""",
    )


def test_operands_that_are_being_typed() -> None:
    check_signature(
        f"""{SQUARE}
        func.func @d(%x: f64, %n: i32, %dr: f64) -> f64 {{
          %0 = enzyme.autodiff @scale(%x, %n, <|>
          return %x : f64
        }}
        """,
        """
    enzyme.autodiff @scale(argument 0 (%x) of @scale: f64, argument 1 (%n) of @scale: i32, <the seed of result 0: f64>)
    gives the gradient of argument 0 (%x): f64
""",
    )


def test_activities() -> None:
    check_signature(
        f"""{SQUARE}
        func.func @d(%x: f64, %dx: f64, %n: i32) -> f64 {{
          %0 = enzyme.fwddiff @scale(%x, %dx, %n) {{
            activity = [#enzyme<activity enzyme_dup>, <|>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          }} : (f64, f64, i32) -> f64
          return %0 : f64
        }}
        """,
        """
    activity of @scale(argument 0 (%x): f64, <argument 1 (%n): i32>)
""",
    )


def test_a_call() -> None:
    check_signature(
        f"""{SQUARE}
        func.func @d(%x: f64, %n: i32) -> f64 {{
          %0 = func.call @scale(%x, %n<|>) : (f64, i32) -> f64
          return %0 : f64
        }}
        """,
        """
    @scale(%x: f64, <%n: i32>)
    gives f64
""",
    )


def test_a_call_that_is_being_typed() -> None:
    check_signature(
        f"""{SQUARE}
        func.func @d(%x: f64, %n: i32) -> f64 {{
          %0 = call @scale(<|>
          return %x : f64
        }}
        """,
        """
    @scale(<%x: f64>, %n: i32)
    gives f64
""",
    )


def test_too_many_operands_have_no_active_one() -> None:
    check_signature(
        f"""{SQUARE}
        func.func @d(%x: f64, %n: i32) -> f64 {{
          %0 = call @scale(%x, %n, %n<|>) : (f64, i32, i32) -> f64
          return %0 : f64
        }}
        """,
        """
    @scale(%x: f64, %n: i32)
    gives f64
""",
    )


def test_elsewhere_there_is_none() -> None:
    check_signature(
        """
        func.func @scale(%x: f64<|>, %n: i32) -> f64 {
          return %x : f64
        }
        """,
        """
    nothing
""",
    )
