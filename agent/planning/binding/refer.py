"""What "it", "them" and "those customers" mean: records named before in the request, an earlier answer's records, or the page one is on.

Records that are already known are copied, so that independent parts run together; only what an earlier part will find
out is a reference to its output, and its type is checked here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from agent.planning.binding.picked import pick_in, take_picked
from agent.planning.binding.ranked import first_of, is_of_an_unranked, one_asked_for, sense_of, take_ranked, where_pointed
from agent.planning.binding.scope import Bound, Earlier, Scope, as_selection, put
from agent.planning.language.values import Spot
from agent.planning.linking.link import Linked
from agent.planning.linking.vocabulary import words_of
from agent.sdk import Slot

_POINTING = frozenset(
    [
        "it", "its", "them", "they", "their", "those", "these", "that", "this", "the", "same", "ones", "one", "all", "of", "both", "former",
        "latter", "very", "each", "he", "she", "him", "her", "his", "hers",
    ]
)  # fmt: skip
_NOUNS = {
    "product": frozenset(["product", "item", "thing", "variant", "good", "article"]),
    "customer": frozenset(["customer", "buyer", "client", "shopper", "people", "person"]),
    "order": frozenset(["order"]), "review": frozenset(["review"]),
}  # fmt: skip
_KINDS = {"variant": "product"}
_PRONOUN = re.compile(
    r"\b(?:it|its|them|they|those|these|both"
    r"|all\s+(?:two|three|four|five|six|seven|eight|\d+)(?:\s+of\s+them)?(?=\W*$|\s+(?:in|into|to|by|on|off|out|as|at)\b)|that\s+one|this\s+one|the\s+same(?:\s+ones?)?"
    r"|each(?:\s+of\s+(?:them|those|these))?(?=\W*$|\s+(?:in|into|by|on|off|out|last|this|since|with|saying|and)\b|\s+(?:to|at)\s+[\d€$£])|(?<=\bof\s)each(?=\s+(?:are|is|do|have|was|were)\b))\b",
    re.I,
)
_THEIRS = re.compile(
    r"\btheir\s+(?:margins?|stock|prices?|sales|reviews?|ratings?|stars|descriptions?|titles?|tags?|returns?|revenue|turnover|photos?|images?)\b",
    re.I,
)
"""What goods have, and people do not."""
_THE_SAME_FOR = re.compile(
    r"^\W*(?:(?:and|then|also)\s+)*(?:do\s+|run\s+)?(?:the\s+)?same\s+(?:again\s+|thing\s+|report\s+)?(?:for|with|in|of|over|by|per)\b", re.I
)
"""The same question, and no goods."""
_BARE_WHICH = re.compile(
    r"^\W*(?:(?:and|then|also|please|tell\s+me|show\s+me|say|see)\s+)*which\s+(?:(?:one|ones|of\s+(?:them|those|these))\s+)?"
    r"(?:has|have|had|is|are|was|were|sells?|sold|did|does|do|brought|brings?|made|makes?|will|runs?|costs?|grew|fell|gets?|got)\b",
    re.I,
)
"""Of those spoken of: "which has the lowest stock"."""
_SOMEBODY = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.I)
"""Means a person, whatever else was spoken of."""
_BOTH = re.compile(r"\bboth\b", re.I)
_THE_CUSTOMER = re.compile(
    r"\b(?:(?:the|both|all)\s+(?:the\s+)?(?:customers|buyers|clients|shoppers|people)|the\s+(?:customer|buyer|client|shopper))(?=\W*$|\s+(?:that|to|know|about|with|an?|and|we|why|when)\b)",
    re.I,
)
"""Somebody spoken of, where only their order was: not "the customer who bought most"."""
_PLURAL = re.compile(r"\b(?:them|they|their|those|these|ones|both|all|each)\b", re.I)
_BOUGHT = re.compile(
    r"\b(?:bought|buy|buys|buying|ordered|purchased?|got|gotten|get|sold|sell)\s+(?:(?:any|some|one|both|none|all|each)(?:\s+of\s+(?:them|those|these))?)"
    r"(?=\s*(?:$|[^\w\s])|\s+(?:and|in|since|on|during|before|after|from|between|over|for|within|at|until|with|by|as|last|this|the\s+last|yesterday|today"
    r"|ever|more\s+than|at\s+least|twice|once|recently|already|again|lately|online|ago|so\s+far|more\s+recently)\b)",
    re.I,
)
"""The goods before, where no goods follow: "who bought one last year", not "who bought some candles"."""
_BUYS = re.compile(r"\b(?:buy|buys|buying|bought|order\w*|purchas\w*|got|gotten|get|own|owns|has|have|had|took|sold)\b", re.I)
_HOW_MANY = re.compile(
    r"\bhow\s+(?:many|much)(?:\s+(?:units|pieces|stock))?\s+(?:are|is|(?:do\s+)?we\s+(?:still\s+)?have|have\s+we)(?:\s+(?:there|left|in\s+stock|still|now))*"
    r"(?:\s+(?:in|at)\s+(?:the\s+|our\s+)?(?:\w+\s+)?(?:warehouse|shop|store|storeroom|location|branch))?\s*$",
    re.I,
)
_HERE = re.compile(
    r"\b(?:here|these|this(?!\s+(?:(?:past|coming|calendar|fiscal|financial|business|whole|very)\s+)?"
    r"(?:week|month|year|quarter|morning|afternoon|evening|season|spring|summer|autumn|fall|winter|time|way)\b))\b",
    re.I,
)
"""What is on the page, rather than what was spoken of."""


def points_at(said: str, record: str) -> bool:
    """Whether words only point: "it", "those customers", "this product"."""
    words = words_of(said)
    nouns = _NOUNS.get(_KINDS.get(record, record), frozenset())
    stems = [word.text.lower() if word.text.lower() in _POINTING else word.stem for word in words]
    if record != "customer" and any(_SOMEBODY.fullmatch(w) for w in stems):
        return False  # "her order" is an order of hers, and it is not known which
    pointing = [w for w in stems if w in _POINTING and w not in ("the", "all", "of", "each", "one", "ones")]
    return bool(pointing) and all(word in _POINTING or word in nouns for word in stems)


def refer(bound: Bound, scope: Scope, slot: Slot, *, said: str | None) -> bool:
    """Fill a field with what a pointing mention means.

    Args:
        said: The mention; None where nothing was said of this field at all, and a pronoun elsewhere in the clause or the
            very lack of an object ("... and lower the price by 2 euros") points.
    """
    record = _KINDS.get(slot.record or "", slot.record or "")
    clause = bound.piece.said
    if (found := _picked(bound, scope, slot, record, said)) is not None:
        return found
    if record == "customer" and _about_one_order(scope) and placed_by(bound, scope, slot, clause):
        return True  # "write to the customer", after one of the orders found was sent
    bought = said is None and record == "product" and _BOUGHT.search(clause) is not None
    if said is None and record in scope.page and not _names_other(bound, record):
        said = next((m[0] for m in _HERE.finditer(clause) if not _of_other_kind(clause, m.end(), record)), None)
    if said is None and not bought and record == "product" and bound.task.effect == "read" and _BARE_WHICH.match(clause):
        return _from_those_before(bound, scope, slot)
    if said is None and not bought:
        if record == "customer" and (somebody := _SOMEBODY.search(clause) or _THE_CUSTOMER.search(clause)) is not None:
            said = somebody[0]
        elif (this := _called(clause, record)) is not None:
            said = this
        elif record == "product" and (ranked := where_pointed(clause)) is not None:
            said = clause[slice(*ranked)]
        elif record == "product" and (theirs := _THEIRS.search(clause)) is not None:
            said = theirs[0]
        elif _speaks_of(clause, record):
            begin = same.end() if (same := _THE_SAME_FOR.match(clause)) is not None else 0
            said = next((m[0] for m in _PRONOUN.finditer(clause, begin)), None)
        of_goods = record == "product" and not bound.task.name.startswith("find_")
        if said is None and not slot.required and not (of_goods and _HOW_MANY.search(clause)):
            return False
        if said is None and _names_other(bound, record):
            return False
    if record == "product" and "not_bought" in {s.name for s in bound.task.slots} and not _BUYS.search(clause):
        return False  # "tell our customers about it" is no search for those who bought it, or did not
    if record == "product" and said is not None and _means_people(bound, scope, said):
        return False
    if record == "product" and said is not None and is_of_an_unranked(bound, scope, said):
        bound.ask(slot.name, slot.question or "Which product do you mean?")
        return True
    many = bought or (said is not None and _PLURAL.search(said) is not None)
    if said is not None and _HERE.search(said) and _from_page(bound, scope, slot):
        return True
    one = said is not None and not many and _THAT.match(said) is not None
    for earlier in reversed(scope.earlier):
        if one and _found_several(earlier, scope, slot):
            continue  # "that order" is the one spoken of before, not all of those that the customer placed
        if many and not bought and _finds(earlier.bound, scope) not in (None, record):
            return False  # "they" are the customers just found, not the mugs they bought
        if record == "product" and not slot.required and _finds(earlier.bound, scope) == "order" and "orders" in {s.name for s in bound.task.slots}:
            return False  # "refund it" is the order just found, not what is in it
        if record == "product" and _finds(earlier.bound, scope) == "review" and any(s.record == "review" for s in bound.task.slots):
            return False  # "hide it" is the review just found, not all of the product that it is about
        if many and not bought and earlier is scope.earlier[-1] and _all_just_named(bound, scope, slot, record):
            return True
        both = said is not None and _BOTH.fullmatch(said) and earlier is scope.earlier[-1] and record == "product" and "selection" in slot.types
        if both and not _several(earlier.bound, record) and (links := _last_two(scope, record)):
            put(bound, slot, scope.linker.together(links))
            return True
        if _from(bound, scope, slot, earlier, record, many=many, said=said):
            if earlier is scope.earlier[-1]:
                bound.refers.append(slot.name)
            return True
    if _from_page(bound, scope, slot):
        return True
    if said is not None and record == "customer" and _SOMEBODY.fullmatch(said) and scope.earlier and bound.task.effect == "read":
        bound.ask(slot.name, slot.question or "Who is meant? A name or an e-mail address is enough.")
        return True  # what was found without "her" would be somebody else's
    return False


_PEOPLE = re.compile(r"\b(?:them|they|those|these)\b", re.I)


def _means_people(bound: Bound, scope: Scope, said: str) -> bool:
    """ "Make a code for them", after a letter to people about goods: "they" are the people, to a task that takes both."""
    if _PEOPLE.fullmatch(said) is None or not any(slot.record == "customer" and "selection" in slot.types for slot in bound.task.slots):
        return False
    last = next((earlier.bound for earlier in reversed(scope.earlier) if earlier.found is None), None)
    return last is not None and any(slot.record == "customer" and slot.name in last.args for slot in last.task.slots)


_SAME = "the same"
"""Handed in where nothing at all is said of the records."""


def picked(bound: Bound, scope: Scope, slot: Slot) -> bool:
    """Whether the clause picks one of what was spoken of, and it is in the field."""
    return bool(_picked(bound, scope, slot, _KINDS.get(slot.record or "", slot.record or ""), None))


def _picked(bound: Bound, scope: Scope, slot: Slot, record: str, said: str | None) -> bool | None:
    """Whether "the second", "the cheapest one" or "the others" filled the field, or was asked about; None where nothing is picked."""
    pick = pick_in(bound.piece.said)
    if pick is None or "selection" not in slot.types or not scope.earlier or (said is not None and said != _SAME and pick_in(said) is None):
        return None
    where = Spot(start=bound.piece.start + pick.start, end=bound.piece.start + pick.end)
    if any(mark.kind == record and not where.overlaps(Spot(start=mark.start, end=mark.end)) for mark in bound.piece.slots):
        return None
    if take_picked(bound, scope, slot, pick, record):
        bound.taken.append(where)
        return True
    return None


def _from_those_before(bound: Bound, scope: Scope, slot: Slot) -> bool:
    """The goods that the part before was about, or found: not those of a report of the whole shop."""
    earlier = next((e for e in reversed(scope.earlier) if e.found is None), scope.earlier[-1] if scope.earlier else None)
    if earlier is None or _names_other(bound, "product"):
        return False
    source = earlier.bound
    about = any(source.task.slot(name).record in ("product", "variant") for name in source.links)
    listed = _finds(source, scope) == "product" or (source.args.get("top") is not None and not _is_report(source))
    return (about or listed) and _from(bound, scope, slot, earlier, "product", many=listed)


def _about_one_order(scope: Scope) -> bool:
    """Whether what was spoken of last is one order, and nobody by name."""
    last = scope.earlier[-1].bound if scope.earlier else None
    kinds = {last.task.slot(name).record: link for name, link in last.links.items()} if last is not None else {}
    return "customer" not in kinds and "order" in kinds and len(kinds["order"].products) == 1


def placed_by(bound: Bound, scope: Scope, slot: Slot, said: str) -> bool:
    """ "Refund #1042 and write to her", "to the customer": whoever placed the order, where nobody was named.

    Of drafts alone: "cancel her last order" after #1042 is another order.
    """
    if not (_SOMEBODY.search(said) or _THE_CUSTOMER.search(said)) or bound.task.effect != "draft" or _names_other(bound, "order"):
        return False
    groups = [group for group in bound.task.args.one_of if slot.name in group]
    about = next((s for s in bound.task.slots if s.record == "order" and "selection" in s.types and any(s.name in group for group in groups)), None)
    if about is not None and _BOTH.search(said) and (links := _last_two(scope, "order")):
        put(bound, about, replace(links[0], products=tuple(id for link in links for id in link.products), label=" and ".join(k.label for k in links)))
        return True
    return about is not None and any(_from(bound, scope, about, earlier, "order", many=False) for earlier in reversed(scope.earlier))


def _several(source: Bound, record: str) -> bool:
    """Whether what was named last is more than one record already: "the shirt and the towel … both"."""
    return any(
        _KINDS.get(source.task.slot(n).record or "", source.task.slot(n).record) == record and len(link.products) > 1
        for n, link in source.links.items()
    )


def _last_two(scope: Scope, record: str) -> list[Linked]:
    """The last two single records of a kind named in this request, in the order said; none where there are not two."""
    links: list[Linked] = []
    for earlier in reversed(scope.earlier):
        for slot in earlier.bound.task.slots if earlier.found is None else ():
            link = earlier.bound.links.get(slot.name)
            one = link is not None and _KINDS.get(slot.record or "", slot.record) == record and len(link.products) == 1
            if one and link is not None and all(link.products != other.products for other in links):
                links.insert(0, link)
    return links[-2:] if len(links) >= 2 else []


def _all_just_named(bound: Bound, scope: Scope, slot: Slot, record: str) -> bool:
    """ "Set the olive dish to 30 and the soap dish to 12 and tag both": all that the same task was just told of, one by one."""
    links: list[Linked] = []
    task = scope.earlier[-1].bound.task
    for earlier in reversed(scope.earlier):
        source = earlier.bound
        known = next(
            (source.links[s.name] for s in source.task.slots if s.name in source.links and _KINDS.get(s.record or "", s.record) == record), None
        )
        if source.task is not task or earlier.found is not None or known is None or slot.name in source.refers:
            break
        links.insert(0, known)
    if task is bound.task or record != "product" or "selection" not in slot.types or len(links) < 2 or any(len(k.products) != 1 for k in links):
        return False
    put(bound, slot, scope.linker.together(links))
    return True


def _found_several(earlier: Earlier, scope: Scope, slot: Slot) -> bool:
    kinds = scope.outputs.get(earlier.bound.task.name, {})
    fields = {s.name for s in earlier.bound.task.slots if s.record == slot.record}
    known = any(name in fields for name in earlier.bound.links)
    return not known and any(kinds.get(name) == slot.record and len(link.products) > 1 for name, link in (earlier.found or {}).items())


_THAT = re.compile(r"\b(?:that|this|the\s+same)\s+(?P<noun>\w+)", re.I)


def _called(clause: str, record: str) -> str | None:
    """ "That order", "this product", where the reader saw no mention in it."""
    nouns = _NOUNS.get(record, frozenset())
    return next((m[0] for m in _THAT.finditer(clause) if words_of(m["noun"])[0].stem in nouns), None)


def _speaks_of(clause: str, record: str) -> bool:
    """A pronoun that may mean this kind: not "those customers" for a product."""
    return any(_may_mean(match[0].lower(), clause, match.end(), record) for match in _PRONOUN.finditer(clause))


def _may_mean(pronoun: str, clause: str, end: int, record: str) -> bool:
    """Nobody is an "it", and "its reviews" are those of a thing."""
    if pronoun == "its" and record == "product":
        return True
    return not (record == "customer" and pronoun in ("it", "its", "that one", "this one")) and not _of_other_kind(clause, end, record)


def _of_other_kind(clause: str, at: int, record: str) -> bool:
    """Whether the next word is a noun of another kind of record: "those ‖ customers"."""
    after = re.match(r"\s+(\w+)", clause[at:])
    noun = words_of(after[1])[0].stem if after else ""
    return any(noun in nouns for kind, nouns in _NOUNS.items() if kind != record)


def _names_other(bound: Bound, record: str) -> bool:
    """Nothing is elided where the clause names a record of this kind itself."""
    return any(slot.kind == record for slot in bound.piece.slots)


def _from_turn(bound: Bound, scope: Scope, slot: Slot, earlier: Earlier, record: str, *, many: bool, said: str | None) -> bool:
    """Records of an earlier turn, by id: what it found, else what it was about."""
    source, found = earlier.bound, earlier.found or {}
    if MADE in found and makes(source) == record and not many and bound.task is not source.task:
        put(bound, slot, found[MADE])
        return True
    kinds = {name: kind for name, kind in scope.outputs.get(source.task.name, {}).items() if name in found}
    fitting = [name for name, kind in kinds.items() if kind == slot.record or (kind == "product" and slot.record == "variant")]
    fields = {s.name for s in source.task.slots if _KINDS.get(s.record or "", s.record) == record}
    among = next((name for name in source.links if name in fields), None)
    known = source.links[among] if among is not None else None
    if record == "product" and fitting and said is not None and (first := first_of(source, found[fitting[0]], said, among)) is not None:
        put(bound, slot, first)
        return True
    if record == "product" and said is not None and where_pointed(said) is not None and sense_of(said) == "one" and bound.task.effect != "read":
        bound.ask(slot.name, slot.question or "Which product do you mean?")  # "the worst of them", of a list of the best
        return True
    if fitting and (known is None or (many and _narrows(source, fields))) and not (record == "product" and not many and _is_report(source)):
        link = found[next((name for name in fitting if kinds[name] == slot.record), fitting[0])]
        if not link.products:
            bound.ask(slot.name, f"The answer before found nothing. {slot.question or f'Which {record}s do you mean?'}")
        else:
            put(bound, slot, link)
        return True
    if known is not None:
        put(bound, slot, known)
        return True
    return False


def _from(bound: Bound, scope: Scope, slot: Slot, earlier: Earlier, record: str, *, many: bool, said: str | None = None) -> bool:
    if earlier.found is not None:
        return _from_turn(bound, scope, slot, earlier, record, many=many, said=said)
    source = earlier.bound
    several = said is not None and _PLURAL.search(said) is not None
    if bound.task is not source.task and ((makes(source) == record and not several) or (said is not None and gathers(source) == record and several)):
        bound.args[slot.name] = {"$ref": f"{earlier.id}.{MADE}"}
        bound.after.append(earlier.id)
        return True
    outputs = {name: kind for name, kind in scope.outputs[source.task.name].items() if _fits(kind, slot)}
    fields = {s.name for s in source.task.slots if _KINDS.get(s.record or "", s.record) == record}
    among = next((name for name in source.links if name in fields), None)
    if said is not None and record == "product" and take_ranked(bound, scope, slot, earlier, outputs, said=said, field=among):
        return True
    known = source.links[among] if among is not None else None
    finds = source.task.effect == "read" and outputs and (known is None or (many and _narrows(source, fields)))
    if record == "product" and finds and _is_by_others(source):
        return False  # its rows are countries or days, and "they" are its figures
    if finds and said is not None and _JUST_ONE.fullmatch(said) and record != "product" and (top := one_asked_for(source)) is not None:
        source.args[top] = 1  # "which code was used most? extend it"
    if finds and said is not None and _JUST_ONE.fullmatch(said) and _several_found(source, record) and bound.task.effect in ("write", "action"):
        bound.ask(slot.name, slot.question or f"Which {record} do you mean?")  # "refund it" is not every order she ever placed
        return True
    if finds and (record != "product" or many or known is None) and not (known is None and record == "product" and not many and _is_report(source)):
        output = _best(outputs, slot)
        bound.args[slot.name] = {"$ref": f"{earlier.id}.{output}"}
        bound.after.append(earlier.id)
        return True
    if known is not None:
        bound.links[slot.name] = known
        bound.heads[slot.name] = known.head
        bound.args[slot.name] = as_selection(known, slot)
        return True
    if (shared := next((name for name in source.args if name in fields and isinstance(source.args[name], dict)), None)) is not None:
        bound.args[slot.name] = source.args[shared]
        bound.after += source.after
        return True
    pending = next((asked.field for asked in source.asked if asked.field in fields), None)
    if pending is not None:
        bound.args[slot.name] = {"$same": f"{earlier.id}.{pending}"}
        bound.after.append(earlier.id)
        return True
    return False


MADE = "made"
"""In a reference: what a subtask's proposal is to make."""
CODE = "code"
"""In a reference: the code of the discount that it is to make."""


