"""What a merchant said that no field took, and that may not be dropped: names, conditions, and which of many are meant."""

from __future__ import annotations

import re

from agent.planning.binding.cues import begins_cue
from agent.planning.binding.goods_words import EVERYTHING, NO_GOODS
from agent.planning.binding.names_given import country_names
from agent.planning.binding.scope import GOODS, PEOPLE, Bound, Piece, Scope
from agent.planning.binding.type_fit import language_names
from agent.planning.binding.whereabouts import place_slot
from agent.planning.language.circumstances import Circumstance, circumstances, idle
from agent.planning.language.fragments import OUR
from agent.planning.language.sparing import ALL_BUT, LEAVE, LEAVING_OUT
from agent.planning.language.values import Dates, Narrowing, Spot, Starting, Until, Words
from agent.planning.linking.lexicon import COMMON, does
from agent.planning.linking.vocabulary import Word, stem, words_of

_REASON = re.compile(
    r"\b(?:because|since|as\s+(?:we|they|it|the|i|he|she)|so\s+(?:that|we|they|it|i|he|she|you|nobody|no\s+one|every(?:one|body)|people|customers)"
    r"|in\s+order\s+to|for\s+the\s+reason)\b|[,;:(–—]\s|\s[-–—]\s",
    re.I,
)
"""From here on a clause explains, or says something besides."""
_NARROWS = re.compile(
    r"\b(?:from|by|of|with|without|under|over|above|below|in|at|for|that|which|whos?e?|whom|having|costing|made|called|named|where|not|never|except)\b",
    re.I,
)
"""Words that begin a restriction."""
_SPARED = re.compile(
    rf"\b(?:{LEAVING_OUT}|{LEAVE}|{ALL_BUT}|and\s+not|unless"
    r"|but\s+(?:please\s+)?(?:keep|leave|spare|skip|never|don[’']t|do\s+not)|(?:and|,)\s*(?:please\s+)?(?:leave(?!\s+(?:the\s+|all\s+)?(?:rest|others?|remaining)\b)|spare|skip|don[’']t\s+touch)"
    r"|not\s+(?:the\s+ones?|those|them|these|for\s+those|anyone|anything))\b"
    r"|,\s*(?:just\s+|only\s+)?not\s+(?=\w)",
    re.I,
)
"""What follows is not to be changed."""
_ELSEWHERE = re.compile(
    rf"\b(?:in|at|into|from)\s+(?:(?:{OUR})\s+)?(?:[a-z]+\s+)?(?:warehouse|depot|stockroom|store\s?room|branch|storage)\b[^,.;:!?\n]*", re.I
)
"""A place that goods are kept at."""
_ORDERS_ONLY = frozenset({"sort", "top", "show", "by", "order"})
"""Fields that say how a list is put, not what is on it."""
_POINTING = frozenset({"all", "any", "each", "every", "my", "our", "the"})
_LOOKING = frozenset({
    "bring", "check", "count", "display", "fetch", "find", "full", "get", "gets", "getting", "go", "goes", "list", "look", "looking",
    "overview", "print", "pull", "mistakes", "errors", "issues", "problems", "data", "pages", "mess", "wrong", "audit", "whats", "whos", "hows",
    "wheres", "thats", "theres", "lets", "moment", "minute", "quick", "report", "return", "run", "see", "show", "status", "summary", "tell", "view",
})  # fmt: skip
_MOVES = frozenset({"drop", "jump", "dip", "slump", "spike", "fall", "rise", "decline", "increase", "decrease", "difference"})
"""What befalls figures, by its stem: "explain the drop" names no goods."""
_NO_RESTRICTION = frozenset({
    "goes", "going", "that's", "that’s", "it's", "it’s", "who's", "who’s", "they're", "they’re", "we've", "we’ve", "everything's",
    "about", "across", "again", "all", "anybody", "anyone", "applies", "apply", "gives", "style", "takes", "tone", "voice", "works",
    "also", "amount", "and", "any", "anything", "are", "around", "as", "asap", "away", "be", "been", "being",
    "board", "both", "but", "buyer", "buyers", "can", "catalog", "catalogue", "cent", "could", "current", "currently", "customer", "customers",
    "deal", "did", "difference", "do", "does", "dollar", "dollars", "done", "each", "entire", "euro", "euros", "every",
    "everybody", "everyone", "everything", "exactly",
    "get", "go", "goods", "has", "have", "here", "how", "i", "if", "immediately", "inventory", "is", "it", "item", "items", "its", "just",
    "kindly", "know", "least", "less", "let", "like", "listing", "listings", "may", "me", "might", "more", "most", "must", "my", "need", "new", "now",
    "offer", "promo", "promotion",
    "number", "old", "online", "only", "or", "order", "orders", "our", "people", "per", "percent", "placed", "please", "pound", "pounds",
    "price", "prices", "proper", "suitable", "appropriate",
    "product", "products", "range", "really", "respectively", "right", "roughly", "same", "shall", "shop", "should", "single", "site", "so",
    "still", "stock", "store", "straight", "stuff", "sure", "than", "that", "their", "them", "then", "there", "these", "they", "thing", "things",
    "this", "those", "throughout", "today", "too", "total", "us", "value", "want", "was", "we", "website", "were", "what", "when", "where",
    "which", "who", "whole", "will", "would", "you", "your",
})  # fmt: skip


