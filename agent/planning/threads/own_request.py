"""Whether a message is a request of its own, and which of the subtasks before it may be about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.planning.binding.bind import bind
from agent.planning.binding.choices import covering
from agent.planning.binding.merge import SILENT
from agent.planning.binding.scope import GOODS
from agent.planning.clauses.local import Decision
from agent.planning.clauses.pieces import piece_of
from agent.planning.language.fragments import THEM
from agent.planning.linking.lexicon import COMMON, leaning
from agent.planning.linking.link import Linked
from agent.planning.linking.vocabulary import words_of
from agent.planning.threads.bare import is_bare
from agent.planning.threads.made import TELLS
from agent.planning.threads.markers import Marked, marked
from agent.planning.threads.message import Message
from agent.planning.threads.recall import Past
from agent.planning.threads.replies import is_order
from agent.planning.threads.subject import is_fragment

_DEPENDENT = re.compile(
    r"(?:with|without|until|till|by|in|for|from|over|under|above|below|at|more\s+than|less\s+than|fewer\s+than|on|since|during|per|as|to|between|before"
    r"|after|including|within|through|via|starting|ending|valid|minimum|maximum|limited|shorter|longer|warmer|funnier|friendlier|simpler|nicer"
    r"|(?:more|less|a\s+bit|a\s+little|much)\s+\w+|(?:the\s+)?(?:\w+est|best|worst)\s+(?:ones?\s+|rated\s+)?first|sorted|grouped|worth)\b",
    re.I,
)
"""How what says nothing alone begins: it is first tried on what was said before."""
RELATIVE = re.compile(
    r"(?:and\s+|but\s+)?(?:who\s+(?:have|has|had|did|do|does)\s+(?!you\b|we\b|i\b)|(?:who|that|which)\s+(?!(?:are|is|were|was|of|do|does|did|all|else|has|have|ones?|customers?|orders?|products?|reviews?|codes?)\b))",
    re.I,
)
"""How a clause begins that says more of the records before, and could also be a question of its own."""
_ADDS = re.compile(r"\W*(?:(?:please|and|also|can\s+you)\s+)*(?:add|include|insert|write|say)\b", re.I)
_ASKS_WHERE = re.compile(
    r"(?:(?:and|but|in|for|from)\s+)*(?:which|what)\s+(?P<what>\w+(?:\s+\w+)??)"
    r"(?:\s+(?:was|were|is|are|has|have|did|do|does)\b)?(?:\s+(?:it|that|this|the|most|mostly|mainly|hardest|worst))*"
    r"(?:\s+(?:affected|responsible|to\s+blame|behind|hit|hurt|down|up|drop|dropped|fell|grew|rose|changed|driving|drove|caused|contributed|involved|concerned))?"
    r"(?:\s+(?:it|that|this|the|drop|rise|fall|change|most|hardest|by|in))*\W*",
    re.I,
)
_DIVIDED = re.compile(
    r"\W*(?:(?:and|now|then|please)\s+)*(?:(?:split|break|group|show)\s+(?:it|that|this)\s+(?:down\s+)?)?(?:by|per)\s+(?P<what>\w+(?:\s+\w+)?)\W*",
    re.I,
)
WHICH_ONE = re.compile(rf"\W*(?:(?:and|so)\s+)*which\s+(?:one|of\s+(?:{THEM}))\b", re.I)
"""One of what a report divides by: a question to the same report."""


def says_more_than_a_text(message: Message) -> bool:
    """ "With UPS, tracking number 1Z99…" where the tracking number was asked for: a carrier beside it, and no text of all these words."""
    asked = message.turns[-1].plan.questions if message.turns else ()
    one = next((one for one in message.bases() if one.questions), None) if len(asked) == 1 and message.past else None
    slot = next((slot for slot in one.bound.task.slots if slot.name == asked[0].field), None) if one is not None else None
    return slot is not None and slot.types == ("text",) and not slot.whole and _DEPENDENT.match(message.text) is not None


def is_new(message: Message) -> bool:
    """A request of its own, by its verb and by what the reader sees in it."""
    mark = marked(message.text)
    said = message.text[mark.start : mark.end]
    if is_order(said) and message.turns and not _is_of_the_task_asked(message):
        return True
    return any(d.verdict == "do" for d in message.decisions) and leaning(said) != ""


def _is_of_the_task_asked(message: Message) -> bool:
    """Whether the reader takes the message for nothing but what the last turn asks about."""
    asked = {one.task for one in message.turns[-1].plan.subtasks}
    likeliest = [decision.near[0][0].name for decision in message.decisions if decision.near]
    return all(name in asked for name in likeliest)


def stands_by_itself(message: Message, mark: Marked) -> bool:
    sure = [decision for decision in message.decisions if decision.verdict == "do" and decision.task is not None]
    if not sure:
        return False
    begins = leaning(message.text[mark.start : mark.end])
    if _asks_where(message, mark) or says_a_choice(message):
        return False
    if _is_bare(message, mark) or (mark.instead and begins != "change") or _only_says_who(message, sure) or _wishes_more_of_a_text(message, sure):
        return False
    if is_fragment(message.text, mark) and message.bases()[0].bound.task.effect == "read":
        return False  # first as more of what was asked before, and by itself where that has no place for it
    if begins:
        return not (WHICH_ONE.match(message.text) and all(decision.task is message.bases()[0].bound.task for decision in sure))
    if mark.kind != "plain" or _DEPENDENT.match(message.text, mark.start):
        return False
    bases = {one.subtask.task for one in message.past if one.turn is message.past[-1].turn}
    marks = {slot.kind for decision in message.decisions for slot in decision.clause.slots}
    return bool(marks & {"metric", "field"}) or any(decision.task is not None and decision.task.name not in bases for decision in sure)


def orders_another(message: Message, mark: Marked) -> bool:
    """Whether the message orders another change than the one before, by its verb and to the reader: "refund it instead", of one to be cancelled."""
    tasks = [decision.task for decision in message.decisions if decision.verdict in ("do", "doubt") and decision.task is not None]
    base = message.bases()[0].bound.task
    others = bool(tasks) and all(task is not base and task.effect in ("write", "action") for task in tasks)
    return others and is_order(message.text[mark.start : mark.end])


def _only_says_who(message: Message, sure: Sequence[Decision]) -> bool:
    """ "Who spent more than 300" after customers from Denmark: of them, where it is no question."""
    base = message.bases()[0].bound.task
    same = base.does == "find" and all(decision.task is base for decision in sure)
    return same and RELATIVE.match(message.text) is not None and not message.text.rstrip().endswith("?")


def says_a_choice(message: Message) -> bool:
    """ "Show the old price", of new prices that wait: nothing but a choice that the change before has, and no look at something."""
    base = message.bases()[0]
    said = message.text.strip(" .!?")
    return base.open and base.changes and any("flag" in slot.types and covering(slot, said) for slot in base.bound.task.slots)


async def lacks_what_to_do(message: Message, mark: Marked) -> bool:
    """ "Take the linen scarf out again" after it was put into a collection: an edit, to the reader, that says nothing to be edited."""
    base, sure = message.bases()[0], [decision for decision in message.decisions if decision.verdict == "do"]
    task = sure[0].task if len(sure) == 1 else None
    if task is None or not base.changes or task.effect != "write" or task is base.bound.task or task.whole is not None:
        return False
    scope = message.scope_of(base)
    own = await bind(task, piece_of(message.text, mark.start, mark.end, sure[0].clause.slots, scope, task), scope, finders=False)
    says = any(task.slot(name).record is None for name in own.args)
    return not says and any(task.slot(asked.field).record is None for asked in own.asked)


_PUTS_IN = re.compile(
    r"\W*(?:(?:and|also|please|then|now|can\s+you|could\s+you)[\s,]+)*(?:add|include|put\s+in|throw\s+in)\s+(?P<what>\S.*?)"
    r"(?:\s+(?:too|as\s+well|also|please))*\W*",
    re.I,
)


async def adds_known_goods(message: Message) -> bool:
    """ "Add the straw sun hat", after goods that wait to be put into a collection: one more of them, and nothing new that is to be made."""
    said, one = _PUTS_IN.fullmatch(message.text), message.bases()[0]
    sure = [decision.task for decision in message.decisions if decision.verdict == "do" and decision.task is not None]
    if said is None or not one.changes or one.bound.args.get("action") != "add" or not any(link.record in GOODS for link in one.bound.links.values()):
        return False
    makes = all(task.does == "make" and task.about == "product" for task in sure)
    return makes and isinstance(await message.draft.scope.linker.goods(message.text, *said.span("what")), Linked)


def taken_out(message: Message, mark: Marked) -> Marked:
    """ "Take the linen scarf out again", of what waits with it: without the scarf."""
    found = _TAKEN_OUT.fullmatch(message.text, mark.start, mark.end) if message.past else None
    if found is None:
        return mark
    said = {word.stem for word in words_of(message.text, *found.span("what")) if word.text.lower() not in COMMON | {"one", "ones"}}
    within = any(one.open and one.changes and is_of(said, one, message) for one in message.bases())
    return replace(mark, kind="without", start=found.start("what"), end=found.end("what"), instead=True) if said and within else mark


def is_of(said: set[str], one: Past, message: Message) -> bool:
    """Whether one of the goods of a change has all these words in its title."""
    titles = [message.draft.scope.linker.vocabulary.products.get(id, "") for link in one.bound.links.values() for id in link.products]
    return any(said <= {word.stem for word in words_of(title)} for title in titles)


async def left_out_too(message: Message, mark: Marked) -> Marked:
    """ "And the dryer balls", right after "except the beanies": without these either, where the change that waits has them."""
    last = message.turns[-1] if message.turns else None
    if (mark.kind != "add" and not mark.too) or last is None or marked(last.text).kind != "without" or leaning(message.text[mark.start : mark.end]):
        return mark
    named = await message.draft.scope.linker.goods(message.text, mark.start, mark.end)
    waits = next((one for one in message.bases() if one.open and one.changes and one.turn is message.past[-1].turn), None)
    theirs = {id for link in waits.bound.links.values() for id in link.products} if waits is not None else set()
    within = isinstance(named, Linked) and bool(named.products) and set(named.products) <= theirs
    if waits is not None and not isinstance(named, Linked):  # "and the sea clay one"
        said = {word.stem for word in words_of(message.text, mark.start, mark.end) if word.text.lower() not in COMMON | {"one", "ones"}}
        within = bool(said) and is_of(said, waits, message)
    return replace(mark, kind="without", instead=True) if within else mark


_TAKEN_OUT = re.compile(
    r"(?:(?:take|leave|keep)\s+(?=\S.*\s(?:out|off)\b)|(?:take|leave)\s+(?:off|out)\s+|(?:remove|drop|lose|scrap|skip|leave|forget(?:\s+about)?)\s+)"
    r"(?P<what>(?:the\s+|all\s+)?[\w\s'’-]+?)"
    r"(?:\s+(?:out|off))?(?:\s+(?:of|from|off)\s+(?:it|that|this|there|them|the\s+(?:list|order|draft|quote|collection|sale|code|proposal|change|set)))?"
    r"(?:\s+(?:again|please|too|as\s+well|after\s+all))*",
    re.I,
)


def without_what_ties(text: str, decisions: list[Decision]) -> list[Decision]:
    """Without the "no," of "no, extend it instead": it asks for nothing, and says what becomes of the message before."""
    start = marked(text).start
    kept = [decision for decision in decisions if decision.verdict == "do" or decision.clause.end > start]
    return kept or decisions


def _wishes_more_of_a_text(message: Message, sure: Sequence[Decision]) -> bool:
    """ "Add that it keeps tea hot" after a text: one more wish for it, and no other of its kind."""
    base = message.bases()[0].bound.task
    marks = {slot.kind for decision in message.decisions for slot in decision.clause.slots}
    if base.effect == "draft" and TELLS.match(message.text) is not None:
        return not marks & {"customer", "order"}  # whatever it is that the text is to say
    same = base.effect == "draft" and all(decision.task is base for decision in sure)
    return same and _ADDS.match(message.text) is not None and not marks & {"product", "customer", "order"}


def named_again(message: Message, mark: Marked) -> Past | None:
    """The change that waits and that a message gives another bare number, by the name of its goods: "make the snuffers 12"."""
    said = [word for word in words_of(message.text, mark.start, mark.end) if word.text.lower() not in COMMON and word.stem not in SILENT]
    names = {word.stem for word in said if not word.text[0].isdigit()}
    numbers = [word for word in said if word.text[0].isdigit()]
    if len(numbers) != 1 or not names or re.search(r"[%€$£]|\beuros?\b", message.text, re.I):
        return None
    waiting = [one for one in message.bases() if one.open and one.changes]
    named = [one for one in waiting if any(names <= {w.stem for w in words_of(link.label)} for link in one.bound.links.values())]
    counted = [one for one in named if any({"integer", "money"} & set(slot.types) and slot.name in one.bound.args for slot in one.bound.task.slots)]
    return counted[0] if len(counted) == 1 else None


def _asks_where(message: Message, mark: Marked) -> bool:
    """ "Which countries were affected?" after a report: the report again, by country."""
    task = message.bases()[0].bound.task
    asked = _ASKS_WHERE.fullmatch(message.text, mark.start, mark.end)
    divides = next((slot for slot in task.slots if "choices" in slot.types and "channel" in slot.choices), None)
    return task.effect == "read" and asked is not None and divides is not None and covering(divides, asked["what"])


def divides_what_cannot_be(message: Message) -> bool:
    """ "By country?" after a forecast, which is no new report of what was."""
    base = message.bases()[0]
    others = [task for task in message.draft.scope.tasks.values() if task.does == "report" and task.about == "sales"]
    by = next((slot for task in others for slot in task.slots if "choices" in slot.types and "product" in slot.choices), None)
    asked = _DIVIDED.fullmatch(message.text)
    own = any("choices" in slot.types for slot in base.bound.task.slots)
    return asked is not None and by is not None and base.bound.task.effect == "read" and not own and covering(by, asked["what"])


def _is_bare(message: Message, mark: Marked) -> bool:
    base = message.bases()[0]
    return is_bare(piece_of(message.text, mark.start, mark.end, (), message.scope_of(base), base.bound.task))


def bases_for(message: Message, mark: Marked) -> Sequence[Past]:
    """The same, but "leave out the red one", right after the records of a change were looked at, is about the change that waits."""
    bases = message.bases()
    if (figured := _with_such_a_figure(message, mark, bases)) is not None:
        return [figured]
    if mark.kind not in ("only", "without") or bases[0].subtask.effect != "read":
        return bases
    looked = {link.products for link in bases[0].bound.links.values()}
    waiting = [one for one in bases[1:] if one.open and one.changes and any(link.products in looked for link in one.bound.links.values())]
    return [*waiting[:1], *bases]


_FIGURE = re.compile(r"\d\s*(?:%|percent\b|[€$£]|euros?\b)|[€$£]\s*\d", re.I)


def _with_such_a_figure(message: Message, mark: Marked, bases: Sequence[Past]) -> Past | None:
    """ "Make it 20%" after a code and an e-mail about it: the one change beside a text that has such a figure, where the text has none."""
    last, kinds = bases[0], {"money", "percent"}
    if last.bound.task.effect != "draft" or _FIGURE.search(message.text, mark.start, mark.end) is None:
        return None
    if any(kinds & set(last.bound.task.slot(name).types) for name in last.bound.args):
        return None
    beside = [one for one in bases if one.turn is last.turn and one.changes]
    figured = [one for one in beside if any(kinds & set(one.bound.task.slot(name).types) for name in one.bound.args)]
    return figured[0] if len(figured) == 1 else None
