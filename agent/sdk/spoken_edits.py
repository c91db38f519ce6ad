"""Changes to a rule in plain words: another number, amount, tag or time, one more condition or action."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from agent.misfits import remedy
from agent.sdk.refs import Between, Money
from agent.sdk.rules import CAN, Act, Rule, Trigger
from agent.sdk.spoken_names import Names
from agent.sdk.spoken_numbers import number_of
from agent.sdk.spoken_rules import Cannot, Understood, Unsaid, parts_in
from agent.sdk.spoken_times import moved_to, odd_time

_NUMBER = re.compile(
    r"(?<![\w#€$£.,:])(?P<n>\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen"
    r"|twenty|thirty|fifty)(?![\w:%.,]*\d)(?!\s*(?:am|pm|[€$£]))\b",
    re.I,
)
_TAG = re.compile(
    r"\b(?:tag(?:s)?(?:\s+(?:them|it|him|her|the\s+\w+))?(?:\s+(?:as|with|to|for))?|tag\s+\w+\s+(?:to"
    r"|for|with))\s+(?:to\s+|be\s+)?[\"“'‘]?(?P<tag>[\w#&-]+)[\"”'’]?\s*(?:instead)?\W*$",
    re.I,
)
_SWAP = re.compile(r"\bfor\s+[\"“'‘]?(?P<tag>[\w#&-]+)[\"”'’]?\W*$", re.I)
_RENAME = re.compile(
    r"\b(?:rename|call)\b.*?(?:\bto\b|\bas\b|\bit\b)?\s*(?:[\"“'‘](?P<quoted>[^\"”'’]+)[\"”'’]|\bto\s+(?P<plain>[\w][\w -]*))\W*$", re.I
)
_DROP = re.compile(
    r"\b(?:stop|no\s+longer|don'?t|do\s+not|without|remove|drop|take\s+out|leave\s+out)\b.*\b(?P<what>notif\w+"
    r"|alert\w*|tell\w*|tag\w*|draft\w*|hid\w+|publish\w*)",
    re.I,
)
_DOING = {"notif": "notify", "alert": "notify", "tell": "notify", "tag": "tag", "draft": "draft", "hid": "hide", "publish": "publish"}


def new_name(text: str) -> str | None:
    """What it is to be called from now on, where that is what is asked."""
    found = _RENAME.search(text)
    return (found["quoted"] or found["plain"]).strip() if found else None


def edited(rule: Rule, text: str, names: Names, *, currency: str) -> Understood | Unsaid | Cannot:
    """The rule with what the words change of it.

    Args:
        text: Without the words that say which automation is meant.
    """
    if odd := odd_time(text):
        return Cannot(f"“{odd}” is no rhythm that can be kept; every hour, day, week, month, quarter or year can.")
    try:
        changed = _changed(rule, text, names, currency)
    except ValidationError as error:
        why = remedy(error.errors()[0])
        return Cannot(f"That cannot be done: {why}; {CAN}.")
    if isinstance(changed, Unsaid | Cannot):
        return changed
    if changed == rule:
        return Unsaid(f"What should be different? It is: {rule}")
    return Understood(changed)


def _changed(rule: Rule, text: str, names: Names, currency: str) -> Rule | Unsaid | Cannot:
    when, then = rule.when, list(rule.then)
    if (dropped := _DROP.search(text)) is not None:
        return _without(rule, dropped["what"].lower())
    if when.rhythm is not None and (moved := moved_to(when.rhythm, text)) is not None:
        return Rule(when=Trigger(on="time", rhythm=moved), only=rule.only, then=then)
    only, acts, counted_in = parts_in(text, names, currency=currency, on=when.on)
    if counted_in != currency:
        return Cannot(f"This shop counts in {currency}, not in {counted_in}; say the amount in {currency}.")
    if rule.only.order_total is not None and not only and not acts and (number := _NUMBER.search(text)) is not None:
        amount = Money(Decimal(number_of(number["n"])), currency)
        only = {"order_total": Between[Money](at_least=amount)}
    for act in acts:
        same = next((n for n, one in enumerate(then) if one.do == act.do == "tag"), None)
        if same is not None and not re.search(r"\b(?:also|too|as\s+well|add|besides|additionally)\b", text, re.I):
            then[same] = then[same].model_copy(update={"tags": act.tags})
        elif act not in then:
            then.append(act)
    conditions: dict[str, Any] = {**{name: getattr(rule.only, name) for name in type(rule.only).model_fields}, **_kept_way(rule, only, text)}
    if when.on == "stock_below" and (number := _NUMBER.search(text)) is not None:
        when = Trigger(on="stock_below", stock=max(1, number_of(number["n"])))
    if not acts and not only and when == rule.when and (tag := _TAG.search(text) or _SWAP.search(text)) is not None:
        then = [act.model_copy(update={"tags": [tag["tag"]]}) if act.do == "tag" else act for act in then]
    return Rule.model_validate({"when": when, "only": conditions, "then": then})


def _kept_way(rule: Rule, only: dict[str, Any], text: str) -> dict[str, Any]:
    """An amount without a word that compares keeps the way it was compared: "start at 300" of more than 200 is more than 300."""
    said, had = only.get("order_total"), rule.only.order_total
    if said is not None and had is not None and not re.search(r"\b(?:over|above|under|below|more|less|least|most)\b", text, re.I):
        amount = next(bound for bound in (said.at_least, said.above, said.at_most, said.below) if bound is not None)
        field = next(name for name in ("at_least", "above", "at_most", "below") if getattr(had, name) is not None)
        return {**only, "order_total": Between[Money](**{field: amount})}
    return only


def _without(rule: Rule, what: str) -> Rule | Cannot:
    do = next(value for word, value in _DOING.items() if what.startswith(word))
    then = [act for act in rule.then if act.do != do]
    if not then:
        return Cannot("Then it would do nothing; pause it instead.")
    return Rule(when=rule.when, only=rule.only, then=[Act.model_validate(act) for act in then])
