"""How far a mention of goods reaches: without the words around it, with what goes on with its name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.planning.binding.goods_linked import are_options, options_of
from agent.planning.binding.goods_words import ALL_PRICES, EVERYTHING, LEADING, LEFT_OUT_BY, NO_GOODS
from agent.planning.binding.scope import Bound, Scope
from agent.planning.language.fragments import OUR
from agent.planning.language.values import Dates, Named, Number, Range, Share, Spot, Starting, Until, Words
from agent.planning.linking.lexicon import COMMON, called, changes
from agent.planning.linking.phrases import SIZES
from agent.planning.linking.vocabulary import Word, key_of, stem, words_of

_VALUES = (Number, Range, Share, Dates, Until, Starting)


_WIDER = re.compile(
    r"\s*(?:,\s*)?(?:(?:\b(?:in|by|from|of|with|tagged|made\s+by)\s+)?(?:the\s+)?(?:\b(?:size|sizes|colou?r|collection|vendor|brand)\s+)?)", re.I
)


MEASURED = re.compile(
    rf"(?:(?:{OUR}|more|extra|another|new)\s+)*(?:pairs?|pieces?|units?|boxes|box|packs?|packets?|cases?|crates?|bars?|bottles?|jars?|tins?|rolls?"
    r"|sheets?|copies|batch(?:es)?|bunch(?:es)?|lots?|bags?|cartons?|pallets?|dozen|sets?|stock|quantity|inventory|units?\s+in\s+stock)\s+of\s+(?:the\s+|our\s+)?(?=\w)",
    re.I,
)
"""How goods are counted, which is no part of their name: "pairs of wool socks"."""


_WITHIN = re.compile(rf"(?P<what>[^\W\d]\w+)\s+(?:in|of|from|on|with|among)\s+(?=(?:{OUR}|all)\s)", re.I)
""" "Needs fixing in the Kitchen collection": what is done to goods, and is no part of their name."""


_PARTICLES = re.compile(r"\s+(?:down|up|off|back|(?<!\bsold )out|over|away)\s*$", re.I)


_PRICES = re.compile(r"\s+prices?\s*$", re.I)


_TRAILING = re.compile(r"\s+(?:in|from|of|by|with|at|on|for|and|or)\s*$", re.I)


_TOLD = re.compile(
    r"(?:\s+(?:that|which))?(?:\s+(?:we|i|they|were|was|are|is|have|has|had|been|be|just|newly|do|does|don[’']?t|doesn[’']?t|not)){0,4}"
    r"\s+(?:added|created|uploaded|launched|costing|costs?|priced|rated)(?:\s+(?:in|on|at|since|between|during|for))?\s*$",
    re.I,
)


_THAT_IS = re.compile(r"(?P<that>\s+(?:that|which)(?:[’']s|[’']re|\s+(?:is|are|was|were|has|have|we\s+have))?\s*)$", re.I)


_EVERYTHING_THAT_IS = re.compile(
    r"(?:everything|anything|all)(?P<that>\s+(?:that|which)(?:[’']s|\s+is)\s+(?:currently\s+)?(?:(?:out\s+of|in)\s+stock|sold\s+out))$", re.I
)


_PRICES_BUT = re.compile(ALL_PRICES.pattern + r"[^,.;]{0,40}?" + LEFT_OUT_BY.pattern + rf"(?:(?:{OUR})\s+)?$", re.I)


_ALL_BUT = re.compile(EVERYTHING.pattern + r"\s*" + LEFT_OUT_BY.pattern + rf"(?:(?:{OUR})\s+)?$", re.I)


def without_verb_and_particle(bound: Bound, scope: Scope, start: int, end: int) -> tuple[int, int]:
    """Without the verb before ("bring throws") and its particle after ("the throw down"), and with the "everything except" it is taken from."""
    text, known = bound.piece.text, scope.linker.vocabulary.knows
    if (measured := MEASURED.match(text, start, end)) and may_begin(bound, scope, measured.end()):
        start = measured.end()
    if (within := _WITHIN.match(text, start, end)) and not known(stem(within["what"])):
        start = within.end()
    if told := _TOLD.search(text, start, end):
        end = told.start()  # "products ‖ added", this month
    if that := _THAT_IS.search(text, start, end) or _EVERYTHING_THAT_IS.match(text, start, end):
        end = that.start("that")
    if trailing := _TRAILING.search(text, start, end):
        end = trailing.start()  # "everything in ‖ Sale": the name follows
    if (price := _PRICES.search(text, start, end)) and text[start : price.start()].strip() and not known("price"):
        end = price.start()  # "all soap ‖ prices by 3%"
    if particle := _PARTICLES.search(text, start, end):
        end = particle.start() if not known(stem(particle[0].strip())) else end
    first = next(iter(words_of(text, start, end)), None)
    if first is not None and start == bound.piece.start and first.end < end and changes(first.text) and not known(first.stem):
        start = first.end + len(text[first.end : end]) - len(text[first.end : end].lstrip())
    if but := _ALL_BUT.search(text, bound.piece.start, start) or _PRICES_BUT.search(text, bound.piece.start, start):
        start = but.start()
    return start, end


_BEGINNING = frozenset(
    {"everything", "all", "every", "each", "the", "our", "my", "a", "one", "ones", "draft", "archived", "hidden", "active", "sold"}
)


def may_begin(bound: Bound, scope: Scope, at: int) -> bool:
    """Whether goods may be named from here: a cheap look, before all that follows is gone through."""
    first = re.compile(r"\w+(?:[’']\w+)?").match(bound.piece.text, at, bound.piece.end)
    return first is not None and (scope.linker.vocabulary.knows(stem(first[0])) or first[0].lower() in _BEGINNING)


SAYS_NOTHING = re.compile(
    r"[\s,]*(?:\b(?:that|which|who|we|i|they|it|and|but|is|are|was|were|be|been|have|has|had|do|does|did|don[’']?t|doesn[’']?t|not|never|with|without|in|on|at"
    r"|of|for|from|a|an|any|no|the|added|created|uploaded|launched|rated|priced|costing|costs?|sold|just|yet|too|also|as|well|still|currently|newly)\b[\s,]*)*",
    re.I,
)
"""Words around what is told of goods, that name none."""


def without_values(bound: Bound, start: int, end: int) -> tuple[int, int]:
    """A marked mention without the values in it: "all mugs under 20 euros" names all mugs."""
    values = [v for v in bound.piece.values.items if isinstance(v, _VALUES) and v.start < end and start < v.end]
    taken = [t for t in bound.taken if t.start < end and start < t.end]
    for spot in (*values, *taken):
        if spot.start - start <= end - spot.end and not (
            bound.piece.text[start : spot.start].strip() and SAYS_NOTHING.fullmatch(bound.piece.text, spot.end, end)
        ):
            start = max(start, spot.end)
        else:
            end = min(end, spot.start)
    inner = bound.piece.text[start:end]
    return (start + len(inner) - len(inner.lstrip()), end - (len(inner) - len(inner.rstrip()))) if inner.strip() else (start, start)


def widened(bound: Bound, scope: Scope, start: int, end: int) -> tuple[int, int]:
    """With "in size M", "by Acme", "and larger", "except the blue one" that follow, as far as they are the shop's names."""
    piece, vocabulary = bound.piece, scope.linker.vocabulary
    end = _with_rest_of_title(bound, scope, start, end)
    while lead := _WIDER.match(piece.text, end, piece.end):
        words = words_of(piece.text, lead.end(), piece.end)
        length, names = vocabulary.phrase_at([word.stem for word in words], 0)
        has_lead = lead[0].strip(" ,") != ""
        if not length or not (has_lead or all(name.kind == "option" for name in names)) or bound.takes(Spot(start=words[0].start, end=words[0].end)):
            break
        if length == 1 and len(words[0].text) == 1 and not words[0].text.isupper():
            break
        if any(
            isinstance(v, Spot) and v.start < words[length - 1].end and words[0].start < v.end for v in piece.values.items if not hasattr(v, "kind")
        ):
            break
        end = words[length - 1].end
    end = _with_more_options(bound, scope, start, end)
    end = _past_sizes(bound, scope, start, end)
    if more := re.compile(r"\s+(?:and|or)\s+(?:larger|bigger|smaller|up|above|below)\b", re.I).match(piece.text, end, piece.end):
        end = more.end()
    excluded = LEFT_OUT_BY.match(piece.text, end, piece.end)
    free = excluded is not None and not bound.takes(Spot(start=excluded.end() - 1, end=excluded.end() + 1))
    if (excluded and free) and (rest := marked_at(bound, scope, excluded.end()) or runs_of_names(bound, scope, excluded.end(), pointing=True)):
        end = rest[0][1]
    if are_options(scope, piece.text, start, end) and (noun := _noun_before(bound, scope, start)) is not None:
        start = noun
    if stocked := _STOCKED.search(piece.text, piece.start, start + len("stock")):
        named = [word for word in words_of(piece.text, stocked.end(), end) if word.text.lower() not in NO_GOODS and vocabulary.knows(word.stem)]
        start = stocked.start() if stocked.end() > start and named else start
    elif bound.task.about == "product" and (stocked := _IN_OR_OUT.search(piece.text, piece.start, start)):
        start = stocked.start()
    elif bound.task.effect != "read" and (such := _SUCH.search(piece.text, piece.start, start)) is not None:
        start = start if bound.takes(Spot(start=such.start("so"), end=such.end("so"))) else such.start("so")
    before = re.compile(r"\b(?:all|every|each|both)\s+(?:of\s+)?(?:the\s+|our\s+|my\s+)?$", re.I).search(piece.text, piece.start, start)
    return (before.start() if before else start), end


