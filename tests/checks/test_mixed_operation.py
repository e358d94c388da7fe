"""An operation whose parts are in different spellings is an error, and can be put in either."""

from __future__ import annotations

from tests.fixture import check_diagnostics, check_fix

TEXT = """
    func.func @f(%x: f64) -> f64 {
      return %x : f64
    }
    func.func @d(%x: f64) -> f64 {
      %0 = <|>enzyme.fwddiff @f(%x, %x) BRACKETS : (f64, f64) -> f64
      return %0 : f64
    }
"""
CLASSIC = "{activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]}"
STRICT = "<activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]>"
MIXED = "{activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]}"


def test_both_sorts_of_attributes_in_one_operation():
    check_diagnostics("""
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %x) <
          //   ^^^^^^^^^^^^^^ error[mixed-operation]: enzyme.fwddiff is partly in the classic and partly in the strict spelling, which no engine reads
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          > : (f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_it_can_be_put_in_either():
    before = TEXT.replace("BRACKETS", MIXED)
    after = TEXT.replace("<|>", "")
    check_fix(before, after.replace("BRACKETS", CLASSIC), title="Convert enzyme.fwddiff to the classic spelling")
    check_fix(before, after.replace("BRACKETS", STRICT), title="Convert enzyme.fwddiff to the strict spelling")


def test_an_operation_in_one_spelling_is_none():
    for brackets in (CLASSIC, STRICT):
        check_diagnostics(TEXT.replace("<|>", "").replace("BRACKETS", brackets))
