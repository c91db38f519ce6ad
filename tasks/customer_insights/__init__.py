"""What customers do over time: come back, spend, stay away."""
