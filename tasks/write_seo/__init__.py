"""Titles and descriptions for search engines, as drafts."""
