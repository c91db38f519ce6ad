"""Marking products as gifts."""
