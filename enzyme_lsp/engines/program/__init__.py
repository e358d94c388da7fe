"""A program of the mlir-opt family as an engine: the user's own build of Enzyme, or upstream's mlir-opt."""