def restrictions_left(bound: Bound, scope: Scope) -> list[Spot]:
    """ "All products from Arkady" when nothing is known of Arkady: a change to many must not become a change to all.

    Looked for only where several records are about to be changed, after a word that narrows, up to where the clause
    gives its reasons.
    """
    piece = bound.piece
    if (spared := _spared(bound) or _taken_off(bound)) is not None:
        return [spared]
    elsewhere = _ELSEWHERE.search(piece.text, piece.start, piece.end)
    if elsewhere and place_slot(bound.task) is None and not any("location" in name for name in bound.args):
        return [Narrowing(start=elsewhere.start(), end=elsewhere.end())]
    if (first := _first_order(bound)) is not None:
        return [first]
    if (circumstance := _circumstance(bound, scope)) is not None:
        return [circumstance]
    if (also := _other_language(bound)) is not None:
        return [also]
    if (abroad := _abroad(bound)) is not None:
        return [abroad]
    if not _means_many(bound):
        return []
    return _narrowing(bound, piece.start, told_until(piece), known_to(bound, scope), scope)


def known_to(bound: Bound, scope: Scope) -> frozenset[str]:
    """Words by which the task is spoken of, and the searches that are made for it."""
    return scope.own_words[bound.task.name].union(*(scope.own_words[finder.task.name] for _, finder in bound.finds if finder.args))


def told_until(piece: Piece) -> int:
    """Where a clause begins to give its reasons, or to say something besides."""
    reason = _REASON.search(piece.text, piece.start, piece.end)
    return reason.start() if reason and reason.start() > piece.start + 3 else piece.end


def _circumstance(bound: Bound, scope: Scope) -> Circumstance | None:
    """When, how often, on what condition, where or for whom alone a change is to be made, where no field took it."""
    if bound.task.effect not in ("write", "action") or bound.task.whole is not None or bound.task.about == "automation":
        return None
    said = circumstances(bound.piece.text, bound.piece.start, bound.piece.end)
    found = (*said, *_sold_at(bound), *_priced_for(bound, scope), *_from_now_on(bound))
    return next((one for one in found if not _has_field(bound, one)), None)


