"""Which discount codes there are."""
