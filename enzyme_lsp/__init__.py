"""enzyme-lsp: a language server for MLIR with the Enzyme dialect; this module holds its version and nothing else."""

__version__ = "0.1.0"
