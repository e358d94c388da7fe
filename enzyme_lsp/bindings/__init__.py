"""Bindings: the Enzyme dialect for upstream MLIR's Python bindings, for scripts of users; the server never loads it."""
