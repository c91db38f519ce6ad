"""Colour, material, size and the like, read from what is written of a product."""
