"""An earlier subtask with what a message says in the place of what it said before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.planning.binding.bind import bind
from agent.planning.binding.choices import Chosen, chosen
from agent.planning.binding.merge import is_amount_of_another, is_other_change, merged, says_something, takes_every_word, without_its_change
from agent.planning.binding.scope import GOODS, Bound, Scope
from agent.planning.clauses.pieces import piece_of
from agent.planning.elide import compare_alike, same_part_of, step_back
from agent.planning.language.fragments import THEM
from agent.planning.linking.lexicon import leaning
from agent.planning.linking.link import Linked
from agent.planning.linking.vocabulary import words_of
from agent.planning.threads.among import goods_found
from agent.planning.threads.bare import take_number, take_words
from agent.planning.threads.kinds import settle_by_thread
from agent.planning.threads.made import grown, told_more
from agent.planning.threads.markers import Marked
from agent.planning.threads.message import Message
from agent.planning.threads.narrow import among_them, is_condition, keep_among, leaving_out, none_of_these, none_such, some_of_them
from agent.planning.threads.own_request import RELATIVE, WHICH_ONE, says_a_choice
from agent.planning.threads.recall import Past
from agent.planning.threads.revise import same_records
from agent.records.reading import SlotSpan
from agent.sdk import Slot

_PUTS = re.compile(rf"\bput\s+(?:it|that|this|{THEM})(?:\s+(?:to|at|in|into|on))?\s*$", re.I)
_THE_ONE = re.compile(
    r"\bthe\s+(?:(?:very\s+)?(?:(?!rest\b|most\b|least\b)\w{3,}est|(?:most|least)\s+\w+|top|last|first|best|worst|biggest\s+spender)(?:[\s-](?:selling|rated|priced|paid))?"
    rf"(?:\s+(?:one|order|customer|product|review|code))?(?:\s+(?:of|among)\s+(?:{THEM}|all))?\W*$|one\s+(?:that|who|which|with)\b.*\b(?:\w{{3,}}est|most|best|worst|least)\b)",
    re.I,
)
"""One of a list, by what sets it apart."""
_DO_FOR = re.compile(r"\W*(?:(?:and|then|now|also|no|please)[\s,]+)*(?:do|repeat|apply)\s+(?:that|this|it|the\s+same)\s+(?:for|to|with|on)\b", re.I)
_DID = frozenset({"sold", "sell", "selling", "did", "made", "make", "brought", "earned"})
"""Verbs of such a question."""
_PUTTING = frozenset({"more", "sound", "sounding", "tone", "add", "insert", "use", "put", "write", "tell", "line", "sentence", "text", "also"})
"""Words beside a wish for a text that waits: "add the code FROST10"."""
_STANDS_FIRST = re.compile(r"\b(?:\w{3,}est|best|worst)\s+(?:ones?\s+|rated\s+)?first\b", re.I)
_FIRST = frozenset({"first"})
"""Says nothing more of an order: "the oldest first"."""
_FEW_WORDS = 12
"""Of a message that says more of what takes any words; a longer one stands by itself."""


async def fitted_onto(message: Message, one: Past, mark: Marked, slots: Sequence[SlotSpan]) -> Bound | None:
    """The earlier subtask with what the message says; None where it does not take every word of it."""
    if one.changes and (some := _said_of_some(message.text, mark)) is not None:
        fewer = await _of_some_of_them(message, one, mark, slots, some)
        if fewer is not None or some.instead:
            return fewer
    if (lacking := _lacking_lead(message.text, mark, one)) is not None:
        fewer = await merged_with(message, one, replace(mark, start=lacking, kind="plain", instead=False), slots)
        if fewer is not None or mark.kind == "only":
            return fewer  # "without the vip tag", of customers found: those who have it not, and neither the others nor a change of tags
    bound = await merged_with(message, one, mark, slots)
    if bound is None and mark.kind == "only" and one.subtask.effect == "read" and (start := _skipped_lead(message.text, mark.start)) < mark.start:
        bound = await merged_with(message, one, replace(mark, start=start, kind="plain"), slots)  # "sort by total": its verb is part of what is said
    return bound


_OF_SOME = re.compile(
    r"[\s,;–—-]+(?:(?P<but>(?:(?:but|and|though)\s+)?(?:(?:only|just)\s+(?:(?:for|on|of|to)\s+)?(?=(?:the|those|our|my)\b)|(?P<leaves>except(?:\s+for)?|without|excluding"
    r"|apart\s+from|leav(?:e|ing)\s+out|spar(?:e|ing)|skip(?:ping)?)\s+))|(?:for|on)\s+(?=(?:the|those)\s+(?:[\w-]+\s+){1,3}ones?\W*$))(?=\S)",
    re.I,
)
_RANKED = re.compile(
    r"(?:the\s+)?(?:(?:two|three|four|five|\d+|most|least)\s+)*(?:\w{3,}est|most|least|best|worst|first|last)\b|(?:those|any|all)\b", re.I
)
_OF_THEM = re.compile(r"(?:for|on|to)\s+(?=\S)", re.I)


def _said_of_some(text: str, mark: Marked) -> Marked | None:
    """The restriction that follows a new value: "make it 20 ‖, but not for the moss ones", "15 ‖ for the grey ones". Firmly said, it is `instead`."""
    if mark.kind == "meant" and mark.denied is not None and mark.denied[0] >= mark.end:
        of_them = _OF_THEM.match(text, *mark.denied)
        ranked = _RANKED.match(text, *mark.denied)
        return Marked(kind="without", start=of_them.end() if of_them else mark.denied[0], end=mark.denied[1], instead=bool(of_them or ranked))
    cut = _OF_SOME.search(text, mark.start + 1, mark.end) if mark.kind in ("plain", "replace", "meant", "add") else None
    if cut is None or (cut["but"] is None and mark.kind == "add"):
        return None
    return Marked(kind="without" if cut["leaves"] else "only", start=cut.end(), end=mark.end, instead=cut["but"] is not None)


async def _of_some_of_them(message: Message, one: Past, mark: Marked, slots: Sequence[SlotSpan], some: Marked) -> Bound | None:
    """The change with what is said before a restriction, and then of those of its records alone that this means."""
    end = len(message.text[: some.start].rstrip())
    cut = _OF_SOME.search(message.text, mark.start + 1, mark.end)
    whole = await merged_with(message, one, replace(mark, kind="replace", end=min(mark.end, cut.start() if cut else end), denied=None), slots)
    if whole is None or not same_records(one.bound, whole):
        return None
    return await merged_with(message, replace(one, bound=whole), some, slots)


_LACKING = re.compile(r"\b(?:without|not|no|except|excluding)\s+(?:(?:the|a|an|any|those|with|tagged)\s+)*$", re.I)


def _lacking_lead(text: str, mark: Marked, one: Past) -> int | None:
    """Where what a search is told to leave out begins with its "without"; None where nothing of the kind is said."""
    found = _LACKING.search(text[: mark.start]) if mark.kind in ("without", "only") and one.bound.task.does == "find" else None
    return found.start() if found is not None else None


def _skipped_lead(text: str, end: int) -> int:
    """Where the words before that place begin that say how, such as "sort" and "group"."""
    lead = re.search(r"\b(?:sort|order|group|rank)\w*\b[^.,;]*$", text[:end], re.I)
    return lead.start() if lead else end


async def merged_with(message: Message, one: Past, mark: Marked, slots: Sequence[SlotSpan], *, made: bool = False) -> Bound | None:
    """The earlier subtask with what the message says in the place of what it said before; None where that is not about it.

    Args:
        made: Also of what was made already, to see what is said of it.
    """
    scope, task = message.scope_of(one), one.bound.task
    if one.done and not one.bound.links and one.changes and not made:
        return None  # it was made: "publish it" is about what was made, and makes no other
    if (words := task.whole) is not None and words.name in one.bound.args:
        return _amended(message, one.bound, words, mark)
    if _is_of_another_effect(message, one, mark):
        return None
    own = await _bound_alone(message, one, mark, slots, scope)
    if is_amount_of_another(own, one.bound):
        return None
    besides = _silent_beside(message, one, mark)
    understood = not (own.left or own.finds or own.asked) and takes_every_word(own, scope, besides=besides)
    if not understood and (named := take_words(own, one.bound, mark)) is not None:
        return named
    if not understood and task.effect == "draft" and (wished := told_more(message.text[: mark.end], one.bound)) is not None:
        return wished
    if own.left or own.finds or not says_something(own, one.bound) or not takes_every_word(own, scope, besides=besides):
        return await some_of_them(own, one.bound, scope, leave=mark.kind == "without") if mark.kind in ("only", "without") else None
    if mark.kind == "without":
        return await leaving_out(own, one.bound, scope) or await some_of_them(own, one.bound, scope, leave=True)
    if mark.kind == "only" and (fewer := await _only_those(one, own, scope)) is not None:
        return fewer
    return await _put_on(message, one, own, mark, scope)


def _silent_beside(message: Message, one: Past, mark: Marked) -> frozenset[str]:
    """Words that say nothing of their own in a message to this subtask."""
    if one.bound.task.does == "make" and any(link.record in ("product", "variant") for link in one.bound.links.values()):
        return _ADDING  # "add a wool blanket", to an order that is being drafted
    if one.bound.task.effect == "draft":
        return _PUTTING
    if one.open and one.changes and _STAYS.match(message.text, mark.start):
        return _STAYING
    if one.bound.task.does == "find" and _SAYS_NOT.search(message.text):
        return _TAGGING
    if one.bound.task.does == "find" and RELATIVE.match(message.text, mark.start):
        return _DOING
    if _SORTED.match(message.text, mark.start):
        return _SORTS
    return _DID if WHICH_ONE.match(message.text) else _FIRST if _STANDS_FIRST.search(message.text) else frozenset()


_DOES_TO = re.compile(
    rf"(?:end|stop|pause|extend|expire|cancel|refund|ship|send|e-?mail|write|reply|answer|delete|erase|remove|undo|discount|restock|publish|hide|tag)\s+"
    rf"(?:to\s+)?(?:it|that|this|him|her|{THEM})\b|(?:give|put|add|assign)\s+(?:it|him|her|both|{THEM}|all\s+of\s+(?:{THEM}))\s+(?:the|an?)\s+",
    re.I,
)
_OF_WHOM = re.compile(r"(?:for|from|in|to|of)\b", re.I)
""" "Only for vips" says whom, and no tag that is put on them."""
_STAYS = re.compile(r"(?:leave|keep|have)\s+\S.*\bat\s+[€$£]?\d", re.I)
""" "Leave the cedar one at 15", of what waits."""
_STAYING = frozenset({"leave", "keep", "have", "at"})
_ADDING = frozenset({"add", "adding", "include"})
_SORTED = re.compile(r"(?:sorted|ordered|ranked|arranged)\s+by\b", re.I)
_SORTS = frozenset({"sorted", "ordered", "ranked", "arranged", "by"})
_SAYS_NOT = re.compile(r"\b(?:without|not|no|except|excluding)\b", re.I)
_TAGGING = frozenset({"without", "not", "no", "tag", "tags", "tagged"})
_DOING = frozenset({"who", "that", "bought", "ordered", "purchased", "placed", "shopped", "something", "anything", "order", "actually", "really"})
"""Words of a clause that tells more of people by when they ordered: "who bought something this month"."""


def _is_of_another_effect(message: Message, one: Past, mark: Marked) -> bool:
    """Whether a message wants a change after a look, or a look after a change: then it is a request of its own."""
    if says_a_choice(message):
        return False
    way = leaning(message.text[mark.start : mark.end])
    if one.bound.task.effect == "read" and _DOES_TO.match(message.text, mark.start) is not None:
        return True  # "end it tomorrow" is no search for what ends tomorrow
    if (way == "change" and one.bound.task.effect == "read") or (way == "ask" and one.changes):
        return True  # "tag those …" is no search for what is tagged so
    return one.bound.task.effect == "read" and _PUTS.search(message.text[: mark.start]) is not None  # "put those in the sale" neither


async def _bound_alone(message: Message, one: Past, mark: Marked, slots: Sequence[SlotSpan], scope: Scope) -> Bound:
    """What the message alone says to the task of the earlier subtask."""
    inside = message.marks(one, mark) or [slot for slot in slots if mark.start <= slot.start and slot.end <= mark.end]
    if mark.kind in ("only", "without"):  # which of the records, and no text to be put on them
        inside = [slot for slot in inside if slot.kind not in ("value", "field")]
    if mark.kind in ("add", "about") or mark.too or _DO_FOR.match(message.text):
        inside = await _as_people(message, await _as_goods(message, inside, one, mark), one, mark)
    task = one.bound.task
    if one.changes and not any(slot.record == "customer" for slot in task.slots):
        inside = [slot for slot in inside if slot.kind != "customer"]  # "for members only" is no field of it, and a restriction that is left
    own = await bind(task, piece_of(message.text, mark.start, mark.end, inside, scope, task), scope, finders=False)
    settle_by_thread(own, message.past, scope)
    if mark.kind == "only" and one.changes and _OF_WHOM.match(message.text, mark.start):
        own.args = {name: value for name, value in own.args.items() if not {"text", "texts"} & set(task.slot(name).types)}
    for asked in own.asked if own.piece.marked("customer") else ():
        if task.slot(asked.field).record == "customer":  # several are called so: it is said, and asked which
            own.heads.setdefault(asked.field, tuple(words_of(message.text, mark.start, mark.end)))
    if _STANDS_FIRST.search(message.text):  # "the worst first" are all of them, in that order
        own.args = {name: value for name, value in own.args.items() if name in ("sort", "order") or "choice" not in task.slot(name).types}
    take_number(own, one.bound, mark)
    return own


async def _only_those(one: Past, own: Bound, scope: Scope) -> Bound | None:
    """The subtask before with only those of its records that the message says; None where it says another thing of them."""
    if (narrowed := await among_them(own, one.bound, scope)) is not None:
        return narrowed
    if one.changes and (nobody := none_such(own, one.bound) or none_of_these(own, one.bound)) is not None:
        return nobody
    if (goods := _goods_said(one, own, scope)) is not None:
        await keep_among(own, goods[1], goods[0], scope)
    return None


async def _put_on(message: Message, one: Past, own: Bound, mark: Marked, scope: Scope) -> Bound | None:
    """What the message says put on what the subtask before said; None where it is another change than that."""
    base, said = one.bound, message.text[mark.start : mark.end]
    if one.changes and base.links and is_other_change(own, base) and (mark.instead or leaning(said) == "change"):
        if not mark.instead:
            return None
        base = without_its_change(base)  # "no, rename it": and not tag it as well
    before = replace(base, args=dict(base.args))
    await _of_the_goods_before(own, base, scope)
    _without_words_within(own, base)
    made = merged(own, base, scope, too=mark.too)
    if one.open or one.unfinished:
        await grown(made, before, mark, message.text, scope)
    step_back(made, before, scope.terms.now.tzinfo)
    same_part_of(made, before, message.text, scope.terms.now.tzinfo)
    compare_alike(made, before, scope.terms.now.tzinfo)
    top = next((s.name for s in base.task.slots if "integer" in s.types and "top" in s.cues), None)
    if base.task.effect == "read" and top is not None and top not in before.args and _THE_ONE.search(said):
        made.args[top] = 1
    return made


async def _of_the_goods_before(own: Bound, base: Bound, scope: Scope) -> None:
    """ "With more than 50 in stock" after the candles: how those goods are is a condition on them, and names no others."""
    for slot in own.task.slots:
        link, before = own.links.get(slot.name), base.links.get(slot.name)
        if slot.record not in GOODS or base.task.effect != "read" or link is None or before is None or link is before or not is_condition(link):
            continue
        if own.task.does == "find" and any("range" in kind for name in own.args for kind in own.task.slot(name).types):
            del own.links[slot.name], own.args[slot.name]  # the search has a field of its own for the amount
        else:
            await keep_among(own, before, slot, scope)


def _without_words_within(own: Bound, base: Bound) -> None:
    """ "For new customers only" after an average: of those, and no count of customers, whose word only stands in the other's."""
    said = own.piece.said
    one_of = [(spot, slot.name) for slot in own.task.slots if "choice" in slot.types and slot.name in own.args for spot in _spots(slot, said)]
    for slot in own.task.slots:
        lists = "choices" in slot.types and slot.name in own.args and slot.name in base.args
        spots = _spots(slot, said) if lists else []
        if spots and all(any(spot.within(other.start, other.end) for other, _ in one_of) for spot in spots):
            own.args.pop(slot.name)


