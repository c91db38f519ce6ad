"""One-off conditions: "if it sold less than 10 last month, drop it to 9, otherwise leave a note".

The condition becomes a read and a bound on one of its figures, which plain code weighs when the figure is there. What
cannot be typed so is asked about: nothing is ever changed as if the condition had not been said. Rules that stand
("whenever stock falls below 5") are no conditions of a request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from agent.planning.binding.bind import bind
from agent.planning.binding.merge import takes_every_word
from agent.planning.binding.refer import refer
from agent.planning.binding.scope import Bound, Piece, Scope
from agent.planning.clauses.belonging import SENTENCE, guarded
from agent.planning.clauses.closing import asks_nothing
from agent.planning.language.fragments import THEM
from agent.planning.language.normalise_numbers import plain
from agent.planning.language.values import Dates, Impossible, Range, Spot, Values, Words
from agent.planning.linking.lexicon import changes
from agent.planning.linking.roles import task_for
from agent.planning.linking.vocabulary import words_of
from agent.records import Condition
from agent.sdk import Task

CONDITION = "condition"
"""Field of the question whether something is to be done though its condition cannot be checked."""
DO_IT, LEAVE_IT = "do it", "leave it"

_STATE = r"(?:['’](?:s|re|ve)|\s+(?:is|are|was|were|has|have|had|sold|did|does))\b"
_IF = re.compile(
    r"\b(?:only\s+|(?P<not>(?:except|(?:but|and|though|,)\s*(?:please\s+|do\s+)?not(?:\s+do\s+(?:it|that|this|so))?)\s+))?(?P<word>if|unless"
    r"|provid(?:ed|ing)(?:\s+that)?(?=\s+(?:that|it|its|he|she|they|their|we|i|you|this|there|the|our|all|none|no|nobody|sales|stock|order|at|more|less|fewer)\b)"
    r"|(?:as|so)\s+long\s+as|in\s+case|in\s+the\s+event\s+that|on\s+(?:the\s+)?condition\s+that"
    r"|(?:assuming|supposing|given)(?:\s+that)?(?=\s+(?:that|it|its|they|we|there|the)\b)"
    r"|(?:when|where)(?=\s+(?:there(?:['’]s|\s+(?:are|is))|we\s+have|we['’]ve|it\s+has|they\s+have)\b)|(?<=only\s)when"
    r"|(?P<state>(?:when|where|once|as\s+soon\s+as)(?=\s+(?:it|they|that|this|we)" + _STATE + r"))"
    r"|(?P<state_of>(?:when|where|once|as\s+soon\s+as)(?=\s+(?:the|its?|our|order)\s+(?:[^\s,.;]+\s+){0,4}?(?:is|are|was|has|have|had|sold)\b))"
    r"|(?:(?<!\w\s)|(?<=\band\s))should(?=\s+(?:it|they|the|order|there|its|that|this|our)\b[^.?!]*,))\s+",
    re.I,
)
_SO = re.compile(
    rf"(?:(?P<yes>(?:there\s+(?:are|is)|we\s+have|you\s+(?:find|found)|it\s+finds)\s+(?:any|some)(?:\s+(?:left|of\s+(?:{THEM})))?(?=\W*(?:,|$|then\b))|so|yes|true|(?:that|this)(?:['’]s|\s+is)\s+(?:so|true|right|the\s+case)|(?:we|it|they|there)(?:\s+(?:do|does|have|has|are|is|did))(?=\s*(?:,|$|then\b|(?:put|make|set|hide|add|write|send|tag|drop|raise|draft|prepare)\b)))"
    r"|(?P<no>(?:there\s+(?:are|is)|we\s+have)\s+none(?:\s+left)?|none(?!\s+(?:of|is|are|was|were|has|have)\b)|(?:not|no)(?!\s+(?:sold|paid|in|on|out|yet|enough|more|less|fewer|many|one|\w+ed)\b)|(?:we|it|they|there)\s+(?:do|does|have|has|are|is|did)(?:n['’]t|\s+not)(?=\s*(?:,|$|then\b))))(?![\w’'])",
    re.I,
)
"""What the question before asked: "do we have it in stock? if so …"."""
_FINE = (
    r"(?:(?:all\s+)?(?:ok|okay|fine|alright|all\s+right|possible|possibly|convenient|feasible|doable|easy|easier|helpful|useful|necessary|needed|required"
    r"|appropriate|acceptable|allowed|agreeable|good|great|cool|(?:no|not\s+too\s+much|not\s+(?:a|any))\s+(?:of\s+an?\s+)?(?:trouble|bother|problem|hassle)"
    r"|not\s+too\s+(?:hard|difficult|late)))(?!\s+(?:sold|out|in\s+stock))"
)
_POLITE = re.compile(
    r"(?:possible|necessary|need(?:ed)?(?:\s+be)?|required|applicable|convenient|any|so|not)\b(?=\s*(?:$|[.,;:!?)]|(?:please|and|then)\b))"
    r"|possible\b"
    r"|you\s+(?:please|like|want|wish|don['’]t\s+mind|do\s+not\s+mind|would(?:n['’]t\s+mind)?|could|can)\b(?!\s+(?:see|find|tell)\b)|you(?:['’]re|\s+are)\s+able\b|i\s+(?:may|could|can)\b"
    r"|(?:that|it|this)(?:['’]s|\s+is)(?:\s+(?:" + _FINE + r"\b|$)|\s*(?:$|[.,;:!?]))"
    r"|(?:that|it|this)\s+(?:can|could|would)\s*(?:$|[.,;:!?]|be\s+(?:done\b|" + _FINE + r"\b)|work\b|help\b)"
    r"|(?:it|they|things|sales|this|that|everything)\s+(?:keeps?|goes|go|carr(?:y|ies)|continues?|stays?)\s+(?:(?:going|on|up|selling)\s+)*"
    r"(?:like\s+(?:this|that|now)|as\s+(?:it|they)\s+(?:is|are|do|does)|as\s+(?:now|before)|at\s+(?:this|that)\s+(?:rate|pace))"
    r"|there\s+are\s+any\b(?=\s*(?:$|[.,;:!?]))|there\s+are\s+any\b(?=[^.,;]*,\s*(?:then\s+)?\w+\s+(?:them|these|those|all)\b)",
    re.I,
)
_ASKS_WHETHER = re.compile(
    r"\b(?:(?:tell|let|check|see|know|asks?|asked|asking|wonder(?:ing|s)?|show|find|find\s+out|figure\s+out|look(?:\s+up)?|verify|confirm|say|sure|remind|notify|alert|warn"
    r"|what|even|as)(?:\s+(?:me|us|know|him|her|them|out|up|please|over|and\s+over|again|and\s+again|often|whether|or))*|(?:message|email)\s+(?:me|us))\s*$",
    re.I,
)
_STANDING = re.compile(
    r"\b(?:whenever|every\s+time|each\s+time|any\s*time|always|automatically|from\s+now\s+on)\b"
    r"|\b(?:falls?|drops?|goes|runs?|gets?|reaches|becomes?|dips?|rises?|places?|orders|buys|leaves|writes|comes)\b",
    re.I,
)
"""What happens again and again is a rule and no condition of this request."""
_THEN = re.compile(r"\s*(?:,\s*(?:then\s+)?|;\s*|:\s*|\bthen\s+)", re.I)
_OTHERWISE = re.compile(r"[\s,;.]*\b(?:otherwise|or\s+else|else|if\s+not|if\s+it\s+(?:did|does|is|has)(?:n['’]t|\s+not))\b[\s,:]*", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """Where a request says its condition, and what depends on it."""

    condition: tuple[int, int]
    actions: Sequence[tuple[int, int]]
    otherwise: tuple[int, int] | None = None
    unless: bool = False
    free: Sequence[tuple[int, int]] = ()
    """What is asked anyway: "how many are left? if fewer than 10, add 30" counts them first."""
    so: bool = False
    """It is what the question before asked: "if so"."""
    unclear: tuple[int, int] | None = None
    """The condition of which it is not plain what it guards, to be asked about."""

    @property
    def stretches(self) -> Sequence[tuple[int, int]]:
        return [*self.actions, *([self.otherwise] if self.otherwise else [])]

    def holds_for(self, span: tuple[int, int]) -> bool | None:
        """Whether a stretch is done where the condition holds (True), where it does not (False), or anyway (None)."""
        if self.otherwise is not None and self.otherwise[0] <= span[0] < self.otherwise[1]:
            return self.unless
        return not self.unless


def only(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with every other word blank, so that what is left stands at its place."""
    kept, at = [], 0
    for start, end in sorted(spans):
        kept.append(" " * (start - at) + text[max(start, at) : end])
        at = max(at, end)
    return "".join(kept).ljust(len(text))


