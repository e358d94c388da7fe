"""An activity is one of Enzyme's six."""

from __future__ import annotations

from tests.fixture import check_diagnostics, check_fix


def test_all_six_in_every_spelling():
    check_diagnostics("""
        #a = #enzyme<activity enzyme_const>
        #all = [#enzyme<activity enzyme_active>, #a, #enzyme<activity<enzyme_dup>>]
        //<^^^^ hint[mixed-spelling]: #all is partly in the classic and partly in the strict spelling, and no engine reads both
        func.func @f(%x: f64, %y: f64, %z: memref<2xf64>) -> (memref<2xf64>, f64, f64, memref<2xf64>) {
          return %z, %x, %x, %z : memref<2xf64>, f64, f64, memref<2xf64>
        }
        func.func @d(%x: f64, %m: memref<2xf64>) {
          %0:2 = enzyme.autodiff @f(%x, %x, %m, %m, %x) {
          //     ^^^^^^^^^^^^^^^ error[mixed-operation]: enzyme.autodiff is partly in the classic and partly in the strict spelling, which no engine reads
            activity = #all,
            ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity "enzyme_activenoneed">,
                            #enzyme.activity<enzyme_constnoneed>, #enzyme<  activity   enzyme_dup >]
          } : (f64, f64, memref<2xf64>, memref<2xf64>, f64) -> (memref<2xf64>, f64)
          return
        }
    """)


def test_words_that_are_none():
    check_diagnostics("""
        func.func @f(%x: f64, %y: f64, %z: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) {
          enzyme.autodiff @f(%x) {
        //^^^^^^^^^^^^^^^ error[mixed-operation]: enzyme.autodiff is partly in the classic and partly in the strict spelling, which no engine reads
            activity = [#enzyme<activity dup>, #enzyme.activity<enzyme_dupp>, #enzyme<activity nonsense>],
            //                           ^^^ error[unknown-activity]: dup is no activity, did you mean enzyme_dup?
            //                                                  ^^^^^^^^^^^ error[unknown-activity]: enzyme_dupp is no activity, did you mean enzyme_dup?
            //                                                                                 ^^^^^^^^ error[unknown-activity]: nonsense is no activity, write one of enzyme_active, enzyme_dup, enzyme_const, enzyme_dupnoneed, enzyme_activenoneed, enzyme_constnoneed
            ret_activity = [#enzyme<activity >]
            //                               ^ error[unknown-activity]: this activity has no name, write one of enzyme_active, enzyme_dup, enzyme_const, enzyme_dupnoneed, enzyme_activenoneed, enzyme_constnoneed
          } : (f64) -> f64
          return
        }
    """)


def test_attributes_of_another_kind():
    check_diagnostics("""
        func.func @f(%x: f64, %y: f64, %z: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) {
          enzyme.autodiff @f(%x) {
            activity = ["enzyme_dup", 3 : i32, #unknown],
            //          ^^^^^^^^^^^^ error[unknown-activity]: "enzyme_dup" is no activity, write one of...
            //                        ^^^^^^^ error[unknown-activity]: 3 : i32 is no activity, write one of...
            //                                 ^^^^^^^^ error[unknown-activity]: #unknown is no activity, write one of...
            ret_activity = #enzyme<activity enzyme_active>
            //             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[unknown-activity]: ret_activity must be a list of activities, such as `[#enzyme<activity enzyme_dup>]`
          } : (f64) -> f64
          return
        }
    """)


def test_an_alias_of_a_wrong_word_is_reported_where_it_is_used():
    check_diagnostics("""
        #act = #enzyme<activity enzyme_activ>
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) {
          enzyme.autodiff @f(%x) {activity = [#act], ret_activity = [#act]} : (f64) -> f64
          //                                  ^^^^ error[unknown-activity]: enzyme_activ is no activity, did you mean enzyme_active?
          //                                                         ^^^^ error[unknown-activity]: enzyme_activ is no activity, did you mean enzyme_active?
          return
        }
    """)


def test_a_word_of_earlier_times():
    before = """
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.autodiff @f(%x, %x) {activity = [#enzyme<activity enzyme_o<|>ut>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
    """
    check_fix(before, before.replace("enzyme_o<|>ut", "enzyme_active"))
