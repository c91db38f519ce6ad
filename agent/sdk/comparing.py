"""What a time is held against."""

from __future__ import annotations

from agent.sdk.refs import Period
from agent.sdk.results import Missing
from agent.sdk.text import say


def with_itself(period: Period | None, compare: Period | None) -> Missing | None:
    """A time compared with the very same one: no change at all would be shown, which is no answer to anything."""
    if period is None or compare is None or (period.start, period.end) != (compare.start, compare.end):
        return None
    return Missing("compare", say("Both are the same time, {period}. Which other time should it be compared with?", period=period))
