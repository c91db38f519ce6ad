"""Alternatives that many patterns are made of, each to stand in a group: rf"of\\s+(?:{THEM})"."""

from __future__ import annotations

THEM = "them|those|these"
"""Several that were spoken of."""
OUR = "the|our|my"
LEADS = "and|then|also|please"
"""What a clause may begin with before it says anything."""
TWO_TO_EIGHT = "two|three|four|five|six|seven|eight"
UNITS = "day|week|month|quarter|year"
IF = r"if|in\s+case|(?:as|so)\s+long\s+as|provid(?:ed|ing)(?:\s+that)?|assuming(?:\s+that)?"
WHEN = r"once|as\s+soon\s+as|when|after|while"
"""Conjunctions that lead a condition; "unless", which turns it round, and "until" are not among them."""
SEASONS = "spring|summer|autumn|fall|winter"
