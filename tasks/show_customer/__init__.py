"""Everything about one customer."""
