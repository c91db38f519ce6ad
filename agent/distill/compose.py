"""Wordings to whole requests: filled, joined by connectors of many kinds, and roughened as people type."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

from agent.distill.letters import Example, Letter, example_of, hesitant, lettered, roughened
from agent.distill.patterns import Expansion, Marked, Pattern
from agent.distill.refill import refilled, written_example
from agent.distill.wordings import Wordings
from agent.distill.written import Written


class Composer:
    """An endless, seeded stream of examples.

    Args:
        held_out: Draw from the wordings kept from training instead.
        written: Share of requests that were written whole, where there are any: they sound like people; the composed ones cover more
            names, amounts and joints.

    Attributes:
        chance: All that the stream hangs on besides its wordings: with its state set to what it was, the stream goes on from there.
    """

    def __init__(self, wordings: Wordings, *, seed: int, held_out: bool = False, written: float = 0.6) -> None:
        self.chance, self._share = random.Random(seed), written
        self._fillers = wordings.fillers
        self._written = wordings.written_of(held_out=held_out)
        patterns = [*wordings.of(held_out=held_out), *_clauses(self._written)]
        self._by_label: dict[str, list[Pattern]] = {}
        self._ellipses = [p for p in patterns if p.after]
        for pattern in patterns:
            if not pattern.after:
                self._by_label.setdefault(pattern.label, []).append(pattern)
        self._labels = sorted(self._by_label)

    def example(self) -> Example:
        """A request of one to eight parts: one that was written out, or one put together."""
        return self._from_written() if self._written and self._now(self._share) else self.composed()

    def _from_written(self) -> Example:
        """A written request, whole or without its end, with some of its slots filled anew."""
        request = self.chance.choice(self._written)
        if len(request.parts) > 1 and self._now(0.2):
            request = request.first(self.chance.randrange(1, len(request.parts)))
        return written_example(request, self._fillers, self.chance)

    def composed(self) -> Example:
        """A request put together from wordings."""
        chance = self.chance
        patterns, heading = self._enumeration() if chance.random() < 0.09 else (self._choose(chance.choices(*_COUNTS)[0]), None)
        letters: list[Letter] = []
        kinds: list[str] = []
        labels = [p.label for p in patterns]
        style = _Joints(chance, len(patterns), self._fillers, heading)
        letters += [Letter(c) for c in style.opening()]
        for place, pattern in enumerate(patterns):
            letters += [Letter(c) for c in style.joint(place)]
            marked = self._said(pattern)
            letters += lettered(marked, place, kinds, capital=style.capital(place))
        letters += [Letter(c) for c in style.closing(labels[-1], patterns[-1].imperative)]
        if chance.random() < 0.05:
            letters = hesitant(letters, chance, self._fillers["_um"])
        return example_of(roughened(letters, chance), labels, kinds)

    def _enumeration(self) -> tuple[list[Pattern], str | None]:
        """One verb for many: "restock mugs by 20, plates by 10 and bowls by 5", or a heading and what belongs under it."""
        label = self.chance.choice([name for name in _ENUMERATED if name in self._by_label] or self._labels)
        shapes = [
            p
            for p in self._ellipses
            if label in p.after and "{product" in p.body and ("{money" in p.body or "{quantity" in p.body or "{percent" in p.body)
        ]
        first = self.chance.choice([p for p in self._by_label[label] if not p.follows])
        if not shapes:
            return [first], None
        shape = self.chance.choice(shapes)
        rest = [Pattern(body=shape.body, label=label, imperative=False, follows=True)] * self.chance.choice([1, 1, 2, 2, 3, 4])
        if f"_head_{label}" in self._fillers and self.chance.random() < 0.5:
            return [*rest, rest[0]], self.chance.choice(self._fillers[f"_head_{label}"])
        return [first, *rest], None

    def _choose(self, count: int) -> list[Pattern]:
        chosen: list[Pattern] = []
        while len(chosen) < count:
            previous = chosen[-1] if chosen else None
            ellipses = [p for p in self._ellipses if previous is not None and previous.label in p.after]
            if previous is not None and ellipses and self.chance.random() < 0.22:
                ellipsis = self.chance.choice(ellipses)
                chosen.append(Pattern(body=ellipsis.body, label=previous.label, imperative=False, follows=True))
                continue
            label = (
                previous.label
                if previous and self.chance.random() < 0.12
                else self.chance.choices(self._labels, [weight_of(k) for k in self._labels])[0]
            )
            may_follow = previous is not None and (previous.label in _ANTECEDENTS.get(label, _ANY) or label not in _ANY)
            pool = [p for p in self._by_label[label] if may_follow or not p.follows]
            if may_follow and self.chance.random() < 0.45:
                pool = [p for p in pool if p.follows] or pool
            if pool:
                chosen.append(self.chance.choice(pool))
        return chosen

    def _said(self, pattern: Pattern) -> Marked:
        """The wording filled, and now and then said another way round: longer, asked about, begged for, with a reason."""
        if pattern.said is not None:
            return refilled(pattern.said, self._fillers, self.chance)
        marked = Expansion(self._fillers, self.chance).expand(pattern.body)
        marked = self._narrowed(pattern.label, marked)
        if pattern.imperative:
            marked = self._begged(self._fetched(pattern.label, marked))
            return marked + Marked(" " + self._pick("_reason")) if self._now(0.07) and pattern.label in _ANY else marked
        asked = marked.text.split(" ", 1)[0].lower() in _QUESTIONS and self._now(0.15)
        return Marked(self._pick("_asking") + " ") + _lowered(marked) if asked else marked

    def _narrowed(self, label: str, marked: Marked) -> Marked:
        """With a period, a place or the like after it or before it, if it has none yet."""
        kinds = {kind for kind, _, _ in marked.slots}
        if f"_adjunct_{label}" in self._fillers and self._now(0.15) and not marked.text.endswith("?"):
            more = Marked(" ") + Expansion(self._fillers, self.chance).expand(self._pick(f"_adjunct_{label}"))
            if not kinds & {kind for kind, _, _ in more.slots}:
                return marked + more
        if label in _DATED and not kinds & {"period", "place"} and self._now(0.06):
            return Expansion(self._fillers, self.chance).expand(self._pick("_front")) + Marked(" ") + _lowered(marked)
        return marked

    def _fetched(self, label: str, marked: Marked) -> Marked:
        """With another verb of showing in place of its own."""
        found = _SHOWING.match(marked.text) if label in _READS and self._now(0.35) else None
        return Marked(self._pick("_fetch") + " ") + marked.after(found.end()) if found else marked

    def _begged(self, marked: Marked) -> Marked:
        if not self._now(0.25):
            return marked
        lead = self._pick("_please")
        tail = self.chance.choice(["", "", "", " please", " pls", " for me", " if possible", ", please"])
        return Marked(f"{lead} ") + _lowered(marked) + Marked("" if "please" in lead else tail)

    def _pick(self, name: str) -> str:
        return self.chance.choice(self._fillers[name])

    def _now(self, share: float) -> bool:
        return self.chance.random() < share


def _clauses(written: Sequence[Written]) -> list[Pattern]:
    """The parts of written requests as wordings; all but the first may lean on what comes before."""
    return [
        Pattern(body="", label=part.label, imperative=False, follows=place > 0, held_out=request.held_out, said=request.clause(place))
        for request in written
        for place, part in enumerate(request.parts)
    ]


_COUNTS = ([1, 2, 3, 4, 5, 6, 8], [40, 28, 16, 8, 4, 3, 1])
_ENUMERATED = ("change_price", "adjust_inventory")
_QUESTIONS = frozenset({"what", "what's", "which", "who", "how", "where", "when", "why", "whether"})
_SHOWING = re.compile(r"(?:show me|show|list|get me|get|give me|display|pull up|retrieve|fetch|view) (?=\w)")
_READS = frozenset({"find_products", "inventory_report", "sales_report", "find_orders", "find_customers", "review_insights"})
_DATED = frozenset({"sales_report", "find_orders", "find_customers"})


def _lowered(marked: Marked) -> Marked:
    return Marked(marked.text[:1].lower() + marked.text[1:], marked.slots) if not marked.text[:2].isupper() else marked


_WEIGHT = {"out_of_scope": 1.3, "not_supported": 1.3, "unclear": 1.3}
_SELDOM = 0.3


def weight_of(label: str) -> float:
    """How often a label is drawn into a composed request: 1 for the tasks asked for most, less for the many others."""
    return _WEIGHT.get(label, 1.0 if label in _OFTEN else _SELDOM)


_OF_PRODUCTS = frozenset(
    {"find_products", "edit_product", "change_price", "adjust_inventory", "inventory_report", "sales_report", "write_description", "review_insights"}
)
_OF_PEOPLE = frozenset({"find_customers", "tag_customers", "find_orders"})
_OFTEN = _OF_PRODUCTS | _OF_PEOPLE | {"create_discount"}
_ANY = _OFTEN | {"not_supported"}
_ANTECEDENTS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_OF_PRODUCTS - {"sales_report"}, _OF_PRODUCTS), "sales_report": _OF_PRODUCTS, "find_customers": _OF_PRODUCTS,
    "tag_customers": _OF_PEOPLE, "create_discount": _OF_PRODUCTS | _OF_PEOPLE,
}  # fmt: skip
"""What a wording with "it" or "them" may come after: "tag them" is about customers after customers, about products after products."""


class _Joints:
    """How one request's parts are held together: prose, sentences, a list, or nothing but a comma."""

    def __init__(self, chance: random.Random, count: int, fillers: Mapping[str, Sequence[str]], heading: str | None) -> None:
        self._chance = chance
        self._count = count
        self._fillers = fillers
        kinds = ["prose", "sentences", "lines", "numbers", "bullets", "bare", "letters"]
        weights = [44, 24, 7, 5, 5, 14, 2] if heading is None else [30, 0, 30, 3, 12, 25, 0]
        self._kind = chance.choices(kinds, weights)[0] if count > 1 else "prose"
        self._heading = heading
        self._mark = chance.choice(["{}. ", "{}) ", "{}: ", "({}) "])
        self._bullet = chance.choice(["- ", "* ", "• ", "– ", "-"])
        self._listed = self._kind in ("lines", "numbers", "bullets", "letters")
        self._inline = self._kind in ("numbers", "letters") and chance.random() < 0.35
        self._capitals = chance.random() < 0.5

    def opening(self) -> str:
        if self._heading is not None:
            return self._heading + ("\n" if self._listed and not self._inline else " ")
        if self._listed and self._chance.random() < 0.5:
            return self._chance.choice(self._fillers["_heading"]) + ("\n" if not self._inline else " ")
        said = self._chance.choice(self._fillers["_opening"]) + " " if self._chance.random() < 0.15 else ""
        for share in (0.14, 0.04):
            if self._chance.random() < share:
                said += self._chance.choice(self._fillers["_context"]) + " "
        return said

    def joint(self, place: int) -> str:
        mark = ""
        if self._kind == "numbers":
            mark = self._mark.format(place + 1)
        elif self._kind == "letters":
            mark = self._mark.format("abcdefgh"[place])
        elif self._kind == "bullets":
            mark = self._bullet
        if self._listed:
            return (
                mark
                if place == 0
                else (self._chance.choice([" ", ", ", "; "]) if self._inline else self._chance.choice(["\n", "\n", ";\n", ".\n", ",\n"])) + mark
            )
        if place == 0:
            return ""
        if self._kind == "sentences" and self._chance.random() < 0.12:
            return ". " + self._chance.choice(self._fillers["_context"]) + " "
        if self._kind == "sentences":
            return self._chance.choice(
                [
                    ". ",
                    ". ",
                    ". ",
                    ".",
                    "! ",
                    "? ",
                    ". Also, ",
                    ". Also ",
                    ". Then ",
                    ". And ",
                    ". Next, ",
                    ". After that, ",
                    ". Finally, ",
                    ".\n",
                    ".\n\n",
                    ". Oh and ",
                ]
            )
        if self._kind == "bare":
            return self._chance.choice([" ", " ", " ", ", ", ", ", ", ", ",", " - ", "\n", "\n", "; ", " / ", "  "])
        last = place == self._count - 1
        if not last and self._chance.random() < 0.45:
            return ", "
        return self._chance.choice(self._fillers["_connector_last"] if last and self._chance.random() < 0.5 else self._fillers["_connector"]).replace(
            "_", " "
        )

    def capital(self, place: int) -> bool:
        if self._kind in ("sentences",) or self._listed:
            return self._capitals
        return place == 0 and self._capitals

    def closing(self, label: str, imperative: bool) -> str:
        if self._chance.random() < 0.15 and label not in ("out_of_scope", "unclear"):
            return self._chance.choice(self._fillers["_closing"]).replace("_", " ")
        return self._chance.choice(["", "", ".", "!"]) if imperative else self._chance.choice(["", "?", "?", "."])
