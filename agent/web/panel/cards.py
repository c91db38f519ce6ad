"""What templates ask about a part or a change set beyond its fields. Values are the JSON of records."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal

from agent.records import Principal, Scope
from agent.reply import babel_locale
from agent.sdk.levels import counted
from agent.service.record_cards import shown_as_cards
from agent.web.panel.answers import shown
from agent.web.panel.summaries import side_of, summary_of
from agent.web.panel.view import tables_of
from agent.web.panel.words import Words, humanised, money_of

Json = Mapping[str, Any]
_FEW = 4
_PLAIN = 90
"""A sentence this short that has the values before and after, or says how many change, has nothing else."""
_MORE = re.compile("[,;:] ")
_IDS = ("id", "customer", "order", "thread")
"""Fields of records that hold an id: the record's name says whom it is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """How far a value goes, beside the value itself."""

    text: str
    way: str
    """up or down"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftText:
    """One text of a draft, in a box of its own."""

    item: str
    """The change that would save it; empty when nothing would."""
    label: str
    text: str


def helpers(principal: Principal, csrf: str, now: datetime, undoing: Mapping[str, Sequence[Json]] | None = None) -> dict[str, Any]:
    """What every page with cards needs. `undoing`: change set id to the open change sets that put it back."""
    found = undoing or {}
    return {
        "csrf": csrf,
        "now": now,
        "may_approve": principal.may(Scope.APPROVE),
        "may_ask": principal.may(Scope.ASK),
        "may_admin": principal.may(Scope.ADMIN),
        "tables": tables_of,
        "shown": shown,
        "card_ids": card_ids,
        "draft_texts": draft_texts,
        "saved_as": saved_as,
        "text_of": text_of,
        "typed_word": typed_word,
        "field_name": field_name,
        "summary_of": summary_of,
        "side_of": side_of,
        "adds": adds,
        "in_all": in_all,
        "added": added,
        "fields_of": fields_of,
        "move": move,
        "undoable": undoable,
        "makes_draft_orders": makes_draft_orders,
        "open_items": open_items,
        "only_records": only_records,
        "only_actions": only_actions,
        "inverses": lambda change_set: found.get(change_set["id"], ()),
        "no_inverses": lambda change_set: (),
    }


def card_ids(data: Any) -> dict[str, tuple[str, ...]]:
    """The records of an answer that stand beside it as cards. Where one record's facts are told field by field, its card would say them again."""
    found = shown_as_cards(data)
    told = any(len(table["rows"]) == 1 and not table["figures"] for table in tables_of(data))
    return {kind: ids for kind, ids in found.items() if kind == "products" or not told}


def open_items(change_set: Json) -> int:
    """How many items still wait for a decision; none once the set has expired."""
    if change_set["state"] in ("expired", "rejected", "failed", "undone", "applying"):
        return 0
    return sum(item["state"] == "open" for item in change_set["items"])


def only_records(change_set: Json) -> bool:
    """Every item makes or removes a whole record: there is no before beside an after."""
    return all(item["what"].get("op") in ("create", "delete") for item in change_set["items"])


def only_actions(change_set: Json) -> bool:
    """Nothing in it is a change of a record: its money is what is paid or given back, neither more nor less than before."""
    return all("op" not in item["what"] for item in change_set["items"])


def undoable(change_set: Json) -> bool:
    return any(item["state"] == "applied" and item["what"].get("reversible", False) for item in change_set["items"])


def makes_draft_orders(change_set: Json) -> bool:
    """Whether it made orders that wait for nobody to place them, which a page of their own shows."""
    return any(item["state"] == "applied" and item["what"]["target"]["kind"] == "draft_order" for item in change_set["items"])


def typed_word(change_set: Json) -> str | None:
    """The word that must be typed before these actions are done, if one must."""
    words = [item["what"].get("confirm", "") for item in change_set["items"]]
    return next((word.removeprefix("type:") for word in words if word.startswith("type:")), None)


def field_name(words: Words, what: Json) -> str:
    """What of the record changes: "Price", "Stock", "New product"."""
    kind = words.gettext(str(what["target"]["kind"])).replace("_", " ")
    match what.get("op"):
        case "create":
            return words.gettext("New %(kind)s", kind=kind)
        case "delete":
            return words.gettext("Remove %(kind)s", kind=kind)
        case None:
            return kind
    return words.gettext(humanised(str(what["field"]).split(":")[0]))


