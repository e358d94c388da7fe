"""Lowering: what a text becomes: pipelines of passes, the stages of a run, and the way back from each to the source."""
