"""Storehand: a merchant's request in plain words, split, dispatched, run against the store, and answered."""
