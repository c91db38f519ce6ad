"""What was sold, by whatever one asks for."""
