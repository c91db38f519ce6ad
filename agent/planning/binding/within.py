"""What is in a collection that was spoken of before: "make a collection of the teapots, and take 10% off everything in it"."""

from __future__ import annotations

import re

from agent.planning.binding.earlier_records import makes
from agent.planning.binding.scope import Bound, Scope, put
from agent.planning.language.values import Spot
from agent.planning.linking.link import Linked
from agent.sdk import CollectionRef, Slot, Where, every

_IN_IT = re.compile(
    r"\b(?:everything|all|all\s+(?:of\s+)?(?:the\s+|its\s+)?(?:products?|items?|goods|things)|the\s+(?:products?|items?|goods|things))\s+"
    r"(?:(?:that|which)(?:[’']s|\s+(?:is|are))\s+)?(?:in|inside)\s+(?:it\b|there\b|(?:this|that|the(?:\s+new)?)\s+collection\b)(?!\s+[A-Z])"
    r"|\b(?:all\s+(?:of\s+)?)?its\s+(?:products?|items?|goods|contents?)\b"
    r"|\b(?P<whole>(?:the|that)\s+(?:whole\s+|entire\s+|new\s+)?collection)\b(?!\s+(?:called|named|of|with|[A-Z]))",
    re.I,
)


_ALL_IN = re.compile(r"\b(?:everything|all\s+(?:the\s+)?(?:products?|items?|goods))(?:\s+(?:that\s+is|that[’']s))?\s*$", re.I)


async def take_within(bound: Bound, scope: Scope, slot: Slot) -> bool:
    """Whether the field is what a collection holds that was spoken of before, and holds it now."""
    left = bound.links.get("leaving")
    if left is not None and (all_in := _ALL_IN.search(bound.piece.text[bound.piece.start : left.start])):
        spot = Spot(start=bound.piece.start + all_in.start(), end=bound.piece.start + all_in.end())
        await _of_one_there(bound, scope, slot, CollectionRef(id=left.products[0], label=left.label), spot)
        return True
    said = _IN_IT.search(bound.piece.said)
    if said is None or "selection" not in slot.types or slot.name in bound.args:
        return False
    places = [s.name for s in bound.task.slots if s.record == "collection"]
    if places and (said["whole"] or not any(name in bound.args for name in places)) and not said[0].lower().startswith("its"):
        return False  # "add the vase to the new collection", "put all there is in it"
    if said["whole"] and slot.required and bound.task.effect == "draft":
        bound.heads[slot.name] = ()
        bound.ask(slot.name, slot.question or "Which products do you mean?")
        return True  # "a description for the collection" is none of each of its goods
    spot = Spot(start=bound.piece.start + said.start(), end=bound.piece.start + said.end())
    for earlier in reversed(scope.earlier):
        source = earlier.bound
        own = next((s for s in source.task.slots if s.record == "collection" and s.name in source.args), None)
        if makes(source) == "collection":
            return _of_a_new_one(bound, slot, earlier.id, source, spot)
        value = source.args[own.name] if own is not None else None
        if isinstance(value, CollectionRef):
            await _of_one_there(bound, scope, slot, value, spot)
            if source.task.effect == "write" and earlier.found is None and not own_delete(source):
                bound.after.append(earlier.id)
            return True
    return False


def own_delete(source: Bound) -> bool:
    """Whether the collection is to go: its goods are found before it does."""
    return source.args.get("action") == "delete"


def _of_a_new_one(bound: Bound, slot: Slot, id: str, source: Bound, spot: Spot) -> bool:
    bound.taken.append(spot)
    held = next((s for s in source.task.slots if s.record == "product" and "selection" in s.types and s.name in source.args), None)
    if held is None:
        bound.ask(slot.name, slot.question or "Which products do you mean?")  # nothing is in it
    elif held.name in source.links:
        put(bound, slot, source.links[held.name])
    else:
        bound.args[slot.name] = source.args[held.name]
        bound.after += source.after
    return True


async def _of_one_there(bound: Bound, scope: Scope, slot: Slot, collection: CollectionRef, spot: Spot) -> None:
    bound.taken.append(spot)
    where = Where(collection=collection.label)
    ids = tuple(product.id for product in await every(scope.store.products, where))
    put(bound, slot, Linked(start=spot.start, end=spot.end, products=ids, where=where, label=f"everything in {collection.label}"))
