"""Requests with what is right for them, and how well a planner does on them."""
