"""A rule in plain words to a `Rule`: trigger, conditions and actions, each by its own words; what no part takes is asked about, never dropped.

It is deterministic and knows no model. The text is searched for each part in turn, what is found is used up, and words that are left and mean
something are named in a question, since a rule that half understood acts on its own for months.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from agent.misfits import remedy
from agent.sdk.refs import Between
from agent.sdk.rhythms import Rhythm
from agent.sdk.rule_words import (
    ALERT,
    ASK,
    CUSTOMER_TAG,
    DRAFT,
    FALLING,
    FIRST,
    FORBIDDEN,
    HIDE,
    ITS_TAG,
    JOINING,
    LATER,
    LEAD,
    LOW,
    MADE,
    MOOD,
    NAMED,
    NOTIFY,
    NOUNS_ALONE,
    NUMBER,
    PUBLISH,
    RETURNING,
    SAYS,
    SOMEONE,
    STARS,
    TAG,
    TRIGGERS,
    UNITS,
    UNTAG,
)
from agent.sdk.rules import CAN, SUBJECTS, Act, Condition, On, Rule, Subject, Trigger
from agent.sdk.spoken_names import Names
from agent.sdk.spoken_numbers import amounts, number_of
from agent.sdk.spoken_times import odd_time, time_in


@dataclass(frozen=True, slots=True)
class Understood:
    rule: Rule


@dataclass(frozen=True, slots=True)
class Unsaid:
    """One more thing must be known."""

    question: str


@dataclass(frozen=True, slots=True)
class Cannot:
    """It was understood, and cannot be expressed."""

    what: str


Acting = tuple[str, str | None, list[str], str]
"""Kind of action, the noun or pronoun it is done to, tags, words."""


@dataclass(slots=True)
class _Said:
    """The text with what was understood of it blanked out, so that places stay where they were."""

    text: str
    left: str = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.text

    def take(self, pattern: re.Pattern[str] | str, *, flags: int = re.I) -> re.Match[str] | None:
        found = re.search(pattern, self.left, flags) if isinstance(pattern, str) else pattern.search(self.left)
        if found is not None and found[0].strip():
            self.use(*found.span())
            return found
        return None

    def use(self, start: int, end: int) -> None:
        self.left = self.left[:start] + " " * (end - start) + self.left[end:]

    def rest(self) -> list[str]:
        """Stretches that mean something and were not understood."""
        found = []
        for stretch in re.split(r"\s{2,}|[,.;:!?()]+", self.left):
            words = [w for w in re.findall(r"[\w'’%€$£-]+", stretch) if w.casefold() not in JOINING]
            if words:
                found.append(" ".join(stretch.split()))
        return found


def name_in(text: str) -> tuple[str | None, str]:
    """What an automation is to be called, where that is said, and the rest of the text."""
    found = NAMED.search(text)
    if found is None:
        return None, text
    return (found["quoted"] or found["plain"]).strip(), f"{text[: found.start()].rstrip()} {text[found.end() :].lstrip()}".strip()


def rule_in(text: str, names: Names, *, currency: str) -> Understood | Unsaid | Cannot:
    """What the words mean as a rule.

    Args:
        names: What the shop's goods and tags are called.
        currency: Of amounts said without one.
    """
    for pattern, what in FORBIDDEN:
        if re.search(pattern, text, re.I):
            return Cannot(f"An automation cannot {what}; {CAN}.")
    if odd := odd_time(text):
        return Cannot(f"“{odd}” is no rhythm that can be kept; every hour, day, week, month, quarter or year can.")
    return _Reader(text, names, currency).read()


def parts_in(text: str, names: Names, *, currency: str, on: On) -> tuple[dict[str, Any], list[Act], str]:
    """Conditions and actions said of a rule that is there, and the currency of the amount."""
    reader = _Reader(text, names, currency)
    reader._conditions_first()
    acts = [_act(do, noun, tags, words, on) for do, noun, tags, words in reader._acts() if on != "time"]
    reader._customer()
    reader._conditions(Trigger(on=on, stock=1 if on == "stock_below" else None, rhythm=Rhythm(every="day") if on == "time" else None))
    return reader.only, acts, reader.counted_in


class _Reader:
    """One reading of one text."""

    def __init__(self, text: str, names: Names, currency: str) -> None:
        lead = LEAD.match(text)
        self.alert = lead is not None and ALERT.search(lead[0]) is not None
        self.low = lead is not None and LOW.search(lead[0]) is not None
        self.said = _Said(text[lead.end() :] if lead is not None and not self._is_all(text, lead) else text)
        self.names, self.currency = names, currency
        self.only: dict[str, Any] = {}
        self.counted_in = currency
        self.acts: list[Acting] = []

    @staticmethod
    def _is_all(text: str, lead: re.Match[str]) -> bool:
        return lead.end() >= len(text.rstrip(" .!?"))

    def read(self) -> Understood | Unsaid | Cannot:
        saved = ASK.search(self.said.left)
        if saved is not None:
            self.said.use(*saved.span())
        self._conditions_first()
        acts = self.acts = self._acts()
        if saved is not None:
            acts.append(("ask", None, [], saved["said"].strip()))
        self._customer()
        when = self._trigger()
        if isinstance(when, Unsaid):
            return when
        if when is None:
            return self._timed(acts)
        self._conditions(when)
        return self._made(when, acts)

    # conditions that would be mistaken for something else later

    def _conditions_first(self) -> None:
        if (amount := next(amounts(self.said.left, self.currency), None)) is not None:
            self.only["order_total"], self.counted_in = amount.value, amount.currency
            self.said.use(amount.start, amount.end)
        for code, start, end in list(self.names.countries_in(self.said.left)):
            self.said.use(start, end)
            self.only.setdefault("countries", []).append(code)
        for named in list(CUSTOMER_TAG.finditer(self.said.left)):
            tag = (named["after"] or named["before"]).strip("\"“”'‘’")
            if named["after"] or (self.names.is_tag(tag) and not re.search(r"\btag\s+$", self.said.left[: named.start()], re.I)):
                self.said.use(*named.span())
                self.only.setdefault("customer_tags", []).append(tag)
        if (found := self.said.take(UNITS)) is not None and not self._of_stock(found):
            self.only["units"] = _between(found["how"], number_of(found["n"]))
        elif found is not None:  # "fewer than 5 units in stock" is what starts the rule
            self.said.left = self.said.left[: found.start()] + self.said.text[found.start() : found.end()] + self.said.left[found.end() :]
        if (found := self.said.take(MADE)) is not None:
            self.only["customer_orders"] = _between(found["how"], number_of(found["n"]))
        if re.search(r"\b(?:reviews?|messages?|e-?mails?|questions?)\b", self.said.left, re.I) and (found := self.said.take(SAYS)) is not None:
            self.only["words"] = [w.strip(" \"“”'‘’") for w in re.split(r"\s*,\s*|\s+or\s+", found["words"])]
        self._stars()

    def _of_stock(self, units: re.Match[str]) -> bool:
        """ "Fewer than 5 units ‖ in stock", "‖ falls under 6 units": what is there, and not what an order has."""
        after, before = self.said.text[units.end() : units.end() + 12], self.said.text[: units.start()]
        return re.search(r"stock|left|inventory", after, re.I) is not None or re.search(rf"{FALLING}\s+$", before, re.I) is not None

    def _stars(self) -> None:
        if (found := self.said.take(STARS)) is not None:
            n, m = number_of(found["n"]), number_of(found["m"]) if found["m"] else None
            how = (found["how"] or found["tail"] or "").lower()
            if m is not None:
                self.only["stars"] = Between[int](at_least=min(n, m), at_most=max(n, m))
            elif how in ("less", "fewer", "lower", "below", "under") and found["tail"]:
                self.only["stars"] = Between[int](at_most=n)
            elif how in ("more", "higher", "better", "up", "above") and found["tail"]:
                self.only["stars"] = Between[int](at_least=n)
            else:
                self.only["stars"] = Between[int](at_least=n, at_most=n) if how in ("", "only", "just") else _between(how, n)
        elif (mood := self.said.take(MOOD)) is not None:
            self.only["stars"] = Between[int](at_most=2) if mood["bad"] else Between[int](at_least=4)

    # what is to be done

    def _acts(self) -> list[Acting]:
        """Kind of action, the noun it is done to where one is said, tags, words; in the order said."""
        found: list[tuple[int, str, str | None, list[str], str]] = []
        for do, pattern in (("untag", UNTAG), ("notify", NOTIFY), ("draft", DRAFT), ("tag", TAG), ("hide", HIDE), ("publish", PUBLISH)):
            while (m := self.said.take(pattern)) is not None:
                groups = m.groupdict()
                noun = next((groups[g] for g in ("to", "to2", "to3", "to4", "to5", "to6") if groups.get(g)), None)
                if noun is None and re.search(r"\b(?:them|him|her)\b", m[0], re.I) and SOMEONE.search(self.said.text):
                    noun = "customer"
                tag = groups.get("as") or next((groups[g] for g in ("tag", "tag2", "tag3") if groups.get(g)), None)
                said = (groups.get("said") or groups.get("plain") or "").strip()
                found.append((m.start(), do, noun, [tag.strip("\"“”'‘’")] if tag else [], said))
        found.sort(key=lambda one: one[0])
        return [(do, noun, tags, said) for _, do, noun, tags, said in found]

    # when

    def _trigger(self) -> Trigger | Unsaid | None:
        if re.search(
            r"\b(?:stock|inventory|units?|left|products?|items?|variants?|below|under|falls?|drops?)\b", self.said.left, re.I
        ) or self.names.any_in(self.said.left):
            spots = TRIGGERS
        else:
            spots = tuple(pair for pair in TRIGGERS if pair[0] not in ("stock_below",))
        for on, pattern in spots:
            found = self.said.take(pattern)
            if found is not None:
                return self._stock(found) if on == "stock_below" else Trigger(on=on)
        if self.low or self.said.take(LOW) is not None:
            number = self.said.take(rf"\b(?:at|of|from|below|under|to)\s+{NUMBER}\b(?:\s+units?)?")
            return (
                Trigger(on="stock_below", stock=max(1, number_of(number["n"]))) if number else Unsaid("Below how many units does stock count as low?")
            )
        for on, pattern in LATER:
            if self.said.take(pattern) is not None:
                return Trigger(on=on)
        # What is tagged or hidden may be all that says when: "tag new customers", "hide sold-out products".
        for on, pattern in (*NOUNS_ALONE, *TRIGGERS[:2], *(pair for pair in LATER if pair[0] != "message_received")):
            if re.search(pattern, self.said.text, re.I):
                return Trigger(on=on)
        if "customer_orders" in self.only or FIRST.search(self.said.left):
            return Trigger(on="order_placed")
        if "stars" in self.only:
            return Trigger(on="review_received")
        return Trigger(on="order_placed") if "order_total" in self.only else None

    @staticmethod
    def _stock(found: re.Match[str]) -> Trigger:
        n, how = number_of(found["n"]), " ".join(found["how"].lower().split())
        inclusive = how in ("at or below", "down to", "to", "at most", "at", "hit", "hits", "reach", "reaches") or re.search(
            r"or\s+(?:less|fewer|below)", found[0], re.I
        )
        return Trigger(on="stock_below", stock=max(1, n + (1 if inclusive else 0)))

    def _timed(self, acts: Sequence[Acting]) -> Understood | Unsaid | Cannot:
        """A rule that starts at a time: all but the time is a request that is run."""
        when = time_in(self.said.text)
        if when is None and self.alert and self.names.any_in(self.said.text):
            return Unsaid("Below how many units of stock should it tell you?")
        if when is None:
            return Unsaid(
                "When should it happen: when an order, a review or a message comes in, stock falls below a number, a customer is new, or at a time?"
            )
        asked = [text for do, _, _, text in acts if do == "ask"]
        if not asked:
            left = _Said(self.said.text)
            for start, end in when.spans:
                left.use(start, end)
            words = " ".join(left.left.split()).strip(" ,;:.")
            asked = [re.sub(r"^(?:and|then|please)\s+", "", words, flags=re.I)] if words else []
        if not asked:
            return Unsaid("What should be done then?")
        return Understood(Rule(when=Trigger(on="time", rhythm=when.rhythm), then=[Act(do="ask", text=request) for request in asked]))

    # if

    def _conditions(self, when: Trigger) -> None:
        about = SUBJECTS[when.on]
        if about & {"review", "message"} and (found := self.said.take(SAYS)) is not None:
            self.only["words"] = [w.strip(" \"“”'‘’") for w in re.split(r"\s*,\s*|\s+or\s+", found["words"])]
        if "product" in about:
            if "customer_tags" not in self.only and (found := self.said.take(ITS_TAG)) is not None:
                self.only["product_tags"] = [found["tag"].strip("\"“”'‘’")]
            for name, value, start, end in self.names.goods_in(self.said.left):
                self.said.use(start, end)
                if name == "products":
                    self.only.setdefault("products", {}).update(value)
                else:
                    self.only.setdefault(name, []).extend(value)

    def _customer(self) -> None:
        if self.said.take(RETURNING) is not None:
            self.only["customer_orders"] = Between[int](at_least=2)
        elif (found := self.said.take(FIRST)) is not None:
            n = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "tenth": 10}.get((found["nth"] or "first").lower()) or int(
                re.sub(r"\D", "", found["nth"])
            )
            self.only["customer_orders"] = Between[int](at_least=n, at_most=n)

    # together

    def _made(self, when: Trigger, acts: Sequence[Acting]) -> Understood | Unsaid | Cannot:
        if not acts and (self.alert or when.on == "stock_below"):
            acts = [("notify", None, [], "")]
        if not acts:
            return Unsaid(
                f"What should be done {str(when)[0].lower()}{str(when)[1:]}: tag, hide or publish "
                f"something, draft a message, notify you, or run a request?"
            )
        if rest := self.said.rest():
            return Unsaid(f"What does “{rest[0]}” mean here? The rule would be: {str(when)}. Say it in other words, or leave it out.")
        if self.counted_in != self.currency:
            return Cannot(f"This shop counts in {self.currency}, not in {self.counted_in}; say the amount in {self.currency}.")
        try:
            then = [_act(do, noun, tags, text, when.on) for do, noun, tags, text in acts]
            return Understood(Rule(when=when, only=Condition(**self.only), then=then))
        except ValidationError as error:
            why = remedy(error.errors()[0])
            return Cannot(f"That cannot be done: {why}; {CAN}.")


_NOUNS: dict[str, Subject] = {
    "order": "order", "customer": "customer", "buyer": "customer", "person": "customer", "shopper": "customer", "product": "product",
    "item": "product", "variant": "product", "good": "product", "review": "review", "message": "message",
}  # fmt: skip
_MAIN: dict[On, Subject] = {
    "order_placed": "order", "order_paid": "order", "order_fulfilled": "order", "order_refunded": "order", "stock_below": "product",
    "sold_out": "product", "back_in_stock": "product", "new_customer": "customer", "review_received": "review", "message_received": "message",
}  # fmt: skip


def _act(do: str, noun: str | None, tags: list[str], text: str, on: On) -> Act:
    if do in ("notify", "ask"):
        return Act(do=do, text=text)
    main = _MAIN[on]
    to = _NOUNS.get(noun.lower().rstrip("s")) if noun else None
    if to is None and do in ("tag", "untag"):
        to = "product" if main == "review" else "customer" if main == "message" else main
    if to is None and do in ("hide", "publish"):
        to = "review" if main == "review" else "product"
    return Act(do=do, to=to or main, tags=tags, text=text)


def _between(how: str, n: int) -> Between[int]:
    how = " ".join(how.lower().split())
    if how in ("more than", "over", "above"):
        return Between[int](above=n)
    if how in ("fewer than", "less than", "under", "below"):
        return Between[int](below=n)
    if how == "exactly":
        return Between[int](at_least=n, at_most=n)
    return Between[int](at_least=n) if how == "at least" else Between[int](at_most=n)