def _has_field(bound: Bound, one: Circumstance) -> bool:
    """Whether a field has it: a place or people by a part of the words, anything else by most of them ("after the ‖sale‖ is over" is no tag)."""
    values = bound.piece.values.items
    if any(one.overlaps(value) for value in values if isinstance(value, Words) and value.kind == "quoted"):
        return True
    taken: list[Spot] = [*bound.taken, *(Spot(start=link.start, end=link.end) for link in bound.links.values())]
    if one.kind in ("channel", "audience"):
        everybody = any(not finder.args for _, finder in bound.finds)  # a search for people that has understood nothing of who is meant
        marks = [(mark.start, mark.end) for mark in bound.piece.marked(*PEOPLE)] if everybody else []
        return any(one.overlaps(spot) and (spot.start, spot.end) not in marks for spot in taken)
    taken += [value for value in values if isinstance(value, Until | Starting | Dates)]
    if one.kind == "condition":  # "when they spend ‖ 40": the words lead to the value that a field has
        led = max((begins_cue(slot, bound.piece.text, one.start) for slot in bound.task.slots if slot.name in bound.args), default=0)
        taken += [Spot(start=one.start, end=led)] if led else []
    covered = {at for spot in taken for at in range(max(spot.start, one.start), min(spot.end, one.end))}
    return 2 * len(covered) >= one.end - one.start


_FROM_NOW_ON = re.compile(r"\b(?:from\s+(?:now|today|this\s+(?:day|point))\s+on(?:wards?)?|going\s+forward|henceforth)\b", re.I)


def _from_now_on(bound: Bound) -> list[Circumstance]:
    """ "Tag orders above 200 euros from now on" means those to come as well, where those there are were looked for."""
    said = _FROM_NOW_ON.finditer(bound.piece.text, bound.piece.start, bound.piece.end) if any(f.args for _, f in bound.finds) else ()
    return [Circumstance(start=one.start(), end=one.end(), kind="again") for one in said]


_FOR_SOME = re.compile(
    r"\bfor\s+(?:(?:our|my)\s+)?(?!(?:the|all|any|each|every|these|those|both)\b)(?:(?!\d)[\w'’-]+\s+){0,3}?(?!\d)[\w'’-]+(?=\W*$)", re.I
)


def _priced_for(bound: Bound, scope: Scope) -> list[Circumstance]:
    """ "… at 39 for our newsletter readers": several of something that is not sold here, at the end of a change of what is paid."""
    paid = any(bound.task.slot(name).types and {"money", "percent"} & set(bound.task.slot(name).types) for name in bound.args)
    said = _FOR_SOME.search(bound.piece.said) if paid else None
    if said is None:
        return []
    spot = Circumstance(start=bound.piece.start + said.start(), end=bound.piece.start + said.end(), kind="audience")
    head = words_of(bound.piece.text, spot.start, spot.end)[-1]
    sold = scope.linker.vocabulary.names_goods(head.stem) or head.stem in scope.own_words[bound.task.name]
    return [spot] if head.plural and not sold and head.text.lower() not in _NO_RESTRICTION else []


def take_idle(bound: Bound) -> None:
    """What only tells when one record was spoken of, or by when it is to be done, wants no field; of many it may say which."""
    if bound.task.effect in ("write", "action") and bound.task.whole is None and not _means_many(bound):
        bound.taken += [spot for spot in idle(bound.piece.text, bound.piece.start, bound.piece.end) if not bound.takes(spot)]


_NAMED_BESIDE = re.compile(r"(?<=[\w,;–—-]\s)[A-ZÀ-Þ][a-zà-þ’'-]+\s+[A-ZÀ-Þ][a-zà-þ’'-]+")


def ask_whose_last(bound: Bound, scope: Scope) -> None:
    """ "I had Lena Fischer on the phone, cancel ‖ the last order": of whom, where somebody is named beside it and nothing says that it is theirs."""
    slot = bound.task.selecting("customer")
    named = (slot is not None and slot.name in bound.args) or bound.links or bound.asked or bound.finds
    if named or "which" not in bound.args or bound.task.effect not in ("write", "action") or bound.task.about != "order":
        return
    piece, goods = bound.piece, scope.linker.vocabulary.names_goods
    for said in _NAMED_BESIDE.finditer(piece.text):
        beside = said.end() <= piece.start or said.start() >= piece.end
        if beside and not any(goods(word.stem) for word in words_of(said[0])):
            bound.ask(
                slot.name if slot is not None else next(s.name for s in bound.task.slots if s.record == "order"),
                f"Which customers are meant by “{said[0]}”?",
            )
            return


