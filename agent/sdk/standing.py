"""What the tasks around automations share: which one is meant, what the shop calls its things, and how a try is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, Protocol, TypeVar

from agent.sdk.happenings import TRIED_DAYS, Happening, Tried
from agent.sdk.spoken_names import Names
from agent.sdk.store import Store
from agent.sdk.text import Sentence, count, say

SHOWN = 8
"""Firings named when a rule is tried."""
_COMMON = frozenset(
    {
        "the", "a", "an", "my", "our", "that", "which", "this", "for", "of", "to", "and", "or", "on", "in", "it", "its", "automation",
        "automations", "rule", "rules", "workflow", "workflows", "flow", "flows", "alert", "alerts", "trigger", "schedule", "schedules", "report",
        "reports", "pause", "stop", "resume", "restart", "turn", "off", "back", "disable", "enable", "deactivate", "activate", "switch", "suspend",
        "change", "edit", "update", "please", "again", "running", "start", "unpause", "cancel", "delete", "remove", "set", "make", "with", "can",
        "you", "could", "i", "want", "from", "now", "when", "if", "notify", "tag", "order", "product", "customer",
    }
)  # fmt: skip


_AGAIN = re.compile(
    r"\b(?:resume|restart|unpause|un-pause|reactivate|re-enable|activate|enable|continue|(?:turn|switch|put)\b.*\bon\b(?!\s+hold)|start\b.*\bagain)\b",
    re.I,
)
_HALTS = re.compile(
    r"\b(?:pause|halt|suspend|disable|deactivate|(?:turn|switch)\b.*\boff|on\s+hold|stop\s+(?:the|my|all|that|this|it)|delete|remove)\b", re.I
)


def turned(words: str) -> Literal["active", "paused"] | None:
    """Whether the words say that something is to go on, or to pause; None where they say neither."""
    return "active" if _AGAIN.search(words) else "paused" if _HALTS.search(words) else None


class Called(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


C = TypeVar("C", bound=Called)


def meant(words: str, records: Sequence[C], also: Sequence[str] = ()) -> list[C]:
    """The records that the words name: by whole name, else those that share most words with it; all of them where the words name none.

    Args:
        also: What else each is known by, beside its name (how its rule reads).
    """
    named = [r for r in records if r.name.casefold() in words.casefold()]
    if named:
        longest = max(len(r.name) for r in named)
        return [r for r in named if len(r.name) == longest]
    said = _words(words)
    known = [_words(r.name) | _words(extra) for r, extra in zip(records, also or [""] * len(records), strict=True)]
    shared = [len(said & words_of) for words_of in known]
    most = max(shared, default=0)
    if most == 0:
        return list(records) if not said else []
    return [record for record, n in zip(records, shared, strict=True) if n == most]


def _words(text: str) -> set[str]:
    found = (word.casefold().rstrip("s") for word in re.findall(r"[\w]+", text))
    return {word for word in found if word not in _COMMON and f"{word}s" not in _COMMON}


async def names_of(store: Store) -> Names:
    return Names(await store.vocabulary())


def told(tried: Tried) -> Sentence:
    """ "In the last 30 days it would have fired 14 times: order #1042, …"."""
    n, days = len(tried.fired), TRIED_DAYS
    doubt = f" ({tried.doubt})" if tried.doubt else ""
    if not n:
        return say("In the last {days} days it would not have fired{doubt}.", days=days, doubt=doubt)
    shown = {f"fired_{place}": _called(happening) for place, happening in enumerate(tried.fired[:SHOWN])}
    about = say("; ".join(f"{{{name}}}" for name in shown), **shown)  # a name may have a comma: "Advent Candle, 0 left"
    about = say("{list}; and {n} more", list=about, n=n - SHOWN) if n > SHOWN else about
    return count(
        "In the last {days} days it would have fired once{doubt}: {about}.", "In the last {days} days it would have fired {n} times{doubt}: {about}.",
        n, days=days, doubt=doubt, about=about,
    )  # fmt: skip


def _called(happening: Happening) -> Sentence | str:
    return happening.about if happening.order is None else say("order {number}", number=happening.order.number)


def free_name(wished: str, taken: Sequence[str]) -> str:
    """The name, with a number behind it where another has it."""
    known = {name.casefold() for name in taken}
    wished = wished[:100]
    return next(name for n in range(1, len(known) + 2) if (name := wished if n == 1 else f"{wished} {n}").casefold() not in known)
