// Three mistakes in three functions. A compiler stops at the first syntax error and says nothing of the rest.

func.func private @square(%x: f64) -> f64 {
  %result = arith.mulf %x, %x : f64
  return %result : f64
}

func.func @syntax_error(%x: f64) -> f64 {
  %doubled = arith.addf %x, : f64
  return %doubled : f64
}

func.func @wrong_type(%x: f64) -> f32 {
  %doubled = arith.addf %x, %x : f64
  return %doubled : f64
}

func.func @unknown_value(%dr: f64) -> f64 {
  %dx = enzyme.autodiff @square(%x, %dr) {
    activity = [#enzyme<activity enzyme_active>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, f64) -> f64
  return %dx : f64
}
