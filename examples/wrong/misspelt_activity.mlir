// An activity that does not exist.

func.func private @square(%x: f64) -> f64 {
  %result = arith.mulf %x, %x : f64
  return %result : f64
}

func.func @gradient(%x: f64, %dr: f64) -> f64 {
  %dx = enzyme.autodiff @square(%x, %dr) {
    activity = [#enzyme<activity enzyme_activ>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, f64) -> f64
  return %dx : f64
}
