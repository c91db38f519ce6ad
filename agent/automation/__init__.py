"""What Storehand does by itself: automations and schedules, what they are, when they act, and what came of it."""
