"""How each product does."""
