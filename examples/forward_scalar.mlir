// A directional derivative of x * sin(y), in forward mode.
//
// `enzyme_dup` arguments are followed by their tangents, and an `enzyme_dup` result by its own:
// %x %dx and %dresult. %y stays constant and has none.

func.func private @product(%x: f64, %y: f64) -> f64 {
  %sine = math.sin %y : f64
  %result = arith.mulf %x, %sine : f64
  return %result : f64
}

func.func @derivative(%x: f64, %dx: f64, %y: f64) -> (f64, f64) {
  %result, %dresult = enzyme.fwddiff @product(%x, %dx, %y) {
    activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
    ret_activity = [#enzyme<activity enzyme_dup>]
  } : (f64, f64, f64) -> (f64, f64)
  return %result, %dresult : f64, f64
}
