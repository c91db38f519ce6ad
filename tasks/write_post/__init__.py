"""Posts for social media and the blog, as drafts."""