def _past_sizes(bound: Bound, scope: Scope, start: int, end: int) -> int:
    """Where the sizes end that narrow a mention, marked or not: "the shirt ‖ in all sizes below L", "the shirt in sizes S ‖ to L"."""
    text, until = bound.piece.text, bound.piece.end
    found = (sized for sized in SIZES.finditer(text, start, until) if sized.end() > end and _UP_TO_SIZES.fullmatch(text[end : sized.start()]))
    return next((sized.end() for sized in found if not _is_price(bound, scope, sized)), end)


_UP_TO_SIZES = re.compile(r"\s*(?:\bin\s+)?", re.I)


def _is_price(bound: Bound, scope: Scope, sized: re.Match[str]) -> bool:
    """Whether "15 and up" or "to 40" is no size but an amount: the shop has none that is called so, or of one size a number is what it is to have."""
    ends = [said for name in ("lone", "lone2", "high") if (said := sized[name]) is not None]
    if ends and sized["high"]:
        one = ends[0].isdigit() and re.match(r"size\b", sized[0]) is not None
        return one or not _is_size(scope, sized["low"]) or not _is_size(scope, ends[0])
    ranges = [value for value in bound.piece.values.items if isinstance(value, Range)]
    if not ends or not ends[0].isdigit() or not any(sized.start() <= value.start < sized.end() for value in ranges):
        return False
    return not _is_size(scope, ends[0])


