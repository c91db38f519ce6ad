"""Storehand's own tasks, one folder each, named as the task."""
