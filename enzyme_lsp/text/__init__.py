"""Bytes, offsets and edits; knows neither MLIR nor the protocol."""
