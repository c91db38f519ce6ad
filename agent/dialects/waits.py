"""How long a provider asks to be left alone, in all the ways they say it."""

from __future__ import annotations

import contextlib
import email.utils
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

LONGEST_WAIT_S = 900.0
"""Most that is believed, so that a broken clock cannot bench a provider for a year."""

_NO_DATE = (ValueError, TypeError, OverflowError)
"""What reading one raises: it is none, it has no time zone, or its year or zone fits no machine's number."""
_RESET = re.compile(r"(?:x-|anthropic-)?ratelimit-(?:[a-z-]+-)?reset(?:-[a-z-]+)?")
_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_SPAN = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[dhms]))+")


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait; at most 15 minutes.

    `retry-after-ms` counts before `retry-after`, in seconds or as a date against the server's own clock. Where neither is there, what
    counts is when the last of the limits that are used up is whole again.

    Args:
        headers: With names in lower case.
    """
    with contextlib.suppress(KeyError, ValueError):
        return _bounded(float(headers["retry-after-ms"]) / 1000)
    value = headers.get("retry-after", "").strip()
    with contextlib.suppress(ValueError):
        return _bounded(float(value))
    with contextlib.suppress(*_NO_DATE):
        # Our clock and the server's may differ, so the wait is the difference of the two dates that the server wrote.
        return _bounded((email.utils.parsedate_to_datetime(value) - _now(headers)).total_seconds())
    waits = [wait for name, said in headers.items() if _RESET.fullmatch(name) and _is_used_up(name, headers) and (wait := _reset_s(said, headers))]
    return _bounded(max(waits)) if waits else None


def delay_s(value: Any) -> float | None:
    """Seconds of a protobuf duration in JSON: "46s", "0.5s"."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)s", value) if isinstance(value, str) else None
    return _bounded(float(match[1])) if match else None


def _is_used_up(name: str, headers: Mapping[str, str]) -> bool:
    """A limit of which something is left was not the one that was hit."""
    with contextlib.suppress(KeyError, ValueError):
        return float(headers[name.replace("reset", "remaining")]) <= 0
    return False


def _reset_s(said: str, headers: Mapping[str, str]) -> float | None:
    """Spans such as "6m0s" and "120ms" (OpenAI, Groq), a time (Anthropic), seconds or milliseconds from now or since 1970 (OpenRouter and others)."""
    if _SPAN.fullmatch(said):
        return sum(float(count) * _UNITS[unit] for count, unit in re.findall(r"(\d+(?:\.\d+)?)(ms|[dhms])", said))
    with contextlib.suppress(*_NO_DATE):
        return (datetime.fromisoformat(said) - _now(headers)).total_seconds()
    try:
        number = float(said)
    except ValueError:
        return None
    if number < 1e9:
        return number
    return (number / 1000 if number > 1e11 else number) - _now(headers).timestamp()


def _now(headers: Mapping[str, str]) -> datetime:
    """By the server's clock, where it says so."""
    with contextlib.suppress(*_NO_DATE):
        return email.utils.parsedate_to_datetime(headers.get("date", ""))
    return datetime.now(UTC)


def _bounded(seconds: float) -> float | None:
    return min(max(seconds, 0.0), LONGEST_WAIT_S) if seconds == seconds else None
