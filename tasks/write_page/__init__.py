"""Pages of the shop, as drafts."""
