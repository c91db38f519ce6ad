"""The fault matrix as data: what a caller sees, and how often the primary and the secondary are called.

A row is (fault, what the caller sees, calls to the primary, calls to the secondary); "answer" is the whole right answer.
"""

from __future__ import annotations

WHOLE = [
    ("refuse", "answer", 0, 1),
    ("reset", "answer", 1, 1),
    ("hang", "answer", 1, 1),
    ("429", "answer", 1, 1),
    ("429ra2", "answer", 1, 1),
    ("429ra120", "answer", 1, 1),
    ("429quota", "answer", 1, 1),
    ("402", "answer", 1, 1),
    ("529", "answer", 1, 1),
    ("500", "answer", 1, 1),
    ("502html", "answer", 1, 1),
    ("503", "answer", 1, 1),
    ("401", "answer", 1, 1),
    ("403", "answer", 1, 1),
    ("404model", "answer", 1, 1),
    ("400ctx", "answer", 1, 1),
    ("400filter", "ContentFiltered", 1, 0),
    ("400bad", "Rejected", 1, 0),
    ("200err", "answer", 1, 1),
    ("badjson", "answer", 1, 1),
    ("html200", "answer", 1, 1),
    ("emptybody", "answer", 1, 1),
    ("nochoices", "answer", 1, 1),
    ("empty", "answer", 1, 1),
    ("nullcontent", "answer", 1, 1),
    ("filterfinish", "ContentFiltered", 1, 0),
    ("giant", "answer", 1, 1),
    ("nofinish", "answer", 1, 1),
]
STREAMED = [
    ("refuse", "answer", 0, 1),
    ("hang", "answer", 1, 1),
    ("429", "answer", 1, 1),
    ("503", "answer", 1, 1),
    ("200err", "answer", 1, 1),
    ("html200", "answer", 1, 1),
    ("emptybody", "answer", 1, 1),
    ("sseerr0", "answer", 1, 1),
    ("sseerr", "Overloaded", 1, 0),
    ("stall", "TimedOut", 1, 0),
    ("keepalive", "TimedOut", 1, 0),
    ("truncate", "Overloaded", 1, 0),
    ("trunclean", "BadOutput", 1, 0),
    ("midreset", "Overloaded", 1, 0),
    ("ssebad", "answer", 1, 0),
    ("nodone", "answer", 1, 0),
    ("ssecomment", "answer", 1, 0),
    ("nousage", "answer", 1, 0),
    ("giant", "ResponseTooLarge", 1, 0),
]
