"""Small words that the tests of tasks share."""

from collections.abc import Iterable
from typing import Any

from agent.sdk import Change


def moved(changes: Iterable[Change], field: str = "price") -> dict[str, tuple[str, str]]:
    """Label to before and after, as text."""
    return {c.target.label: (shown(c.before), shown(c.after)) for c in changes if c.field == field}


def shown(value: Any) -> str:
    return str(getattr(value, "amount", value))


def days(first: str, last: str, label: str = "") -> dict[str, str]:
    """A period from the morning of the first day to the end of the last, in Berlin's winter time."""
    return {"start": f"{first}T00:00:00+01:00", "end": f"{last}T23:59:59+01:00", "label": label}