def _spots(slot: Slot, said: str) -> list[Chosen]:
    return chosen(slot, said, (), (), hidden=())


def _amended(message: Message, before: Bound, slot: Slot, mark: Marked) -> Bound | None:
    """A task that takes whatever is said, with its words and those of this message made one."""
    said = message.text[mark.start : mark.end].strip()
    if slot.amended is None or mark.denied is not None or len(words_of(said)) > _FEW_WORDS:
        return None
    if mark.kind == "without":
        said = f"not {said}"
    words = slot.amended(str(before.args[slot.name]), said, mark.instead)
    return None if words is None else replace(before, args={**before.args, slot.name: words}, asked=[], left=[], finds=[])


async def _as_goods(message: Message, marks: Sequence[SlotSpan], one: Past, mark: Marked) -> list[SlotSpan]:
    """ "And the beach towel as well": goods that the shop has are goods and no new text, where the subtask before was about some."""
    if not any(one.bound.task.slot(name).record in GOODS for name in one.bound.links):
        return list(marks)
    linker = message.draft.scope.linker
    if marks and isinstance(await linker.goods(message.text, mark.start, mark.end), Linked):
        named = next((m for m in marks if m.kind == "product"), replace(marks[0], kind="product"))
        return [replace(named, start=mark.start, end=mark.end)]  # "the tall stoneware vase" is that, and no title "the tall"
    found = [isinstance(await linker.goods(message.text, m.start, m.end), Linked) if m.kind == "value" else False for m in marks]
    return [replace(mark, kind="product") if goods else mark for mark, goods in zip(marks, found, strict=True)]


async def _as_people(message: Message, marks: list[SlotSpan], one: Past, mark: Marked) -> list[SlotSpan]:
    """ "And Tom Hughes too": whoever is called so, where the subtask before was about a customer."""
    said = message.text[mark.start : mark.end]
    about = any(one.bound.task.slot(name).record == "customer" for name in one.bound.links)
    if not about or not _NAMED.fullmatch(said) or not await message.draft.scope.store.named("customer", said):
        return marks
    return [SlotSpan(kind="customer", start=mark.start, end=mark.end, confidence=1.0)]


_NAMED = re.compile(r"[^\W\d_][\w'’-]+(?:\s+[^\W\d_][\w'’.-]*){0,3}")


def _goods_said(one: Past, own: Bound, scope: Scope) -> tuple[Slot, Linked] | None:
    """The field in which a message says some of the goods that the earlier subtask was about, and those goods."""
    if (found := goods_found(one, one.bound.task, scope)) is not None:
        return found if found[0].name in own.links else None
    slots = [s for s in own.task.slots if s.record in GOODS and s.name in own.links and s.name in one.bound.links]
    return (slots[0], one.bound.links[slots[0].name]) if slots and own.links[slots[0].name] is not one.bound.links[slots[0].name] else None
