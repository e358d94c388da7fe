// Two directional derivatives at once: vector mode.
//
// With `width = 2` each tangent carries two directions, in a leading dimension of its type.

#dup = #enzyme<activity enzyme_dup>
#shadow = #enzyme<activity enzyme_dupnoneed>

func.func private @product(%x: f64, %y: f64) -> f64 {
  %result = arith.mulf %x, %y : f64
  return %result : f64
}

func.func @jacobian(%x: f64, %y: f64) -> tensor<2xf64> {
  %along_x = arith.constant dense<[1.0, 0.0]> : tensor<2xf64>
  %along_y = arith.constant dense<[0.0, 1.0]> : tensor<2xf64>
  %row = enzyme.fwddiff @product(%x, %along_x, %y, %along_y) {
    activity = [#dup, #dup],
    ret_activity = [#shadow],
    width = 2 : i64
  } : (f64, tensor<2xf64>, f64, tensor<2xf64>) -> tensor<2xf64>
  return %row : tensor<2xf64>
}
