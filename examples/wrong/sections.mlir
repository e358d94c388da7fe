// Two modules in one file, as tests of compilers have them. Names of one are not seen in the other.

func.func private @square(%x: f64) -> f64 {
  %result = arith.mulf %x, %x : f64
  return %result : f64
}

func.func @derivative(%x: f64, %dx: f64) -> f64 {
  %result = enzyme.fwddiff @square(%x, %dx) {
    activity = [#enzyme<activity enzyme_dup>],
    ret_activity = [#enzyme<activity enzyme_dupnoneed>]
  } : (f64, f64) -> f64
  return %result : f64
}

// -----

func.func @derivative(%x: f64, %dx: f64) -> f64 {
  %result = enzyme.fwddiff @square(%x, %dx) {
    activity = [#enzyme<activity enzyme_dup>],
    ret_activity = [#enzyme<activity enzyme_dupnoneed>]
  } : (f64, f64) -> f64
  return %result : f64
}
