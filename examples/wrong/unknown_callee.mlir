// A call of a function that is not there, beside one that is written almost like it.

func.func private @square(%x: f64) -> f64 {
  %result = arith.mulf %x, %x : f64
  return %result : f64
}

func.func @gradient(%x: f64, %dr: f64) -> f64 {
  %dx = enzyme.autodiff @sqaure(%x, %dr) {
    activity = [#enzyme<activity enzyme_active>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, f64) -> f64
  return %dx : f64
}
