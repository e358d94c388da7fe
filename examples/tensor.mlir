// The gradient of a squared norm of tensors, with the value itself.
//
// Tensors are values, so that `enzyme_active` fits them. The result is `enzyme_active`: it is returned,
// first, and takes a seed as well.

func.func private @squared_norm(%x: tensor<4xf64>) -> tensor<f64> {
  %zero = stablehlo.constant dense<0.0> : tensor<f64>
  %squares = stablehlo.multiply %x, %x : tensor<4xf64>
  %sum = stablehlo.reduce(%squares init: %zero) applies stablehlo.add across dimensions = [0]
    : (tensor<4xf64>, tensor<f64>) -> tensor<f64>
  return %sum : tensor<f64>
}

func.func @value_and_gradient(%x: tensor<4xf64>, %dr: tensor<f64>) -> (tensor<f64>, tensor<4xf64>) {
  %value, %dx = enzyme.autodiff @squared_norm(%x, %dr) {
    activity = [#enzyme<activity enzyme_active>],
    ret_activity = [#enzyme<activity enzyme_active>]
  } : (tensor<4xf64>, tensor<f64>) -> (tensor<f64>, tensor<4xf64>)
  return %value, %dx : tensor<f64>, tensor<4xf64>
}