def conditional(text: str, *, rules: bool = True) -> Conditional | None:
    """The request's condition; None where it says none, or a rule that stands.

    Args:
        rules: Whether the request may set up a rule; else what looks like one's start is a condition ("if the price drop is high, …").
    """
    found = next((m for m in _IF.finditer(text) if _is_condition(text, m) and not (rules and _starts_rule(text, m))), None)
    if found is None or _THOUGHT_OF.search(text[: found.start()]):
        return None
    so = _SO.match(text, found.end()) if text[: found.start()].strip() else None
    unless = found["word"].lower() == "unless" or found["not"] is not None or (so is not None and so["no"] is not None)
    after = _end_of_condition(text, found.end()) if so is None else _after_so(text, so.end())
    otherwise = next((m for m in _OTHERWISE.finditer(text, after[0])), None)
    end = otherwise.start() if otherwise else len(text)
    nothing_else = otherwise is not None and asks_nothing(text[otherwise.end() :])  # "otherwise leave it"
    condition = (found.end(), min(after[0], end))
    if rules and (_STANDING.search(text[condition[0] : condition[1]]) or re.search(r"\bwhenever\b", text, re.I)):
        return None
    later = (min(after[1], end), end)
    ended = SENTENCE.search(text, condition[0], later[0]) is not None
    strict = found["word"].lower() not in ("if", "when", "where") or found[0].lower().startswith("only") or found["not"] is not None
    parts = guarded(text, start=found.start(), later=later, ended=ended, strict=strict)
    if not parts.actions or not text[condition[0] : condition[1]].strip():
        return None
    second = _another(text, later[0], otherwise)
    return Conditional(
        condition=condition,
        actions=parts.actions,
        otherwise=(otherwise.end(), len(text)) if otherwise and not nothing_else else None,
        unless=unless is not parts.reversed,
        free=parts.free,
        so=so is not None,
        unclear=second or (condition if parts.unclear or (parts.reversed and otherwise) else None),
    )