def fields_of(words: Words, record: Json) -> list[tuple[str, str]]:
    """A record's fields as people read them. What is empty is left out; of many ids, only how many they are."""
    return [
        (words.gettext(humanised(name)), words.value(len(value) if isinstance(value, list) and len(value) > _FEW else value))
        for name, value in record.items()
        if value not in (None, "", [], {}) and not name.endswith("_id") and name not in _IDS
    ]


def adds(words: Words, change_set: Json, sentence: str) -> bool:
    """Whether what the task says of its proposal is more than the head and the one line of the table tell already."""
    if sentence == change_set["summary"] or words.told(sentence) == summary_of(words, change_set):
        return False
    items = [item["what"] for item in change_set["items"]]
    if len(sentence) > _PLAIN or len(items) == 1 and items[0].get("op") != "set":
        return True
    if len(items) == 1:
        return not all(words.value(counted(items[0]["field"], items[0][side])) in sentence for side in ("before", "after"))
    return bool(_MORE.search(sentence)) or words.value(len(items)) not in sentence


def in_all(words: Words, part: Json, rows: int) -> int:
    """How many an answer found, where its sentence says so and its table has only the first of them."""
    data = part["data"]
    found = data.get("count") if isinstance(data, Mapping) and len(tables_of(data)) == 1 else None
    return found if isinstance(found, int) and found > rows and words.value(found) in part["text"] else rows


def added(words: Words, what: Json) -> str:
    """The number after an addition, as it would be now."""
    return words.value((what["before"] or 0) + (what["after"] or 0))


def move(words: Words, what: Json) -> Move | None:
    """By how much a price or a number moves; None where that means nothing."""
    before, after = (counted(what.get("field"), what.get(side)) for side in ("before", "after"))
    if what.get("op") == "add" and isinstance(after, int):
        return _move(words, Decimal(after), "")
    one, other = money_of(before), money_of(after)
    if one is not None and other is not None and one.amount and one.currency == other.currency:
        return _move(words, (other.amount - one.amount) * 100 / one.amount, "%")
    if _is_count(before) and _is_count(after) and what.get("op") == "set":
        return _move(words, Decimal(int(after or 0) - int(before or 0)), "")
    return None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _move(words: Words, by: Decimal, unit: str) -> Move | None:
    rounded = round(by, 1 if unit else 0).normalize()
    if not rounded:
        return None
    sign = "+" if rounded > 0 else "−"
    return Move(text=f"{sign}{format_decimal(abs(rounded), locale=babel_locale(words.locale))}{unit}", way="up" if rounded > 0 else "down")


def draft_texts(part: Json) -> list[DraftText]:
    """The draft's texts, one for each record it would be saved to; the whole content where it is for none."""
    items = (part["change_set"] or {}).get("items", ())
    texts = [DraftText(item=item["id"], label=item["what"]["target"]["label"], text=text) for item in items if (text := _text_of(item["what"]))]
    return texts or [DraftText(item="", label="", text=str((part["data"] or {}).get("content", "")))]


def rewordings_of(part: Json, item: str, reworded: Sequence[Json]) -> list[Json]:
    """Those of the change sets that people proposed in place of this text of the draft: they do the same to the same record."""
    what = next((i["what"] for i in (part["change_set"] or {}).get("items", ()) if i["id"] == item), None)
    return [each for each in reworded if what is not None and _place(each["items"][0]["what"]) == _place(what)]


def saved_as(part: Json, text: DraftText, reworded: Sequence[Json]) -> Json | None:
    """The change set that a text of a draft was saved as, or in which it was decided on; None while nobody did either."""
    if found := rewordings_of(part, text.item, reworded):
        return found[-1]
    own: Json = part["change_set"] or {}
    return own if len(own.get("items", ())) == 1 and own["state"] != "open" else None


def text_of(change_set: Json) -> str:
    """The text that a proposal of one text would save or send."""
    return _text_of(change_set["items"][0]["what"])


def _place(what: Json) -> tuple[Any, ...]:
    """What an effect does to what: a change by its field, an action by its kind."""
    return (what["target"]["kind"], what["target"]["id"], what.get("op"), what.get("field"), what.get("kind"))


def _text_of(what: Json) -> str:
    """The text that a change would save or an action send; a message keeps it in its body."""
    for held in (what.get("after"), what.get("params")):
        text = held.get("body") if isinstance(held, Mapping) else held
        if isinstance(text, str):
            return text
    return ""
