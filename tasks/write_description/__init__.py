"""Product descriptions, as drafts."""
