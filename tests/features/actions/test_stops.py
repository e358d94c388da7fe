"""Where users are led through what an action has written: names that it made up, and numbers that it chose."""

from __future__ import annotations

from tests.fixture import check_stops

SQUARE = """
    func.func @square<|>(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
"""


def test_the_name_of_a_derivative():
    check_stops(
        "reverse",
        SQUARE,
        """
    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }

    func.func @${1:grad_square}(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @square(%x, %dr) {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
""",
    )


def test_the_second_derivative_names_the_first():
    check_stops(
        "hvp",
        SQUARE,
        """
    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }

    func.func @${1:grad_square}(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @square(%x, %dr) {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }

    // @${1:grad_square} takes a derivative in reverse mode, which can be differentiated with the option postpasses="canonicalize,remove-unnecessary-enzyme-ops,canonicalize" of the pass enzyme only.
    func.func @${2:hvp_square}(%x: f64, %vx: f64, %dr: f64) -> f64 {
      %0 = enzyme.fwddiff @${1:grad_square}(%x, %vx, %dr) {
        activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64, f64) -> f64
      return %0 : f64
    }
""",
    )


def test_a_width_and_the_types_that_follow_from_it():
    check_stops(
        "forward.directions",
        """
        func.func @f<|>(%x: tensor<2xf64>) -> tensor<2xf64> {
          return %x : tensor<2xf64>
        }
        """,
        """
        func.func @f(%x: tensor<2xf64>) -> tensor<2xf64> {
          return %x : tensor<2xf64>
        }

        func.func @${1:jvps_f}(%x: tensor<2xf64>, %dx: tensor<${2:2}x2xf64>) -> (tensor<2xf64>, tensor<${2:2}x2xf64>) {
          %0:2 = enzyme.fwddiff @f(%x, %dx) {
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dup>],
            width = ${2:2} : i64
          } : (tensor<2xf64>, tensor<${2:2}x2xf64>) -> (tensor<2xf64>, tensor<${2:2}x2xf64>)
          return %0#0, %0#1 : tensor<2xf64>, tensor<${2:2}x2xf64>
        }
        """,
    )


def test_the_shape_of_a_batch():
    check_stops(
        "batch",
        SQUARE,
        """
    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }

    func.func @${1:batched_square}(%x: tensor<${2:2}xf64>) -> tensor<${2:2}xf64> {
      %0 = enzyme.batch @square(%x) {
        batch_shape = array<i64: ${2:2}>
      } : (tensor<${2:2}xf64>) -> tensor<${2:2}xf64>
      return %0 : tensor<${2:2}xf64>
    }
""",
    )


def test_a_jacobian_has_as_many_rows_as_it_takes():
    check_stops(
        "jacobian",
        """
        func.func @f<|>(%x: tensor<2xf64>) -> tensor<2xf64> {
          return %x : tensor<2xf64>
        }
        """,
        """
        func.func @f(%x: tensor<2xf64>) -> tensor<2xf64> {
          return %x : tensor<2xf64>
        }

        // Row k of each is the derivative by element k of %x.
        func.func @${1:jacobian_f}(%x: tensor<2xf64>) -> tensor<2x2xf64> {
          %seed = arith.constant dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf64>
          %0 = enzyme.fwddiff @f(%x, %seed) {
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>],
            width = 2 : i64
          } : (tensor<2xf64>, tensor<2x2xf64>) -> tensor<2x2xf64>
          return %0 : tensor<2x2xf64>
        }
        """,
    )


def test_in_generic_form():
    check_stops(
        "reverse",
        """
        "func.func"<|>() <{function_type = (f64) -> f64, sym_name = "f"}> ({
        ^bb0(%x: f64):
          "func.return"(%x) : (f64) -> ()
        }) : () -> ()
        """,
        """
        "func.func"() <{function_type = (f64) -> f64, sym_name = "f"}> ({
        ^bb0(%x: f64):
          "func.return"(%x) : (f64) -> ()
        }) : () -> ()

        "func.func"() <{function_type = (f64, f64) -> f64, sym_name = "${1:grad_f}"}> ({
        ^bb0(%x: f64, %dr: f64):
          %0 = "enzyme.autodiff"(%x, %dr) <{fn = @f, activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]}> : (f64, f64) -> f64
          "func.return"(%0) : (f64) -> ()
        }) : () -> ()
        """,
    )


def test_a_name_in_quotes():
    check_stops(
        "reverse",
        """
        func.func @"a $}\\\\ b"<|>(%x: f64) -> f64 {
          return %x : f64
        }
        """,
        """
        func.func @"a $}\\\\ b"(%x: f64) -> f64 {
          return %x : f64
        }

        func.func @"${1:grad_a $}\\\\ b}"(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.autodiff @"a $}\\\\ b"(%x, %dr) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
        """,
    )


CALL = """
    func.func @square(%x: f64) -> f64 {
      return %x : f64
    }
    func.func @d(%x: f64) -> f64 {
      %0 = func.call<|> @square(%x) : (f64) -> f64
      return %0 : f64
    }
"""


def test_what_a_derivative_beside_a_call_gives_and_starts_from():
    check_stops(
        "add reverse",
        CALL,
        """
    func.func @square(%x: f64) -> f64 {
      return %x : f64
    }
    func.func @d(%x: f64) -> f64 {
      %0 = func.call @square(%x) : (f64) -> f64
      %seed = arith.constant ${1:1.0} : f64
      %${2:gradient} = enzyme.autodiff @square(%x, %seed) {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
""",
    )


def test_what_a_derivative_in_the_place_of_a_call_starts_from():
    check_stops(
        "replace reverse",
        CALL,
        """
    func.func @square(%x: f64) -> f64 {
      return %x : f64
    }
    func.func @d(%x: f64) -> f64 {
      %seed = arith.constant ${1:1.0} : f64
      %0:2 = enzyme.autodiff @square(%x, %seed) {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_active>]
      } : (f64, f64) -> (f64, f64)
      return %0#0 : f64
    }
""",
    )


DERIVATIVE = """
    func.func private @square(%x: f64) -> f64
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff<|> @square(%x, %dr) {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""


def test_an_extracted_function_and_its_call_have_one_name():
    check_stops(
        "extract derivative",
        DERIVATIVE,
        """
    func.func private @square(%x: f64) -> f64
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = func.call @${1:grad_square}(%x, %dr) : (f64, f64) -> f64
      return %0 : f64
    }

    func.func private @${1:grad_square}(%x: f64, %dr: f64) -> f64 {
      %result = enzyme.autodiff @square(%x, %dr) {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %result : f64
    }
""",
    )


def test_an_outlined_region_and_its_function_have_one_name():
    check_stops(
        "outline region",
        """
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.autodiff_region<|>(%x, %dr) {
          ^bb0(%y: f64):
            %z = arith.mulf %y, %y : f64
            enzyme.yield %z : f64
          } attributes {activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>], fn = "square"} : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        """
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.autodiff @${1:square}(%x, %dr) {activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }

        func.func private @${1:square}(%y: f64) -> f64 {
          %z = arith.mulf %y, %y : f64
          return %z : f64
        }
        """,
    )
