"""The head of a change set in the reader's language, made from its items: what is kept with it is one English sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from agent.languages.catalogues import ENGLISH
from agent.sdk.levels import counted
from agent.web.panel.words import Words, humanised

Json = Mapping[str, Any]
_STATES = ("state", "status")
_LONGEST = 60
"""Of a value beside another: the table below has the whole."""


def summary_of(words: Words, change_set: Json) -> str:
    items = [item["what"] for item in change_set["items"]]
    if words.spoken == ENGLISH:
        return _short(change_set, items) or words.amounts(str(change_set["summary"]))
    known = words.told(change_set["summary"])
    if known != change_set["summary"] and [what.get("op") for what in items] not in (["create"], ["delete"]):
        return known
    said = _one(words, items[0]) if len(items) == 1 else _many(words, items)
    return words.gettext("Undo") + ": " + said if change_set.get("undoes") else said


def _short(change_set: Json, items: list[Json]) -> str:
    """The head of one long text in place of another: what of each is kept in a sentence is their beginnings, which say nothing beside the table."""
    if len(items) != 1 or items[0].get("op") != "set":
        return ""
    what = items[0]
    if all(len(str(what[side] or "")) <= _LONGEST or isinstance(what[side], Mapping) for side in ("before", "after")):
        return ""
    undo = "Undo: " if change_set.get("undoes") else ""
    return f"{undo}{what['target']['label']}: {humanised(str(what['field']).partition(':')[0]).lower()}"


def side_of(words: Words, what: Json, side: str) -> str:
    """What a field was, or will be. How something stands is a word of ours."""
    value = counted(what["field"], what[side])
    return words.ours(value) if what["field"] in _STATES and isinstance(value, str) else words.value(value)


def _one(words: Words, what: Json) -> str:
    label = words.name(str(what["target"]["kind"]), str(what["target"]["label"]))
    match what.get("op"):
        case "create" | "delete" as op:
            whole = "New {kind}: {{label}}" if op == "create" else "Delete the {kind} {{label}}"
            known = words.catalogue.gettext(message := whole.format(kind=what["target"]["kind"]))
            return known.format(label=label) if known != message else f"{_done(words, what)}: {label}"
        case "set":
            before, after = side_of(words, what, "before"), side_of(words, what, "after")
            moved = f" {before} → {after}" if max(len(before), len(after)) <= _LONGEST else ""
            return f"{label}: {_done(words, what)}{moved}"
        case "add":
            return f"{label}: {_done(words, what)} {what['after']:+d}"
        case _:
            money = f", {words.money(what['money'])}" if what.get("money") else ""
            return f"{_done(words, what)}: {label}{money}"


def _many(words: Words, items: list[Json]) -> str:
    """ "Price: 40 changes; Stock: 2 changes"."""
    counted = Counter(_done(words, what) for what in items)
    told = words.ngettext
    return "; ".join(f"{done}: {told('%(shown)s change', '%(shown)s changes', n, shown=words.value(n))}" for done, n in counted.items())


def _done(words: Words, what: Json) -> str:
    kind = words.gettext(str(what["target"]["kind"]))
    match what.get("op"):
        case "create":
            return words.gettext("New %(kind)s", kind=kind)
        case "delete":
            return words.gettext("Remove %(kind)s", kind=kind)
        case None:
            return words.gettext(humanised(str(what["kind"])))
        case _:
            return words.gettext(humanised(str(what["field"]).partition(":")[0]))
