// The gradient of x * sin(y), in reverse mode.
//
// `enzyme_active` arguments come back as gradients, in order, after the results that are asked for.
// The result is `enzyme_activenoneed`: its value is not needed, but it takes a seed, %dr.

func.func private @product(%x: f64, %y: f64) -> f64 {
  %sine = math.sin %y : f64
  %result = arith.mulf %x, %sine : f64
  return %result : f64
}

func.func @gradient(%x: f64, %y: f64, %dr: f64) -> (f64, f64) {
  %dx, %dy = enzyme.autodiff @product(%x, %y, %dr) {
    activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, f64, f64) -> (f64, f64)
  return %dx, %dy : f64, f64
}