_SOLD_AT = re.compile(r"\b(?:on|via|through|at)\s+(?-i:[A-Z][a-z]+)(?:(?:\s*,\s*|\s+and\s+|\s+or\s+)(?-i:[A-Z][a-z]+))*(?=\W*$)", re.I)


def _sold_at(bound: Bound) -> list[Circumstance]:
    """ "… on Amazon": a name at the end that nothing of the shop bears, after a word that says where."""
    said = _SOLD_AT.search(bound.piece.said)
    if said is None:
        return []
    start = bound.piece.start + said.start()
    spot = Circumstance(start=start, end=bound.piece.start + said.end(), kind="channel")
    names = words_of(bound.piece.text, spot.start, spot.end)[1:]
    valued = any(spot.overlaps(value) for value in bound.piece.values.items)
    return [] if valued or place_slot(bound.task) is not None or not all(word.text.isalpha() for word in names) else [spot]


_FROM_ABROAD = re.compile(r"\b(?:from|in)\s+(?:the\s+)?(?P<name>(?-i:[A-ZÀ-Þ])[^\W\d_]+(?:\s+(?-i:[A-ZÀ-Þ])[^\W\d_]+)?)")


def _abroad(bound: Bound) -> Spot | None:
    """ "Reviews from Germany", for a task that has no place for a country."""
    if bound.task.effect == "draft" or place_slot(bound.task) is not None or any(slot.name in ("country", "address") for slot in bound.task.slots):
        return None
    for said in _FROM_ABROAD.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        spot = (Spot if bound.task.effect == "read" else Narrowing)(start=said.start(), end=said.end())
        if (
            said["name"].casefold() in country_names()
            and not bound.takes(spot)
            and not any(spot.overlaps(v) for v in bound.piece.values.items if not isinstance(v, Words))
        ):
            return spot
    return None


_FIRST_ORDER = re.compile(
    r"\b(?:off|for|on|with|to)\s+(?:(?:the|their|a|your|his|her|each|every)\s+)*(?:customer[’']?s?[’']?\s+)?(?:very\s+)?first\s+(?:orders?|purchases?)\b",
    re.I,
)


def _first_order(bound: Bound) -> Narrowing | None:
    """ "10% off the first order" is not 10% off every order."""
    if bound.task.effect != "write" or all(slot.name != "once_per_customer" for slot in bound.task.slots):
        return None
    said = _FIRST_ORDER.search(bound.piece.text, bound.piece.start, bound.piece.end)
    if said is None or "customers" in bound.args or bound.takes(Spot(start=said.start(), end=said.end())):
        return None
    return Narrowing(start=said.start(), end=said.end())


def _other_language(bound: Bound) -> Spot | None:
    """The "and French" of "in German and French", for a text that is written in one."""
    language = bound.args.get("language")
    said = (
        re.search(rf"\b{re.escape(language)}\s*(?:,|&|\+|\band\b)\s*(?P<other>[A-Z][a-z]+)\b", bound.piece.said)
        if isinstance(language, str)
        else None
    )
    if said is None or said["other"].casefold() not in language_names():
        return None
    return Spot(start=bound.piece.start + said.start("other"), end=bound.piece.start + said.end("other"))


_PARTED = re.compile(r"\s*(?:[,;(]|\s[-–—](?=\s))\s*")
_TELLS_WHY = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|do|does|did|will|would|can|could|should|i|we|you|they|he|she|it|there|because|since|so|if|as|please|thanks?|cheers|let|make)\b"
    r"|[’'](?:s|re|ve|ll|m|d|t)\b",
    re.I,
)
_ONLY = re.compile(r"\b(?:only|just|exclusively|except)\b", re.I)
_MOST_OF_FRAGMENT = 5
_IDLE = frozenset(
    {
        "asap",
        "update",
        "urgent",
        "urgently",
        "quick",
        "quickly",
        "possible",
        "discussed",
        "agreed",
        "promised",
        "usual",
        "always",
        "ok",
        "okay",
        "sorry",
        "hi",
        "hello",
        "hey",
    }
)


