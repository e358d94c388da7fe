func.func private @square(%x: f64) -> f64 {
  %y = arith.mulf %x, %x : f64
  return %y : f64
}

func.func @derivative(%x: f64, %dr: f64) -> f64 {
  %dx = enzyme.autodiff @square(%x, %dr) {
    activity = [#enzyme<activity enzyme_active>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, f64) -> f64
  return %dx : f64
}
