"""What the shop's things and the tasks are called, and which record a mention means."""
