"""Gradient: whether a derivative is right, as numbers say: machine code of it against differences of its function."""
