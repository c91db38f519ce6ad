"""What sales to expect."""
