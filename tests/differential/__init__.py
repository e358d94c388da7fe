"""Enzyme's meaning held against Enzyme: generated operations, what the engines make of them, and what we say."""
