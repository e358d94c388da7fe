// One activity too many. Parser and verifier accept this; only the differentiation pass objects, and names no place.

func.func private @square(%x: f64) -> f64 {
  %result = arith.mulf %x, %x : f64
  return %result : f64
}

func.func @gradient(%x: f64, %dr: f64) -> f64 {
  %dx = enzyme.autodiff @square(%x, %dr) {
    activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, f64) -> f64
  return %dx : f64
}