def _is_size(scope: Scope, said: str) -> bool:
    return any("size" in (name.option or "").lower() for word in words_of(said) for name in options_of(scope, word))


_STOCKED = re.compile(r"\b(?:out\s+of|in)\s+stock$", re.I)
"""Of "hide out of ‖ stock candles" the reader marked the end alone; without the rest they would be all candles."""
_IN_OR_OUT = re.compile(r"(?<!\bas )(?<!back )\b(?:out[\s-]+of[\s-]+stock|in[\s-]+stock|sold[\s-]+out)\s+$", re.I)
_SUCH = re.compile(r"(?:\w\s+)(?P<so>archived|hidden|unpublished|drafts?|published)\s+$", re.I)
"""The "archived" of "publish archived ‖ mugs", which no choice took: all mugs are not meant."""
_OR_ALSO = re.compile(r"\s*(?:,\s*(?:and\s+|or\s+)?|\b(?:and|or)\b|&|/)\s*(?:(?:in|size|the)\s+)*", re.I)


def _with_more_options(bound: Bound, scope: Scope, start: int, end: int) -> int:
    """Where the mention ends with more sizes or colours of what it names: "the linen shirt in XS ‖ and S", and no "and black ‖ tees"."""
    last = words_of(bound.piece.text, start, end)[-1:]
    own = {name.option for word in last for name in options_of(scope, word)}
    while own and (joint := _OR_ALSO.match(bound.piece.text, end, bound.piece.end)):
        words = words_of(bound.piece.text, joint.end(), bound.piece.end)[:2]
        first = words[0] if words and words[0].start == joint.end() else None
        if first is None or not own & {name.option for name in options_of(scope, first)} or (len(first.text) == 1 and not first.text.isupper()):
            break
        goes_on = len(words) > 1 and not bound.piece.text[first.end : words[1].start].strip()
        if goes_on and scope.linker.vocabulary.knows(words[1].stem) and words[1].text.lower() not in COMMON | NO_GOODS and not _joins_on(words[1]):
            break  # "in white and black ‖ tees"
        if any(value.overlaps(Spot(start=first.start, end=first.end)) for value in bound.piece.values.items if not hasattr(value, "kind")):
            break
        end = first.end
    return end


