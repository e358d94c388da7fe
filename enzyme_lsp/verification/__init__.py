"""Whether an engine accepts the text: what to send, in which order, and what the answers say together."""
