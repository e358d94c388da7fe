"""Upstream MLIR: its Python bindings as an engine that verifies, where the real Enzyme is not to be had."""
