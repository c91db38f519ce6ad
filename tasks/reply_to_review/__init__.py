"""Public answers to reviews, as drafts."""
