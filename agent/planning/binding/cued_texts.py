"""Free text without a reader's mark: only what a cue announces, and for writes only in quotes or as a single tag."""

from __future__ import annotations

import re

from agent.planning.binding.choice_fields import ARTICLE
from agent.planning.binding.choices import covering
from agent.planning.binding.put_values import listed
from agent.planning.binding.scope import Bound
from agent.planning.binding.type_fit import language_names
from agent.planning.language.values import Spot
from agent.sdk import Slot

_STOP = r"(?=\s+(?:to|from|for|on|in|until|and|with|at|is|are|as)\b|[,.;]|$)"
_TAG_IT = re.compile(
    r"\btag\s+(?:(?:it|them|these|those|this|that)\s+(?:as\s+|with\s+)?"
    r"|(?:(?:the|this|that|those|these|both)\s+)?orders?(?:\s+#?\d{3,12})?\s+"
    r"(?!(?:as|with|from|of|by|over|under|above|below|that|which|without|in|to|and)\b))"
    r"(?P<text>[\w-]+)",
    re.I,
)
_TAG_CUES = frozenset(
    {"as", "with", "tag as", "tag with", "tagged as", "add the tag", "remove the tag", "untag", "take off the tag", "drop the tag", "delete the tag"}
)
"""After these one word is the new tag, whatever else the clause says."""
_STATES = frozenset({
    "cancelled", "canceled", "shipped", "sent", "fulfilled", "paid", "refunded", "delivered", "done", "closed", "complete", "completed",
})  # fmt: skip
"""What may be meant to become of an order, where it is said to be no tag: "tag order 1042 ‖ cancelled"."""
_AS_A = frozenset({"as", "tag as", "tagged as", "mark as"})
_ARTICLE = r"(?:an?\s+)?"
""" "Mark her as ‖ a ‖ complainer"."""
_NO_TEXT = frozenset({
    "the", "a", "an", "all", "every", "them", "it", "customers", "most", "more", "less", "least", "us", "me", "you", "my", "our", "this", "that",
    "these", "those",
})  # fmt: skip
_LANGUAGES = re.compile(r"\bin\s+(?P<name>[A-Z][a-z]+|[a-z]{5,})\b")


def texts_by_cue(bound: Bound, *, least: int = 0) -> None:
    """Fill text fields by their cues; in a draft, before goods are looked for, only by cues of so many letters ("mentioning", not "for")."""
    for slot in bound.task.slots:
        if slot.name in bound.args or not {"text", "texts"} & set(slot.types):
            continue
        if "language" in slot.name:
            _language(bound, slot)
            continue
        group = next((group for group in bound.task.args.one_of if slot.name in group), ())
        wanted = slot.required or bool(group and not any(name in bound.args for name in group))
        if (found := _after_cue(bound, slot, wanted=wanted or bound.task.effect == "draft", least=least)) is not None:
            spot, text = found
            bound.args[slot.name] = listed(text) if "texts" in slot.types else text
            bound.taken.append(spot)


def _after_cue(bound: Bound, slot: Slot, *, wanted: bool, least: int) -> tuple[Spot, str] | None:
    piece = bound.piece
    if (
        "tag" in slot.cues
        and (match := _TAG_IT.search(piece.said)) is not None
        and match["text"].lower() not in _NO_TEXT | _STATES
        and not match["text"].isdigit()
    ):
        return Spot(start=piece.start + match.start("text"), end=piece.start + match.end("text")), match["text"]
    for cue in sorted(slot.cues, key=len, reverse=True):
        loose = bound.task.effect == "draft"
        if loose and len(cue) < least:
            continue
        # "mentioning", "containing"; and "about packaging" once it is known to be no goods
        about = slot.name == "about" or (slot.name == "topic" and (len(cue) > 6 or (cue == "about" and not least)))
        if not loose and not about and (cue not in _TAG_CUES or (not wanted and len(cue) < 8)):
            continue
        one_word = rf"{_ARTICLE if cue in _AS_A else ''}(?P<text>[\w-]+){_STOP}"
        text = r"(?:that\s+)?(?P<text>.+?)(?=[,.;]|\s+(?:for|about)\s+(?:the|our|all)\b|$)" if loose else one_word
        for match in re.finditer(rf"(?<!\w){re.escape(cue)}\s+{text}", piece.said, re.I):
            spot = Spot(start=piece.start + match.start("text"), end=piece.start + match.end("text"))
            if slot.name in ("code", "codes") and len(match["text"].split()) > 1:
                continue  # "a code for their next order" is called nothing yet
            if _ONLY_POINTS.fullmatch(match["text"]) or (cue in _TAG_CUES and match["text"].isdigit()):
                continue
            if not bound.takes(spot) and match["text"].lower() not in _NO_TEXT and not _is_chosen(bound, match["text"]):
                return spot, match["text"]  # fmt: skip
    return None


_ONLY_POINTS = re.compile(
    r"(?:it|this|that|them|these|those)"
    r"(?:\s+(?:to|for|with|by|out\s+to)\s+(?:all\s+of\s+)?(?:them|him|her|everyone|everybody|these|those)(?:\s+\w+)?)?",
    re.I,
)
""" "Announcing it to them" tells nothing that could be written."""


def _is_chosen(bound: Bound, text: str) -> bool:
    """Whether these words are all that a choice says already: "about the delay" is the purpose of a message, and no words of it."""
    led = ARTICLE.match(text)
    bare = text[led.end() :] if led else text
    return any(slot.name in bound.args and slot.choices and covering(slot, bare) for slot in bound.task.slots)


def _language(bound: Bound, slot: Slot) -> None:
    for match in _LANGUAGES.finditer(bound.piece.said):
        if match["name"].casefold() in language_names():
            bound.args[slot.name] = match["name"].title()
            bound.taken.append(Spot(start=bound.piece.start + match.start(), end=bound.piece.start + match.end()))
