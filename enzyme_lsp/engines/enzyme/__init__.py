"""The Enzyme of the Python package enzyme-ad: found and started from outside, loaded only inside a worker."""
