// An operation of a dialect that the compiler does not know is no error of yours, but it hides what the
// compiler could say of the rest. Here it does not: the wrong return below is found all the same.

func.func @through_another_dialect(%x: f64) -> f64 {
  %y = "optimizer.step"(%x) {rate = 0.1 : f64} : (f64) -> f64
  %z = arith.mulf %x, %y : f64
  return %x, %z : f64, f64
}
