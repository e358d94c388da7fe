"""Documents that are open, each as an immutable snapshot."""