def _another(text: str, start: int, otherwise: re.Match[str] | None) -> tuple[int, int] | None:
    """A second condition of the same request: it says what only one of its changes depends on, or gives another value."""
    for found in _IF.finditer(text, start):
        repeats = otherwise is not None and otherwise.start() <= found.start() < otherwise.end()
        if not repeats and _is_condition(text, found) and _SO.match(text, found.end()) is None:
            return found.end(), _end_of_condition(text, found.end())[0]
    return None


def _starts_rule(text: str, found: re.Match[str]) -> bool:
    """ "When an order is paid, …" sets up a rule as likely as not; "cancel it when it's unpaid" says when to do it now."""
    leading = _SENTENCE_START.search(text[: found.start()]) is not None
    return found["state_of"] is not None or (found["state"] is not None and leading)


_SENTENCE_START = re.compile(r"(?:^|[.?!;\n])\W*$")


def _is_condition(text: str, found: re.Match[str]) -> bool:
    if _ASKS_WHETHER.search(text[: found.start()]):
        return False
    so = text[: found.start()].strip() and _SO.match(text, found.end())
    return bool(so) or not _POLITE.match(text, found.end())


def _after_so(text: str, at: int) -> tuple[int, int]:
    stop = re.compile(r"\s*(?:,\s*(?:then\s+)?|;\s*|:\s*|\bthen\s+|\s+)").match(text, at)
    return at, stop.end() if stop else at


