// One function on three points at once.
//
// `enzyme.batch` prefixes each type with the shape of the batch; no derivative is taken.

func.func private @cube(%x: tensor<4xf64>) -> tensor<4xf64> {
  %square = arith.mulf %x, %x : tensor<4xf64>
  %cube = arith.mulf %square, %x : tensor<4xf64>
  return %cube : tensor<4xf64>
}

func.func @three_cubes(%xs: tensor<3x4xf64>) -> tensor<3x4xf64> {
  %cubes = enzyme.batch @cube(%xs) {
    batch_shape = array<i64: 3>
  } : (tensor<3x4xf64>) -> tensor<3x4xf64>
  return %cubes : tensor<3x4xf64>
}
