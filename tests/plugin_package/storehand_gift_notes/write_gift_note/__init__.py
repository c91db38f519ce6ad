"""The note that goes with a gift."""