_THOUGHT_OF = re.compile(
    r"\bwould(?:n['’]t)?\s+(?!(?:really\s+)?(?:like|love|want|prefer|you|appreciate|rather|be\s+(?:great|good|nice|glad|grateful|happy|lovely|kind))\b)[^.?!;]*$|"
    r"\b(?:what|how\s+\w+)\s+(?:would|will|does|might|could)\b[^.?!;]*$|\bwhat\s*$",
    re.I,
)
"""Before an "if" that only thinks of something: "what would happen if I raised the price"."""


_OBJECTS = frozenset({"it", "them", "the", "this", "that", "those", "these", "all", "our", "its", "their"})


_DOING = frozenset(
    {
        "write", "send", "email", "message", "refund", "draft", "tell", "show", "give", "reply", "post", "prepare", "let", "ship", "delete",
        "flag", "list", "check", "reorder", "order", "end", "pause", "stop", "start", "warn", "answer", "thank", "export", "print",
    }
)  # fmt: skip
"""What else begins another part after an "and"."""
_ENDS_A_BOUND = frozenset({"left", "stock", "sold", "units", "pieces", "orders", "euros", "euro", "open", "week", "month", "year"})


def _end_of_condition(text: str, start: int) -> tuple[int, int]:
    """Where the condition ends and what follows begins: at a comma or "then", else before a verb of change, else at the end."""
    words, stop = words_of(text, start), _THEN.search(text, start)
    for at, (word, following) in enumerate(zip(words[2:], [*words[3:], None], strict=False), 2):
        if stop is not None and word.start >= stop.start():
            break
        before = words[at - 1]
        if before.text.lower() in ("and", "also") and (changes(word.text) or word.text.lower() in _DOING):
            return before.start, before.start
        told = stop is None and word.text.lower() in _DOING and (before.text[0].isdigit() or before.text.lower() in _ENDS_A_BOUND)
        if told and following is not None and following.text.lower() in _OBJECTS | {"me", "us"}:
            return word.start, word.start
        if changes(word.text) and (stop is None or (following is not None and following.text.lower() in _OBJECTS)):
            return word.start, word.start
    if stop is not None:
        return stop.start(), stop.end()
    sentence = re.search(r"[.!?](?:\s|$)", text[start:])
    end = start + sentence.start() if sentence else len(text)
    return end, end


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A condition as a read and a bound on a figure of its answer."""

    read: Bound
    field: str
    measure: str
    bound: str
    limit: Decimal
    several: bool = False
    """It is about several records, and not said whether of each or of all together: it cannot be weighed before that is."""
    ahead: bool = False
    """It is of a time to come."""

    def given(self, id: str, said: str, *, unless: bool) -> Condition:
        return Condition(of=f"{id}.{self.field}", said=said, measure=self.measure, unless=unless, **{self.bound: plain(self.limit)})


_SOLD = re.compile(r"\b(?:sold|sell|sells|selling|bought|ordered)\b", re.I)
_NOT_SOLD = re.compile(
    r"\b(?:(?:has|have|did|does)(?:n['’]t|\s+not)\s+(?:been\s+)?(?:sold?|sell)|sold\s+(?:nothing|none|zero)|(?:nobody|no\s+one)\s+(?:has\s+)?bought|no\s+sales)\b",
    re.I,
)
_MONEY_MADE = re.compile(r"\b(?:revenue|turnover|takings|made|earned|brought\s+in|sales)\b", re.I)
_OF_ANYTHING = re.compile(r"\b(?:units|items|things|pieces|products|articles|goods|sales|anything|nothing|something|overall|altogether|shop)\b", re.I)
"""Said of the whole shop, where "we sold more than 10" is of what is to be changed."""
_RETURNED = re.compile(r"\b(?:returned|came\s+back|sent\s+back|returns)\b", re.I)
_STOCK = re.compile(
    r"\b(?:left|in\s+stock|on\s+hand|remaining|stock|in\s+the\s+warehouse)\b|\b(?:there\s+are|we\s+have|it\s+has|they\s+have)\b", re.I
)
_OUT = re.compile(r"\b(?:out\s+of\s+stock|sold\s+out|none\s+(?:is\s+|are\s+)?left|no\s+(?:more\s+)?stock)\b", re.I)
_POINTS = re.compile(
    r"\b(?:it|its|they|them|their|these|those|that|this(?!\s+(?:week|month|year|quarter|season|morning|weekend|autumn|winter|spring|summer)\b))\b",
    re.I,
)
_SHOP = re.compile(r"\b(?:we|our|i|the\s+shop|shop|sales|revenue|turnover)\b", re.I)


_TWOFOLD = re.compile(
    r"\b(?:and|or|but)\s+(?:(?:it|we|they|there|that|also)(?:['’]\w+)?|its|is|are|was|were|has|have|had|did|sold|not|if|unless)\b", re.I
)
"""Two conditions in one, of which one figure tells only half: "it's in stock or it sold less than 5"."""


async def measured(piece: Callable[[Task], Piece], scope: Scope) -> Measured | None:
    """The condition as a figure of a report, or as what a search finds; None where it is neither."""
    tasks = scope.tasks
    if _TWOFOLD.search(piece(next(iter(tasks.values()))).said):
        return None
    for about, typed in (("sales", _as_sales), ("inventory", _as_stock)):
        report = task_for(tasks, "report", about)
        if report is not None and (found := await typed(report, piece(report), scope)) is not None:
            return found
    for record in ("customer", "order", "product", "discount"):
        finder = task_for(tasks, "find", record)
        if finder is not None and (found := await _as_found(finder, record, piece(finder), scope)) is not None:
            return found
    return None


_OF_THE_FIGURE = frozenset({
    "it", "its", "it's", "they're", "theyre", "thats", "is", "are", "was", "were", "that", "that's", "there", "they", "the", "number", "figure",
    "total", "only", "has", "have",
    "we", "left", "stock", "in", "of", "them", "those", "units", "pieces", "sold", "sales", "made", "did", "result", "answer", "comes", "out", "to",
    "at", "still", "remaining", "be",
})  # fmt: skip
"""Words of a condition that names nothing but a bound: "if it's fewer than 10"."""


def lies_ahead(piece: Piece, scope: Scope) -> bool:
    """Whether a condition is of a time to come, or of none: "if it sells fewer than 20 next week"."""
    return any(
        (isinstance(value, Dates) and value.period.start > scope.terms.now) or (isinstance(value, Impossible) and value.kind == "period")
        for value in piece.values.items
    )


def measured_before(piece: Piece, scope: Scope, *, so: bool, among: Collection[str]) -> tuple[str, Measured] | None:
    """The condition as a bound on what the part before finds out, and that part's id: "how many are left? if fewer than 10 …", "… if so".

    Args:
        among: Ids of the parts that do not depend on the condition.
    """
    earlier = next((e for e in reversed(scope.earlier) if e.found is None and e.id in among), None)
    if earlier is None or earlier.bound.task.effect != "read" or earlier.bound.task.output is None:
        return None
    task, fields, read = earlier.bound.task, earlier.bound.task.output.model_fields, earlier.bound
    of_stock = task.does == "report" and task.about == "inventory"
    if read.left or any(link.variants is not None and read.task.slot(n).record == "product" for n, link in read.links.items()):
        return None  # its figure is of all sizes, and one was asked about
    if so:
        field = "units" if of_stock else "count" if task.does in ("find", "flag") and "count" in fields else ""
        if not field or field not in fields:
            return None
        measure = "in stock" if field == "units" else ""
        return earlier.id, Measured(read=read, field=field, measure=measure, bound="above", limit=Decimal(0))
    if (limit := _limit(piece)) is None or not _is_only_a_bound(piece, limit[2]):
        return None
    if of_stock and limit[2].currency is None and not _SOLD.search(piece.said):
        return earlier.id, Measured(read=read, field="units", measure="in stock", bound=limit[0], limit=limit[1])
    metric = next(iter(read.args.get("metrics") or ["revenue"]))
    money = metric not in ("units", "orders", "units_returned", "customers")
    of_sales = task.does == "report" and task.about == "sales"
    if of_sales and not read.args.get("by") and money == (limit[2].currency is not None) and not _STOCK.search(piece.said):
        return earlier.id, Measured(
            read=read, field="total", measure="sold" if metric == "units" else metric.replace("_", " "), bound=limit[0], limit=limit[1]
        )
    if task.does == "find" and "count" in fields and limit[2].currency is None and not _SOLD.search(piece.said):
        return earlier.id, Measured(read=read, field="count", measure="found", bound=limit[0], limit=limit[1])
    return None


def measured_again(piece: Piece, scope: Scope, *, among: Collection[str]) -> Measured | None:
    """ "Check what the bowl sold last month, and if it sold less than 10 …" after a report of money: the units of the same goods and time."""
    earlier = next((e for e in reversed(scope.earlier) if e.found is None and e.id in among), None)
    limit = _limit(piece)
    if (
        earlier is None
        or limit is None
        or limit[2].currency is not None
        or limit[2].unit not in ("", "unit")
        or not _is_only_a_bound(piece, limit[2])
    ):
        return None
    read = earlier.bound
    of_sales = read.task.does == "report" and read.task.about == "sales" and not read.args.get("metrics") and not read.left and not read.finds
    if not of_sales or _STOCK.search(piece.said) or not (_SOLD.search(piece.said) or limit[2].unit == "unit"):
        return None
    kept = {name: value for name, value in read.args.items() if name in ("period", "products", "customers", "places", "channels")}
    again = replace(read, args={**kept, "metrics": ["units"]}, links=dict(read.links), asked=[], after=list(read.after))
    several = _is_of_several(again, piece.said)
    return Measured(read=again, field="total", measure="sold", bound=limit[0], limit=limit[1], several=several)


def _is_only_a_bound(piece: Piece, limit: Range) -> bool:
    words = words_of(piece.text, piece.start, piece.end)
    return all(w.text.lower() in _OF_THE_FIGURE or limit.start <= w.start < limit.end for w in words)


def _limit(piece: Piece) -> tuple[str, Decimal, Range] | None:
    ranges = [value for value in piece.values.items if isinstance(value, Range)]
    if len(ranges) != 1:
        return None
    bounds = [(name, bound) for name in ("at_least", "above", "at_most", "below") if (bound := getattr(ranges[0], name)) is not None]
    return (*bounds[0], ranges[0]) if len(bounds) == 1 else None


async def _as_sales(task: Task, piece: Piece, scope: Scope) -> Measured | None:
    said, limit = piece.said, _limit(piece)
    if _OUT.search(said) or (limit is None and not _NOT_SOLD.search(said)):
        return None
    money = limit is not None and limit[2].currency is not None
    if limit is not None and limit[2].unit == "order":
        metric, measure = "orders", "orders"
    elif _RETURNED.search(said):
        metric, measure = "units_returned", "returned"
    elif money and (_SOLD.search(said) or _MONEY_MADE.search(said)):
        metric, measure = "revenue", "net sales"
    elif _SOLD.search(said) or _NOT_SOLD.search(said):
        metric, measure = "units", "sold"
    elif _MONEY_MADE.search(said):
        metric, measure = "revenue", "net sales"
    else:
        return None
    read = await _about(task, piece, scope, {"period", "products", "customers", "places", "channels"})
    if read is None or (metric == "units" and not _is_of_what_is_changed(read, said, scope)) or not _is_said_of(read, said):
        return None
    read.args["metrics"] = [metric]
    bound, value = (limit[0], limit[1]) if limit is not None else ("at_most", Decimal(0))
    return Measured(read=read, field="total", measure=measure, bound=bound, limit=value, several=_is_of_several(read, said))


async def _as_stock(task: Task, piece: Piece, scope: Scope) -> Measured | None:
    said, limit = piece.said, _limit(piece)
    out = _OUT.search(said) is not None
    if limit is not None and (limit[2].currency is not None or any(isinstance(v, Dates) for v in piece.values.items)):
        return None
    if not out and not _STOCK.search(said):
        return None
    read = await _about(task, piece, scope, {"products", "location"})
    if read is None or ("products" not in read.args and not refer(read, scope, task.slot("products"), said="it")):
        return None  # "if there are more than 5 left" is of what was named before
    read.args["show"] = "all"
    bound, value = ("at_most", Decimal(0)) if out else (limit[0], limit[1]) if limit is not None else ("above", Decimal(0))
    return Measured(read=read, field="units", measure="in stock", bound=bound, limit=value, several=_is_of_several(read, said))


_TELLING = frozenset({"quoted", "place", "channel", "discount", "tag", "customer", "order", "value"})


async def _about(task: Task, piece: Piece, scope: Scope, wanted: set[str]) -> Bound | None:
    """The report's records, time and places, as far as the condition says them; None where something in it is not understood."""
    # or "less than 10" would be taken for the price of what is meant
    ranges = [value for value in piece.values.items if isinstance(value, Range)]
    plain_values = Values(items=tuple(value for value in piece.values.items if not any(value.overlaps(said) for said in ranges)))
    spots = [Spot(start=value.start, end=value.end) for value in ranges]  # nor the 50 for a cushion of that size
    read = await bind(task, replace(piece, values=plain_values), scope, taken=spots, finding=True)
    if any(asked.field in wanted for asked in read.asked) or read.finds:
        return None
    others = [v for v in plain_values.items if not read.takes(v) and (not isinstance(v, Words) or v.kind in _TELLING)]
    if others:
        return None
    read.args = {name: value for name, value in read.args.items() if name in wanted}
    read.links = {name: link for name, link in read.links.items() if name in wanted}
    read.asked, read.left = [], []
    return read


