"""What is low, out, or to be reordered."""
