"""Where a change of sales lies."""
