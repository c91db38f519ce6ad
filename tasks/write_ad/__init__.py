"""The text of advertisements, as drafts."""