_THE_REST = re.compile(
    r"\W*(?:(?:and|but|please|just)\s+)*(?:keep|leave)\s+(?:all\s+)?(?:the\s+)?(?:rest|others?|remaining\s+ones|everything\s+else)\b[^,;]*", re.I
)
"""Nothing is done to the rest anyway."""


def fragments_left(bound: Bound, scope: Scope) -> list[Spot]:
    """A few words between commas of which no field took any: "10 euros off for Lena, staff only" is not 10 euros off for whoever."""
    piece, left = bound.piece, list[Spot]()
    own = scope.own_words[bound.task.name]
    stops = list(_PARTED.finditer(piece.text, piece.start, piece.end))
    for start, end in zip((stop.end() for stop in stops), (*(stop.start() for stop in stops[1:]), piece.end), strict=False):
        words, spot = words_of(piece.text, start, end), Narrowing(start=start, end=end)
        if not words or len(words) > _MOST_OF_FRAGMENT or _TELLS_WHY.search(piece.text, start, end) or _THE_REST.fullmatch(piece.text, start, end):
            continue
        named = [(s.start, s.end) for s in piece.slots] + [(link.start, link.end) for link in bound.links.values()]
        used: list[Spot] = [*bound.taken, *piece.values.items, *(Spot(start=a, end=b) for a, b in named)]
        if any(spot.overlaps(place) for place in used):
            continue
        told = any(not is_known(word, bound, own, scope) and word.text.lower() not in _IDLE for word in words)
        if told or _ONLY.search(piece.text, start, end):
            left.append(Narrowing(start=words[0].start, end=words[-1].end))
    return left


_MINUS = re.compile(r"\b(?:minus|less(?!\s+than\b)|bar|save)\s+(?:an?\s+)?(?=[€$£]?\d)", re.I)


def _taken_off(bound: Bound) -> Narrowing | None:
    """ "Refund the order minus 5 euros" is all of it but for those: the 5 euros are not what is given back."""
    if bound.task.effect != "action":
        return None
    said = _MINUS.search(bound.piece.text, bound.piece.start, bound.piece.end)
    texts = [v for v in bound.piece.values.items if isinstance(v, Words) and v.kind == "quoted"]
    if said is None or any(text.start <= said.start() < text.end for text in texts):
        return None
    return Narrowing(start=said.start(), end=bound.piece.end)


_THOSE = re.compile(r"\s*(?:(?:to|for|with|from|about)\s+)?(?:the|those|any|ones)\b", re.I)


def _where_spared(said: re.Match[str], bound: Bound) -> Spot | None:
    """The words that spare something; None for a "but" with another change after it: "archive all candles but raise the mugs"."""
    if not said[0].lower().endswith(" but") and said[0].lower() != "but":
        return Spot(start=said.start(), end=said.end())
    after = next(iter(words_of(bound.piece.text, said.end(), bound.piece.end)), None)
    return (
        None
        if after is None or does(after.text) or after.text.lower() in ("email", "tell", "show", "write", "send")
        else Spot(start=said.end() - len("but"), end=said.end())
    )


def _spared(bound: Bound) -> Narrowing | None:
    """What is to stay as it is, where the records that are meant do not leave it out: codes and customers have nothing to leave out with."""
    piece = bound.piece
    goods = [Spot(start=link.start, end=link.end) for link in bound.links.values()]
    texts = [spot for spot in bound.taken if not any(spot.overlaps(link) for link in goods)]
    texts += [value for value in piece.values.items if isinstance(value, Words) and value.kind == "quoted"]
    found = (_where_spared(m, bound) for m in _SPARED.finditer(piece.text, piece.start, piece.end))
    spared = next((spot for spot in found if spot is not None and not any(spot.overlaps(text) for text in texts)), None)
    answers = bound.task.does == "answer"
    changes = bound.links or bound.finds or bound.task.effect in ("write", "action") or (answers and spared and _THOSE.match(piece.text, spared.end))
    if spared is None or not changes or any(" except " in link.label or name == "not_bought" for name, link in bound.links.items()):
        return None
    return Narrowing(start=spared.start, end=piece.end)


