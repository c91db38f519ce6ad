"""What the author of a task tests with: a small shop, a playground, the laws every task obeys, and a pytest plugin."""