def makes(source: Bound) -> str | None:
    """The kind of record that a subtask is to make; None where it makes none that a later one could be about."""
    name = source.task.name.removeprefix("create_")
    if source.task.name == "manage_collection":
        return "collection" if source.args.get("action") == "create" else None
    return name if name in ("product", "discount") and name != source.task.name else None


def gathers(source: Bound) -> str | None:
    """The kind of record that what a subtask is to make is a group of: "make a segment of …, and write to them"."""
    own = source.args.get("who") == source.piece.said.strip()  # "save them as a segment": those were found before
    return "customer" if source.task.name == "create_segment" and own else None


_JUST_ONE = re.compile(r"it|its|that|this|that\s+one|this\s+one", re.I)


def _several_found(source: Bound, record: str) -> bool:
    """Whether an answer may list more than one record of the kind: not that of `show_order`, nor of a search for the latest."""
    single = source.task.name == f"show_{record}" or source.args.get("top") == 1 or source.args.get("which") is not None
    single = single or (record == "discount" and any(name in source.args for name in ("code", "codes")))
    return record in ("order", "customer", "review", "discount") and not single


def _finds(source: Bound, scope: Scope) -> str | None:
    """The kind of record a search is for."""
    outputs = list(scope.outputs[source.task.name].values()) if source.task.name.startswith("find_") else []
    return _KINDS.get(outputs[0], outputs[0]) if outputs else None