def _is_said_of(read: Bound, said: str) -> bool:
    """Of goods that are known, or plainly of the shop."""
    return "products" in read.args or (_SHOP.search(said) is not None and _POINTS.search(said) is None)


def _is_of_what_is_changed(read: Bound, said: str, scope: Scope) -> bool:
    """ "We sold more than 10" leaves out of what: it is of the goods named before, and never of the whole shop."""
    if "products" in read.args or _OF_ANYTHING.search(said) or _POINTS.search(said):
        return True
    return refer(read, scope, read.task.slot("products"), said="it") and "products" in read.args


_SO_MANY_OF_THEM = re.compile(
    r"\b(?:we|i|the\s+shop|there\s+(?:are|were))\s+(?:(?:have|only|has)\s+)*(?:sold|sell|got|had|left)?\s*(?:fewer|less|more)\s+than\s+\d+\s+"
    r"(?!of\b|units?\b|pieces?\b|each\b)[a-z]",
    re.I,
)
""" "We sold fewer than 20 beanies" counts all of them."""


def _is_of_several(read: Bound, said: str) -> bool:
    """Of several products it is not said whether each is meant or all together."""
    many = "products" in read.links and len(read.links["products"].products) > 1
    if many and _SO_MANY_OF_THEM.search(said):
        return False
    return many and re.search(r"\b(?:together|in\s+total|altogether|overall|combined)\b", said, re.I) is None


async def _as_found(task: Task, record: str, piece: Piece, scope: Scope) -> Measured | None:
    """One record that meets what is said of it: "Anna Schmidt has ordered more than 3 times"."""
    search = await bind(task, piece, scope, finders=False)
    among = next((s.name for s in task.slots if s.record == record and s.name in search.links), None)
    by_code = record == "discount" and "code" in search.args  # "if VIP15 has been used more than 100 times"
    said = set(search.args) - ({among} if among else set()) - ({"code"} if by_code else set())
    if not by_code and (among is None or len(search.links[among].products) != 1):
        return None
    if not said or search.asked or search.left or search.finds:
        return None
    if task.output is None or "count" not in task.output.model_fields or not takes_every_word(replace(search, task=task), scope):
        return None
    return Measured(read=search, field="count", measure="", bound="at_least", limit=Decimal(1))
