"""Names of months, weekdays and seasons, and numbers as words."""

from __future__ import annotations

import re

MONTHS = {
    name: n + 1
    for n, names in enumerate(
        ["january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug", "september sept sep",
         "october oct", "november nov", "december dec"]
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = {
    name: n
    for n, names in enumerate(
        ["monday mon", "tuesday tues tue", "wednesday wed", "thursday thurs thur thu", "friday fri", "saturday sat", "sunday sun"]
    )
    for name in names.split()
}
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "eighteen": 18, "twenty": 20,
    "twenty-four": 24, "thirty": 30, "thirty-six": 36, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100, "couple": 2, "few": 3,
}  # fmt: skip
N = rf"(?P<n>\d{{1,3}}|{'|'.join(sorted(_COUNTS, key=len, reverse=True))})(?:\s+of)?"


def counted(words: str) -> int:
    words = re.sub(r"\s+of$", "", words.strip())
    return int(words) if words.isdigit() else _COUNTS[words]


SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
DAYS_NAMED = {
    "today": 0, "tonight": 0, "this morning": 0, "this evening": 0, "midnight": 0, "yesterday": -1, "tomorrow": 1, "day before yesterday": -2,
    "day after tomorrow": 2, "yday": -1, "ystrday": -1, "yesterdy": -1, "2day": 0, "tmrw": 1, "tmr": 1, "tomorow": 1, "2moro": 1, "tonite": 0,
}  # fmt: skip
PARTS_OF_MONTH = {
    "first week": (1, 7), "second week": (8, 14), "third week": (15, 21), "fourth week": (22, 28), "last week": (-7, -1),
    "first half": (1, 15), "second half": (16, -1), "beginning": (1, 10), "start": (1, 10), "early": (1, 10), "middle": (11, 20), "mid": (11, 20),
    "mid-": (11, 20), "late": (21, -1),
}  # fmt: skip
"""Parts of a month by their days; below zero counted from its end. What "early" means is shown with its dates."""