def _fits(kind: str, slot: Slot) -> bool:
    """A product's id stands for all of its variants, not the other way round."""
    return "selection" in slot.types and (kind == slot.record or (kind == "product" and slot.record == "variant"))


def _best(outputs: dict[str, str], slot: Slot) -> str:
    return next((name for name, kind in outputs.items() if kind == slot.record), next(iter(outputs)))


def _narrows(source: Bound, fields: set[str]) -> bool:
    """The answer's records are fewer than those it was asked about."""
    plain = {s.name for s in source.task.slots if s.types == ("period",)} | fields | {"metrics"}
    return bool(set(source.args) - plain)


def _is_by_others(source: Bound) -> bool:
    """Whether a report's rows are of anything but goods."""
    ways = [slot for slot in source.task.slots if "product" in slot.choices and source.args.get(slot.name)]
    return any(not {"product", "variant"} & set(source.args[slot.name]) for slot in ways)


def _is_report(source: Bound) -> bool:
    return not any(name.startswith("by") or name == "top" for name in source.args) and not source.task.name.startswith("find_")


def _from_page(bound: Bound, scope: Scope, slot: Slot) -> bool:
    link = scope.page.get(_KINDS.get(slot.record or "", slot.record or ""))
    if link is None:
        return False
    put(bound, slot, replace(link, start=bound.piece.start, end=bound.piece.end))
    return True


def shown(value: Any) -> bool:
    """Whether an arg is still to come from elsewhere."""
    return isinstance(value, dict) and ("$ref" in value or "$same" in value)
