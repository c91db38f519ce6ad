"""What products cost."""
