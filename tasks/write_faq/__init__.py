"""Questions and answers, as drafts."""