def _joins_on(word: Word) -> bool:
    return word.text.lower() in ("and", "or")


def marked_at(bound: Bound, scope: Scope, at: int) -> list[tuple[int, int]]:
    """The mention of goods that begins here, but for an article, or words of the shop's that the reader took for something else."""
    article = LEADING.match(bound.piece.text, at)
    begins, knows = (at, article.end() if article else at), scope.linker.vocabulary.knows
    goods = [m for m in bound.piece.slots if m.kind == "product" or all(knows(w.stem) for w in words_of(bound.piece.text, m.start, m.end))]
    return [(m.start, m.end) for m in goods if m.start in begins][:1]


_LED_BY = 2
"""Words before a mark that may belong to its title: the reader drops one or two, and more would be another thing."""


def with_head_of_title(bound: Bound, scope: Scope, start: int, end: int) -> int:
    """Where a title begins of which the reader marked the end alone: the "blown" of "the blown ‖ glass vase"."""
    text, titles = bound.piece.text, scope.linker.vocabulary.titles
    led = [word for word in words_of(text, bound.piece.start, start)[-_LED_BY:] if word.text.lower() not in COMMON]
    whole = (word.start for word in led if key_of(text[word.start : end]) in titles and not bound.takes(Spot(start=word.start, end=word.end)))
    return next(whole, start)


def _with_rest_of_title(bound: Bound, scope: Scope, start: int, end: int) -> int:
    """Where the mention ends with the next word, where both stand so in a title: "gift ‖ cards"."""
    own, rest = words_of(bound.piece.text, start, end), words_of(bound.piece.text, end, bound.piece.end)
    if (named := _rest_of_name(own, rest, scope)) and not bound.takes(Spot(start=end, end=named)):
        return named
    if not own or not rest or bound.piece.text[end : rest[0].start].strip() or rest[0].text.lower() in NO_GOODS | COMMON or changes(rest[0].text):
        return end
    spot, pair = Spot(start=rest[0].start, end=rest[0].end), (own[-1].stem, rest[0].stem)
    if bound.takes(spot) or any(v.overlaps(spot) for v in bound.piece.values.items if not hasattr(v, "kind")):
        return end
    titles = scope.linker.vocabulary.titles
    return spot.end if any(pair in zip(title, title[1:], strict=False) for title in titles) else end


def _rest_of_name(own: Sequence[Word], rest: Sequence[Word], scope: Scope) -> int:
    """Where a name of the shop ends that begins within a mention and goes on after it, "plastic ‖ free"; 0 for none."""
    stems = [word.stem for word in (*own, *rest[: scope.linker.vocabulary.longest])]
    for at in range(len(own)):
        length, _ = scope.linker.vocabulary.phrase_at(stems, at)
        if at + length > len(own):
            return rest[at + length - len(own) - 1].end
    return 0


def _noun_before(bound: Bound, scope: Scope, start: int) -> int | None:
    """Where the noun begins that a size or colour was said of: "dresses in size M" with "size M" marked."""
    led = re.compile(r"(?P<noun>\w+)\s+(?:in|with|of)\s+$").search(bound.piece.text, bound.piece.start, start)
    if led is None or not scope.linker.vocabulary.knows(stem(led["noun"])) or led["noun"].lower() in NO_GOODS:
        return None
    return led.start()


def runs_of_names(bound: Bound, scope: Scope, at: int | None = None, *, pointing: bool = False) -> list[tuple[int, int]]:
    """The longest run of words that are in the shop's names, not taken by another field."""
    piece, vocabulary = bound.piece, scope.linker.vocabulary
    begin = at if at is not None else piece.start
    if all_of_it := EVERYTHING.search(piece.text, begin, piece.end) or ALL_PRICES.search(piece.text, begin, piece.end):
        return [all_of_it.span()]
    # what "the last review of the bath salts" is about stands within its own mark, and so do the goods of "everyone who bought the mug"
    within = ("review",) if at is None else ("review", "customer")
    runs = _runs(bound, scope, begin, within=within, pointing=pointing)
    best = max(runs, key=lambda run: (any(w.stem in vocabulary.by_word for w in run), len(run)))
    if all(word.text.lower() in COMMON for word in best) and not pointing:
        return []  # the "our" of a doormat that says "welcome to our home"
    if not best or (not pointing and not any(w.stem in vocabulary.by_word or vocabulary.phrases.get((w.stem,)) for w in best)):
        return []
    article = _ARTICLES.search(piece.text, piece.start, best[0].start)
    return [(article.start() if article else best[0].start, best[-1].end)]


