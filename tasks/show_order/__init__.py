"""Everything about one order."""
