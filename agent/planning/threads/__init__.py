"""Messages that only add to what was said before."""