def _narrowing(bound: Bound, start: int, end: int, known: frozenset[str] | set[str], scope: Scope) -> list[Spot]:
    """From a word that narrows to the last word after it that nothing knows."""
    text, begun, last = bound.piece.text, -1, -1
    for word in words_of(text, start, end):
        if _NARROWS.fullmatch(word.text):
            begun = word.start
        elif begun >= 0 and not is_known(word, bound, known, scope):
            last = word.end
    return [Narrowing(start=_first(text, begun, last, bound), end=last)] if last > 0 else []


def _first(text: str, begun: int, last: int, bound: Bound) -> int:
    """Where the words begin that are to be asked about: at the last narrowing word before them, if there is one."""
    starts = [m.start() for m in _NARROWS.finditer(text, bound.piece.start, last) if m.end() < last]
    return starts[-1] if starts else max(begun, bound.piece.start)


def is_known(word: Word, bound: Bound, known: frozenset[str] | set[str], scope: Scope) -> bool:
    low, spot = word.text.lower(), Spot(start=word.start, end=word.end)
    if low in _NO_RESTRICTION or low in COMMON or word.stem in known or not word.text[0].isalpha():
        return True
    if scope.linker.vocabulary.knows(word.stem) or any(isinstance(value, str) and low in value.casefold().split() for value in bound.args.values()):
        return True  # a choice has taken it, as "DHL", though it is too short a word to be kept from others
    # a search for people with no condition has their mention, and has understood nothing of it
    idle = any(not finder.args for _, finder in bound.finds)
    marks = [Spot(start=m.start, end=m.end) for kind in PEOPLE for m in bound.piece.marked(kind)]
    if (
        idle
        and any(spot.overlaps(m) for m in marks)
        and not any(spot.overlaps(t) and not any(m.within(t.start, t.end) for m in marks) for t in bound.taken)
    ):
        return False
    mentioned = any(spot.overlaps(Spot(start=link.start, end=link.end)) for link in bound.links.values())
    return mentioned or bound.takes(spot) or any(spot.overlaps(value) for value in bound.piece.values.items)


def _means_many(bound: Bound) -> bool:
    """Whether a group is meant, by a selection of several or by a search that is to be made first; of a list or a report, only all there is."""
    piece = bound.piece
    if bound.task.effect == "read":
        return not bound.links and not bound.asked and EVERYTHING.search(piece.text, piece.start, piece.end) is not None
    several = any(link.where.everything or len(link.products) > 1 for link in bound.links.values())
    return several or any(not finder.args for _, finder in bound.finds)


def ask_for_unknown_goods(bound: Bound, scope: Scope) -> None:
    """ "List the replacement parts" where nothing is called so: a list of everything would be no answer to it."""
    slot = next((s for s in bound.task.slots if s.record in GOODS), None)
    if slot is None or bound.asked or bound.left or bound.refers or bound.links or not _ORDERS_ONLY.issuperset(bound.args):
        return
    known, before = scope.own_words[bound.task.name], ""
    unknown: list[Word] = []
    known = known | _MOVES if any(s.types == ("period",) and s.name == "compare" for s in bound.task.slots) else known
    for word in words_of(bound.piece.text, bound.piece.start, bound.piece.end):
        if not (word.text.lower() in _LOOKING or is_known(word, bound, known, scope)) and (unknown or word.plural or before in _POINTING):
            unknown.append(word)
        before = before if bound.takes(Spot(start=word.start, end=word.end)) else word.text.lower()
    if any(word.plural for word in unknown) or (unknown and before == unknown[-1].text.lower()):
        said = bound.piece.text[unknown[0].start : unknown[-1].end]
        bound.ask(slot.name, f"No product of this shop matches “{said}”. Which product do you mean?", [("all products", "All products")])


