"""Answers to what customers wrote, as drafts."""
