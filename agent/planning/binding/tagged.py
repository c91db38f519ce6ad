"""Tags of customers and orders, which no vocabulary holds: "customers tagged vip", "wholesale customers", "orders with the tag gift".

What is said to be a tag is one. A word before "customers" is one where some customer bears it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from agent.planning.binding.scope import GOODS, Bound, Scope, put
from agent.planning.language.values import Spot
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.link import Linked
from agent.planning.linking.roles import task_for
from agent.planning.linking.vocabulary import stem
from agent.sdk import CustomerWhere, OrderWhere, Slot, Where, every

_ITEM = r"[\"“'‘]?[\w-]+(?:\s+(?!and\b|or\b|in\b|from\b|who\b|that\b|with\b|this\b|last\b|since\b|for\b|to\b|as\b)[\w-]+(?=[\"”'’]))?[\"”'’]?"
_TAGGED = re.compile(
    r"\b(?:tagged|labell?ed)\s+(?:as\s+|with\s+)?(?P<tags>{item}(?:\s*(?:,|\band\b)\s*{item}(?=[\"”'’]?\s*(?:[,.;!?]|$|\b(?:and|or|in|from|who|that|this|last|since|as|with|for)\b)))*)"
    r"|\b(?:with|having|have|has|bearing|wearing)\s+(?:the\s+|a\s+)?(?:tags?|label)\s+(?P<with>{item})"
    r"|\b(?:with|having|have|has|bearing)\s+(?:an?\s+|the\s+)?(?P<named>[\w-]+)\s+tags?\b"
    r"|\b(?P<before>[\w-]+)[\s-]+tagged\s+(?=customers?\b|orders?\b)".replace("{item}", _ITEM),
    re.I,
)
_WHICH = re.compile(r"\b(?P<tag>[^\W\d][\w-]{2,})\s+(?=(?:customers?|buyers?|clients?|shoppers?|members|orders?)\b)|\b(?P<such>vip)s\b", re.I)

_LIKELY = 8
"""Words of one clause that are looked up as a tag without being said to be one."""

_NO_TAGS = frozenset(
    {"which", "what", "whose", "how", "many", "most", "more", "fewer", "few", "other", "such", "same", "both", "tell", "show", "find", "list", "tag"}
)
"""What stands before "customers" in most requests: not worth a question to the shop each time."""


def take_tags(bound: Bound) -> None:
    """Fill the tags that records are said to bear."""
    slot = _slot(bound)
    if slot is None or slot.name in bound.args:
        return
    for said in _TAGGED.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        group = said.lastgroup or "tags"
        spot = Spot(start=said.start(), end=said.end())
        tags = [part.strip(" \"“”'‘’") for part in re.split(r"\s*(?:,|\band\b)\s*", said[group], flags=re.I)]
        if _DENIED.search(bound.piece.text, bound.piece.start, said.start()) is not None:
            continue  # "that aren't tagged gift" are those without it
        if not bound.takes(spot) and all(tag.lower() not in COMMON for tag in tags):
            bound.args[slot.name] = [*bound.args.get(slot.name, []), *tags]
            bound.taken.append(spot)


_DENIED = re.compile(r"(?:\bnot|\bnever|n[’']t)\s+(?:yet\s+|already\s+)?$", re.I)
_THAT_TAG = re.compile(r"\b(?:that|this|the\s+same)\s+(?:tag|label)\b", re.I)
_OFF = re.compile(r"\b(?:remove|delete|drop|take|strip|lose|untag|clear|get\s+rid\s+of)\b", re.I)


def take_that_tag(bound: Bound, scope: Scope) -> None:
    """ "Find everything tagged clearance and delete that tag": the one tag that the part before spoke of."""
    said = _THAT_TAG.search(bound.piece.text, bound.piece.start, bound.piece.end) or _spoken_tag(bound, scope)
    slots = [slot for slot in bound.task.slots if "texts" in slot.types and slot.name.startswith(("add", "remove"))]
    if said is None or bound.task.effect == "read" or not scope.earlier or any(slot.name in bound.args for slot in slots):
        return
    off = said.groupdict().get("it") is not None or _OFF.search(bound.piece.text, bound.piece.start, said.start()) is not None
    slot = next((slot for slot in slots if slot.name.startswith("remove") == off), None)
    before = scope.earlier[-1].bound
    borne = {tag for link in before.links.values() for tag in link.where.tags}
    borne |= {tag for name, value in before.args.items() if name in ("tags", "add", "add_tags", "remove_tags") for tag in value}
    if slot is not None and len(borne) == 1:
        bound.args[slot.name] = list(borne)
        bound.taken.append(Spot(start=said.start(), end=said.end()))


_MARKED_AS = re.compile(
    r"\b(?:mark|flag)\b[^.;!?]{1,80}?\s+as\s+(?:an?\s+)?[\"“'‘]?(?P<tag>[^\W\d_][\w-]*)[\"”'’]?(?=\W*$|\s*[,.;!?]|\s+(?:and|please|because|since|so|without)\b)",
    re.I,
)


def take_marked_as(bound: Bound) -> None:
    """ "Mark order 1042 as urgent": a tag, of a task whose tags are put on so."""
    slot = next((one for one in bound.task.slots if "texts" in one.types and "mark as" in one.cues and one.name not in bound.args), None)
    said = _MARKED_AS.search(bound.piece.text, bound.piece.start, bound.piece.end) if slot is not None else None
    if slot is None or said is None or bound.takes(spot := Spot(start=said.start("tag"), end=said.end("tag"))):
        return
    bound.args[slot.name] = [said["tag"]]
    bound.taken.append(spot)


_ON = re.compile(r"\s+from(?:\s+(?:now|today|this\s+\w+))?(?:\s+on(?:wards?)?)?$", re.I)
""" "Tag … as gold ‖ from now on" names the tag before it."""
_SIGN = re.compile(r"\bon(?:wards?)?\b", re.I)


def tags_without_names(bound: Bound) -> None:
    """ "Tag Anna Weber and Emma Richter vip": what is the name of somebody meant is no part of a tag, nor from when on it is to be put."""
    names = {word for link in bound.links.values() if link.record in ("", "customer") for word in re.findall(r"[A-ZÀ-Þ][\w’'-]+", link.label)}
    for slot in bound.task.slots if names or _SIGN.search(bound.piece.said) else ():
        if "texts" not in slot.types or not isinstance(tags := bound.args.get(slot.name), list):
            continue
        bare = [" ".join(word for word in _ON.sub("", tag).split() if word not in names) for tag in tags if isinstance(tag, str)]
        if len(bare) == len(tags) and any(bare):
            bound.args[slot.name] = [tag for tag in bare if tag]


_TAG = r"[\"“'‘]?[^\W_][\w-]*[\"”'’]?"
_LISTED = re.compile(
    rf"\b(?:tags|labels)\s+(?:(?:called|named|like)\s+)?(?P<tags>{_TAG}(?:\s*(?:,\s*(?:and\s+)?|&|\band\b)\s*{_TAG})+)"
    r"(?=\s*(?:$|[.;!?]|\b(?:from|off|to|on|onto|for|of|in|at|away)\b))",
    re.I,
)
"""The tags that are put on or taken off, each by its name: "the tags kitchen, wood and gift off the rolling pin"."""
_INSTEAD = re.compile(
    rf"\b(?:replace|swap|exchange|change|switch|rename|turn|substitute|convert)\s+(?:(?:the|our|all|every|product|customer|order)\s+)*"
    rf"(?:(?:tag|label)s?\s+(?P<old>{_TAG})|(?P<old2>{_TAG})\s+(?:tag|label)s?)\s+(?:with|by|for|to|into|against)\s+(?:(?:the\s+)?(?:tag|label)\s+)?(?P<new>{_TAG})",
    re.I,
)
"""One tag in the place of another."""


def take_listed_tags(bound: Bound) -> None:
    """Fill the tags to be put on and to be taken off where they are listed, or one is to stand for another."""
    slots = {way: s for s in bound.task.slots for way in ("add", "remove") if "texts" in s.types and s.name in (way, f"{way}_tags")}
    if len(slots) < 2 or any(slot.name in bound.args for slot in slots.values()):
        return
    piece = bound.piece
    if (instead := replaced(bound)) is not None:
        old = "old" if instead["old"] else "old2"
        for way, group in (("remove", old), ("add", "new")):
            bound.args[slots[way].name] = [_bare(instead[group])]
        bound.taken.append(Spot(start=instead.start(), end=instead.end()))
        return
    listed = _LISTED.search(piece.text, piece.start, piece.end)
    if listed is None or bound.takes(Spot(start=listed.start(), end=listed.end())):
        return
    way = "remove" if _OFF.search(piece.text, piece.start, listed.start()) is not None else "add"
    bound.args[slots[way].name] = [_bare(tag) for tag in re.split(r"\s*(?:,|&|\band\b)\s*", listed["tags"], flags=re.I) if tag.strip()]
    bound.taken.append(Spot(start=listed.start(), end=listed.end("tags")))


def _bare(tag: str) -> str:
    return tag.strip(" \"“”'‘’")


def replaced(bound: Bound) -> re.Match[str] | None:
    """Where a tag is to be put in the place of another, of a task that changes tags."""
    said = _INSTEAD.search(bound.piece.text, bound.piece.start, bound.piece.end)
    return said if said is not None and any(s.name in ("remove", "remove_tags") for s in bound.task.slots) else None


async def keep_to_bearers(bound: Bound, scope: Scope) -> None:
    """ "Replace the tag kids with children on all products": who or what does not bear the one does not get the other."""
    said = replaced(bound)
    if said is None:
        return
    tag = _bare(said["old"] or said["old2"])
    for _, finder in bound.finds:
        if any(slot.name == "tags" for slot in finder.task.slots):
            finder.args["tags"] = [*finder.args.get("tags", []), *([] if tag in finder.args.get("tags", []) else [tag])]
    slot = next((s for s in bound.task.slots if s.record in GOODS and "selection" in s.types), None)
    if tag_replaced(bound.piece.said) is not None:
        _who_bears_it(bound, scope, tag, said)
    if slot is None or slot.name in bound.refers or any(asked.field == slot.name for asked in bound.asked if slot.name in bound.heads):
        return
    bearing = tuple(product.id for product in await every(scope.store.products, Where(tags=[tag])))
    link = bound.links.get(slot.name) or Linked(
        start=said.start(), end=said.end(), products=tuple(scope.linker.vocabulary.products), where=Where(everything=True), label="everything"
    )
    if len(link.products) == 1:
        return  # one that is named is meant, whatever it bears
    kept = tuple(id for id in link.products if id in bearing)
    if not kept:
        bound.ask(slot.name, f"Nothing of “{link.label}” is tagged {tag}. Which products do you mean?")
        return
    where = link.where.model_copy(update={"tags": [*link.where.tags, tag], "everything": False})
    bound.asked = [asked for asked in bound.asked if asked.field != slot.name]
    put(bound, slot, replace(link, products=kept, where=where, label=f"{link.label} tagged {tag}"))


def _who_bears_it(bound: Bound, scope: Scope, tag: str, said: re.Match[str]) -> None:
    """ "Replace the customer tag vip with gold" is said of all who bear it, where nobody else is told."""
    record = bound.task.about if bound.task.about in ("customer", "order") else ""
    slot, finder = bound.task.selecting(record) if record else None, task_for(scope.tasks, "find", record)
    told = {name for group in bound.task.args.one_of for name in group if slot is not None and slot.name in group} | ({slot.name} if slot else set())
    if slot is None or finder is None or told & set(bound.args) or bound.piece.marked(record) or all(s.name != "tags" for s in finder.slots):
        return
    spot = Spot(start=said.start(), end=said.end())
    bound.finds.append((slot.name, Bound(task=finder, piece=replace(bound.piece, start=spot.start, end=spot.end), args={"tags": [tag]})))
    bound.args[slot.name] = {"$ref": ""}


async def kinds_bearing(tag: str, scope: Scope) -> list[str]:
    """The kinds of record that some bear this tag of."""
    found = [("product", bool((await scope.store.products(Where(tags=[tag]), limit=1)).items))]
    found += [(kind, await is_borne(tag, scope, f"find_{kind}s")) for kind in ("customer", "order")]
    return [kind for kind, borne in found if borne]


_EVERYWHERE = re.compile(r"\W*(?:\s*(?:everywhere|please|now|thanks|in\s+the\s+(?:whole\s+)?shop)\W*)*", re.I)


def tag_replaced(said: str) -> str | None:
    """The tag that is to give place to another wherever it is borne: "replace tag ‖ kids ‖ with children", and no more said."""
    found = _INSTEAD.search(said)
    alone = found is not None and _EVERYWHERE.fullmatch(said, found.end()) is not None
    return _bare(found["old"] or found["old2"]) if found is not None and alone else None


_MOVES_IT = re.compile(
    r"\W*(?:(?:and|then|also|but|please)\W+)*(?:(?:take|remove|strip|drop|pull|get)\s+(?P<it>it|that)\s+(?:off|from)|(?:put|add|stick)\s+(?P<on>it|that)\s+(?:on|onto|to))\s+(?!it\b|me\b)\w",
    re.I,
)


def _spoken_tag(bound: Bound, scope: Scope) -> re.Match[str] | None:
    """ "Tag the mugs gift and take it off the plates": "it" is the tag that the part before put on or took off, of the same kind of records."""
    last = next((earlier.bound for earlier in reversed(scope.earlier) if earlier.found is None), None)
    if last is None or last.task is not bound.task or {name for name in last.args if name not in last.links} not in ({"add_tags"}, {"remove_tags"}):
        return None
    return _MOVES_IT.match(bound.piece.text, bound.piece.start, bound.piece.end)


async def take_kind(bound: Bound, scope: Scope) -> None:
    """ "Wholesale customers" are those tagged so, where some are."""
    slot = _slot(bound)
    if slot is None or slot.name in bound.args:
        return
    own, asked = scope.own_words[bound.task.name], set[str]()
    for said in _WHICH.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        group = said.lastgroup or "tag"
        tag, spot = said[group], Spot(start=said.start(group), end=said.end(group))
        if (
            tag.lower() in COMMON
            or tag.lower() in _NO_TAGS
            or (stem(tag) in own and tag.lower() != "vip")
            or (bound.takes(spot) and tag.lower() != "vip")
            or tag.lower() in bound.args.get("without", ())
        ):
            continue
        if tag.casefold() in asked or len(asked) >= _LIKELY:
            continue
        asked.add(tag.casefold())
        if await scope.holds(f"tag of {bound.task.name}", tag, partial(is_borne, tag, scope, bound.task.name)):
            bound.args[slot.name] = [tag.lower()]
            bound.taken.append(spot)
            if tag.lower() == "vip" and bound.args.get("group") == "best":
                del bound.args["group"]  # a shop that has marked them means those
            return


def _slot(bound: Bound) -> Slot | None:
    """The field of a search for customers or orders that holds their tags."""
    if not (bound.task.finds("customer") or bound.task.finds("order")):
        return None
    return next((slot for slot in bound.task.slots if slot.name == "tags" and "texts" in slot.types), None)


async def is_borne(tag: str, scope: Scope, task: str) -> bool:
    if task == "find_orders":
        return bool(await scope.store.count_orders(OrderWhere(tags=[tag])))
    return bool(await scope.store.count_customers(CustomerWhere(tags=[tag])))
