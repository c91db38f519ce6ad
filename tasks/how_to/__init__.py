"""Which reviews, one by one."""
