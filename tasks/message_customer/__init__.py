"""Messages to particular customers, as drafts."""
