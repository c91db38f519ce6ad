"""What is wrong with the catalogue."""
