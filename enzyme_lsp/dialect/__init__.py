"""What Enzyme means, as tables and small pure functions."""
