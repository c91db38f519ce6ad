"""E-mails to many customers, as drafts."""
