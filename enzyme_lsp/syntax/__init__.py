"""What the text says, also when it is broken: layout, tokens, operations."""
