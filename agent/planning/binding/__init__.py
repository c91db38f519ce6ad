"""One clause's values put into its task's args."""
