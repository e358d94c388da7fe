// The derivative of a global variable.

memref.global "private" @table : memref<4xf64> = dense<[1.0, 2.0, 3.0, 4.0]>

func.func @gradient(%x: f64, %dr: f64) -> f64 {
  %dx = enzyme.autodiff @table(%x, %dr) {
    activity = [#enzyme<activity enzyme_active>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, f64) -> f64
  return %dx : f64
}