def people_passed_over(bound: Bound, scope: Scope) -> list[Spot]:
    """What was said of the people meant and no search for them has, once what they do not need is free again: "gold customers in Berlin"."""
    said, bound.people = bound.people, []
    bound.taken = [spot for spot in bound.taken if not any(spot is own for own in said)]
    finder = next((finder for _, finder in bound.finds if finder.task.finds("customer")), None)
    known = scope.own_words[bound.task.name] | (scope.own_words[finder.task.name] if finder is not None else frozenset())
    left: list[Spot] = []
    for who in said:
        words = [word for word in words_of(bound.piece.text, who.start, who.end) if not _tells_of_people(word, bound, known)]
        if finder is None and not bound.takes(who):
            left += _of_nobody_found(bound, who)
        elif finder is not None and words and not any(asked.field in bound.args for asked in bound.asked):
            left.append(Narrowing(start=words[0].start, end=words[-1].end))
    return left


def _tells_of_people(word: Word, bound: Bound, known: frozenset[str]) -> bool:
    """Whether the search has the word, or it says nothing: that the shop's goods are called so is no reason to pass over it."""
    low, spot = word.text.lower(), Spot(start=word.start, end=word.end)
    if low in _NO_RESTRICTION or low in COMMON or word.stem in known or not word.text[0].isalpha():
        return True
    marks = [(mark.start, mark.end) for mark in bound.piece.marked("customer")]  # taken as a whole, whatever was understood of it
    taken = [one for one in bound.taken if (one.start, one.end) not in marks]
    values = [v for v in bound.piece.values.items if not isinstance(v, Words)]
    return any(spot.overlaps(one) for one in (*taken, *values))


def _of_nobody_found(bound: Bound, who: Spot) -> list[Spot]:
    """People for whom no search was made: left out beside others, or asked about where nothing else says who is meant."""
    slot = next(s for s in bound.task.slots if s.record == "customer" and "selection" in s.types)
    beside = {name for group in bound.task.args.one_of if slot.name in group for name in group}
    if slot.name in bound.args:
        return [Narrowing(start=who.start, end=who.end)]
    if not any(name in bound.args for name in beside):
        bound.ask(slot.name, f"Which customers are meant by “{bound.piece.of(who)}”?")
    return []


def people_left(bound: Bound) -> list[Spot]:
    """Who was named in a change that has no place for them: "hide the review by Jonas Sommer" must not hide all of them."""
    spots = [Spot(start=s.start, end=s.end) for s in bound.piece.marked("customer") if _PERSON.search(bound.piece.of(s))]
    return [spot for spot in spots if not bound.takes(spot)] if any("person" in s.description for s in bound.task.slots) else []


_PERSON = re.compile(r"(?-i:[A-ZÀ-Þ])[\w’'-]+")


def names_left(bound: Bound, scope: Scope) -> list[Spot]:
    """Names of the shop's own that stand in a change and have no part in it: "... and remove the tag dress"."""
    named, slots = scope.linker.vocabulary.phrases, [Spot(start=s.start, end=s.end) for s in bound.piece.slots]
    own = scope.own_words[bound.task.name]
    left: list[Spot] = []
    for word in words_of(bound.piece.text, bound.piece.start, bound.piece.end):
        spot = Spot(start=word.start, end=word.end)
        is_name = (word.stem,) in named and len(word.stem) > 2 and word.stem not in own and word.text.lower() not in NO_GOODS
        if is_name and not bound.takes(spot) and not any(spot.overlaps(s) for s in slots) and not _of_what_is_named(word, bound, scope):
            left.append(spot)
    return left


def _of_what_is_named(word: Word, bound: Bound, scope: Scope) -> bool:
    """The "board" of "oak ‖ board" where all that "oak" named are boards."""
    having = scope.linker.vocabulary.by_word.get(word.stem, ())
    beside = [k for k in bound.links.values() if not bound.piece.text[k.end : word.start].strip() or not bound.piece.text[word.end : k.start].strip()]
    return any(link.products and set(link.products) <= set(having) for link in beside)


_LACKING = re.compile(
    r"\b(?:without|with\s+no|(?:ha(?:ve|s)|got)\s+no|lack(?:s|ing)?|missing|(?:do(?:es)?\s+not|do(?:es)?n[’']?t)\s+have)\s+(?:(?:an?|any|the|their)\s+)?[^\W\d]\w*",
    re.I,
)


