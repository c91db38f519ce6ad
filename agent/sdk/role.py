"""What kind of thing a task does, and with what: declared in its `@task`, else read off its name, which is verb_noun.

The planner goes by this and never by a name: that "them" after a search are the records found, that what a task makes is what "it" means
then, that two texts can be asked for in one breath. So a task that somebody else ships takes part in all of it.
"""

from __future__ import annotations

from typing import Literal, get_args

Doing = Literal["find", "show", "flag", "report", "make", "change", "end", "write", "answer", "message", "schedule", "other"]
"""A search for records, a look at one of them, a list of those that need care, figures; what makes, changes or ends something; a text of some
sort, a reply to one, a text to somebody; what recurs."""

_VERBS: dict[str, Doing] = {
    "find_": "find", "show_": "show", "flag_": "flag", "create_": "make", "edit_": "change", "end_": "end", "pause_": "end",
    "write_": "write", "reply_to_": "answer", "message_": "message", "schedule_": "schedule",
}  # fmt: skip
_REPORT = "_report"
_RECORDS = frozenset({"product", "variant", "customer", "order", "collection", "review", "discount", "message"})
DOINGS: tuple[Doing, ...] = get_args(Doing)


def doing_of(name: str) -> Doing:
    """What a task called so does."""
    named: Doing = "report" if name.endswith(_REPORT) else "other"
    return next((doing for verb, doing in _VERBS.items() if name.startswith(verb)), named)


def about_of(name: str) -> str:
    """What it is about, in the singular: "draft_order" of `create_draft_order`, "customer" of `find_customers` and `tag_customers`; else empty."""
    verb = next((verb for verb in _VERBS if name.startswith(verb)), None)
    if verb is not None:
        return name.removeprefix(verb).removesuffix("s")
    if name.endswith(_REPORT):
        return name.removesuffix(_REPORT)
    words = [word.removesuffix("s") for word in name.split("_")]
    return next((word for word in reversed(words) if word in _RECORDS), "")
