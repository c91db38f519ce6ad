"""Which products make a gift."""
