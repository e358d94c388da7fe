"""An activity is one of Enzyme's six."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_all_six_in_every_spelling():
    check_diagnostics("""
        #a = #enzyme<activity enzyme_const>
        #all = [#enzyme<activity enzyme_active>, #a, #enzyme<activity<enzyme_dup>>]
        func.func private @f(f64, f64, f64) -> (f64, f64, f64, f64)
        func.func @d(%x: f64) {
          enzyme.autodiff @f(%x) {
            activity = #all,
            ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity "enzyme_activenoneed">,
                            #enzyme.activity<enzyme_constnoneed>, #enzyme<  activity   enzyme_dup >]
          } : (f64) -> f64
          return
        }
    """)


def test_words_that_are_none():
    check_diagnostics("""
        func.func private @f(f64, f64, f64) -> f64
        func.func @d(%x: f64) {
          enzyme.autodiff @f(%x) {
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
        func.func private @f(f64, f64, f64) -> f64
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
        func.func private @f(f64) -> f64
        func.func @d(%x: f64) {
          enzyme.autodiff @f(%x) {activity = [#act], ret_activity = [#act]} : (f64) -> f64
          //                                  ^^^^ error[unknown-activity]: enzyme_activ is no activity, did you mean enzyme_active?
          //                                                         ^^^^ error[unknown-activity]: enzyme_activ is no activity, did you mean enzyme_active?
          return
        }
    """)