def names_joined(bound: Bound, scope: Scope, at: int) -> tuple[int, int] | None:
    """The first run of words that are in the shop's names from here on, with those that "and" joins to it: "candles ‖ and mugs"."""
    if all_of_it := EVERYTHING.match(bound.piece.text, at, bound.piece.end):
        return all_of_it.span()
    joined: tuple[int, int] | None = None
    for run in _runs(bound, scope, at, within=("review", "customer", "topic", "order"), pointing=False):
        if not run or not any(_names(word, scope) for word in run):
            continue
        if joined is not None and not _AND_MORE.fullmatch(bound.piece.text, joined[1], run[0].start):
            break
        article = _ARTICLES.search(bound.piece.text, at, run[0].start)
        joined = (joined[0] if joined else article.start() if article else run[0].start, run[-1].end)
    return joined


def _names(word: Word, scope: Scope) -> bool:
    named = word.stem in scope.linker.vocabulary.by_word or bool(scope.linker.vocabulary.phrases.get((word.stem,)))
    return named and word.text.lower() not in COMMON


_AND_MORE = re.compile(rf"\s*(?:,|\b(?:and|or)\b|&)\s*(?:(?:and|or)\s+)?(?:(?:{OUR}|an?|any|some)\s+)*", re.I)
_ARTICLES = re.compile(r"\b(?:the|all|every|each|a|our|my|those|these|this)\s+(?:the\s+|our\s+)?$", re.I)


def _runs(bound: Bound, scope: Scope, begin: int, *, within: Sequence[str], pointing: bool) -> list[list[Word]]:
    """Each run of words in the shop's names, from there on; at least one, if empty.

    Args:
        within: Marks of the reader's that goods may stand in.
        pointing: "The", "one" and the like are words of a name too.
    """
    piece, runs = bound.piece, [list[Word]()]
    words = list(words_of(piece.text, begin, piece.end))
    busy = [*bound.taken, *(v for v in piece.values.items if not isinstance(v, Named) and not (isinstance(v, Words) and v.kind in within))]
    for place, word in enumerate(words):
        spot = Spot(start=word.start, end=word.end)
        if word.start == piece.start and len(words) > 1 and changes(word.text) and not _is_named(scope, words[:3]):
            continue  # "round them to .90" is no round board
        if word.text.lower() == "can" and any(w.text.lower() in _WHO_CAN for w in (*words[place - 1 : place], *words[place + 1 : place + 2])):
            runs.append([])
            continue
        is_text = bound.task.effect == "draft" and word.stem in _TEXTS and not _is_named(scope, words[place : place + 3])
        said_of_goods = word.text.lower() not in NO_GOODS and word.stem not in called(bound.task)
        known = scope.linker.vocabulary.knows(word.stem) and said_of_goods and len(word.text) != 1 and not is_text
        leaning = pointing and word.text.lower() in _LEANING
        if (known or leaning) and not any(spot.overlaps(b) for b in busy):
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
    return runs


_LEANING = frozenset({"the", "one", "ones", "a", "archived", "draft", "hidden", "unpublished", "active"})
_TEXTS = frozenset({"letter", "note", "card", "message", "page", "post", "text", "notice", "line", "story", "poster"})
"""What is to be written, though there may be a letter set in the shop."""


_WHO_CAN = frozenset({"i", "we", "you", "they", "it", "he", "she", "that", "which", "who", "people", "customers", "anyone", "this"})


def _is_named(scope: Scope, words: Sequence[Word]) -> bool:
    """Whether a title or a name of the shop begins here, whatever the first word says as a verb."""
    stems = [word.stem for word in words]
    return any(tuple(stems[:n]) in scope.linker.vocabulary.titles for n in (2, 3)) or scope.linker.vocabulary.phrase_at(stems, 0)[0] > 1
