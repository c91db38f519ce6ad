"""Titles, descriptions, tags and status of products."""
