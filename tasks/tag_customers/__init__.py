"""Tags on customers."""
