// The gradient of a loop over memory, in reverse mode.
//
// Memory is `enzyme_dup`: %xs is followed by its shadow %dxs, to which the gradient is added in place.

func.func private @sum_of_sines(%xs: memref<?xf64>) -> f64 {
  %zero = arith.constant 0.0 : f64
  %first = arith.constant 0 : index
  %step = arith.constant 1 : index
  %count = memref.dim %xs, %first : memref<?xf64>
  %sum = scf.for %i = %first to %count step %step iter_args(%so_far = %zero) -> f64 {
    %x = memref.load %xs[%i] : memref<?xf64>
    %sine = math.sin %x : f64
    %next = arith.addf %so_far, %sine : f64
    scf.yield %next : f64
  }
  return %sum : f64
}

func.func @gradient(%xs: memref<?xf64>, %dxs: memref<?xf64>, %dr: f64) {
  enzyme.autodiff @sum_of_sines(%xs, %dxs, %dr) {
    activity = [#enzyme<activity enzyme_dup>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (memref<?xf64>, memref<?xf64>, f64) -> ()
  return
}
