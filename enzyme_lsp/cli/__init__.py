"""The terminal's edge: the same features as an editor's, called without a server."""
