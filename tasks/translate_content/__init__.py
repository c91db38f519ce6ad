"""Texts of products in other languages, as drafts."""
