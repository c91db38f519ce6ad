"""Alternatives that many patterns are made of, each to stand in a group: rf"of\\s+(?:{THEM})"."""

from __future__ import annotations

THEM = "them|those|these"
"""Several that were spoken of."""
OUR = "the|our|my"
LEADS = "and|then|also|please"
"""What a clause may begin with before it says anything."""
TWO_TO_EIGHT = "two|three|four|five|six|seven|eight"
UNITS = "day|week|month|quarter|year"
SEASONS = "spring|summer|autumn|fall|winter"