_WHICH_PEOPLE = re.compile(
    rf"(?:(?:{OUR}|all|any|every|these|those|of)\s+)*(?!(?:{OUR}|all|any|every|these|those|of|both|which|what|who|how|many|me|recent|latest|first|last|other|single|current|existing|different|total)\b)"
    r"(?P<which>[^\W\d]{3,})\s+"
    r"(?:customers?|buyers?|shoppers?|clients?|orders?)\b",
    re.I,
)


def conditions_left(bound: Bound, scope: Scope) -> list[Spot]:
    """What records are to lack, and which customers ("happy customers"), that no field takes: without it a list would be of all."""
    piece, own = bound.piece, scope.own_words[bound.task.name]
    found = [Spot(start=m.start(), end=m.end()) for m in _LACKING.finditer(piece.text, piece.start, piece.end)]
    for kind in PEOPLE:
        for mention in piece.marked(kind):
            if (which := _WHICH_PEOPLE.match(piece.text, mention.start, mention.end)) and (
                len(which["which"]) > 4 or stem(which["which"]) not in own
            ):
                found.append(Spot(start=which.start("which"), end=which.end("which")))
            elif not found and bound.task.name == f"find_{kind}s":  # "customers with last name Ferreira"
                found += _narrowing(bound, mention.start, mention.end, own, scope)
    return [spot for spot in found if not bound.takes(spot)] + _since_left(bound) + _state_left(bound)


_SINCE_WHAT = re.compile(
    r"\bsince\s+(?:(?:i|we|they|you|he|she)\s+(?!(?:need|want|have\s+to|must|should|would|am|are|can|do|don[’']?t|think|like|plan)\b)|(?:the|our|my|this|that)\s+)[^,.;?!]{3,}",
    re.I,
)


def _since_left(bound: Bound) -> list[Spot]:
    """ "Since we lowered the prices", of figures: no day is said, and they would be of some other time.

    A reason ("since I need to pack them") is none.
    """
    slot = next((one for one in bound.task.slots if one.name == "period"), None)
    said = _SINCE_WHAT.search(bound.piece.text, bound.piece.start, bound.piece.end) if slot is not None and slot.name not in bound.args else None
    return [Spot(start=said.start(), end=said.end())] if said is not None else []


_THAT_ARE = re.compile(r"\borders?\s+(?:that|which)\s+(?:are|were|have\s+been)\s+(?P<state>[^,.;?!]+)", re.I)


_WAITING = re.compile(
    r"\borders?\s+(?P<state>(?:stuck|held|stalled|sitting|lying|waiting|blocked|overdue|delayed|hanging|idle)\b[^,.;?!]*?)(?=\s+(?:and|then)\b|[,.;?!]|$)",
    re.I,
)


def _waiting_left(bound: Bound) -> list[Spot]:
    """ "Orders ‖ stuck over a week", of a search that has taken nothing of it."""
    said = _WAITING.search(bound.piece.text, bound.piece.start, bound.piece.end)
    if said is None or not bound.task.finds("order"):
        return []
    spot = Narrowing(start=said.start("state"), end=said.end("state"))
    return [] if bound.takes(spot) else [spot]


def _state_left(bound: Bound) -> list[Spot]:
    """The state that orders are to be in, where none of its words says anything to the task: a list of all orders is no answer then."""
    said = _THAT_ARE.search(bound.piece.text, bound.piece.start, bound.piece.end)
    if said is None or bound.task.does != "find":
        return _waiting_left(bound)
    state = Narrowing(start=said.start("state"), end=said.start("state") + len(said["state"].rstrip()))
    phrases = [phrase for slot in bound.task.slots for of in slot.phrases.values() for phrase in of]
    known = any(re.search(rf"\b{re.escape(phrase)}\b", said["state"], re.I) for phrase in phrases)
    return [] if known or any(spot.overlaps(state) for spot in bound.taken) else [state]
