"""One mention of goods as records: with what it leaves out, and apart where "and" joins several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from agent.planning.binding.goods_words import ALL_PRICES, LEADING, LEFT_OUT_BY, WHAT_LEADS, says_what_becomes
from agent.planning.binding.scope import Bound, Piece, Scope
from agent.planning.language.fragments import OUR
from agent.planning.language.values import Spot
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.link import Link, Linked, Nothing
from agent.planning.linking.phrases import OPTION_CUES, other_size
from agent.planning.linking.vocabulary import Word, key_of, words_of
from agent.sdk import Where
from agent.sdk.store import Mention

_ONE = re.compile(r"\bones?\b", re.I)


_OF_WHICH = re.compile(r"\s+(?:in|of|for|on|from|by)\s+(?=\w)", re.I)


async def linked_mention(scope: Scope, piece: Piece, start: int, end: int, *, category: bool) -> Link:
    """One mention with what it leaves out, leaning on the one before where it says "one"."""
    if excluded := LEFT_OUT_BY.search(piece.text, start, end):
        within = [v.start for v in piece.values.items if says_what_becomes(v) and start < v.start < excluded.start()]
        stop = _BY.search(piece.text, start, min([excluded.start(), *within]))
        upto = stop.start() if stop else excluded.start()
        link = _everything(scope, piece, start, upto) or await linked_mention(scope, piece, start, upto, category=True)
        if not isinstance(link, Linked):
            return link
        but = await _joined(scope, piece.text, excluded.end(), end, head=(), category=False)
        if not isinstance(but, Linked):
            but = await _joined(scope, piece.text, excluded.end(), end, head=noun_of(link.head, scope), category=False)
        if isinstance(but, Linked) and set(but.products).isdisjoint(link.products):
            if "but not" not in excluded[0].lower():
                return link  # none of what is left out is among them
            if not category:
                return await scope.linker.without(link, but)  # a change does not reach it, and says so
            # "bought the throw but not the shirt": the second is no part of the first, so it is a condition of its own
            return Nothing(start=start, end=end, said=piece.text[start:end], near=())
        return await scope.linker.without(link, but) if isinstance(but, Linked) else but
    if (prices := ALL_PRICES.match(piece.text, start, end)) and (of := _OF_WHICH.match(piece.text, prices.end(), end)):
        start = of.end()  # "all prices ‖ in the Kitchen collection"
    if (fresh := _PRAISED.match(piece.text, start, end)) is not None:
        found = await _joined(scope, piece.text, start, end, head=head_of(scope, piece.text[start:end]), category=category)
        if not isinstance(found, Nothing):
            return found
        start = fresh.end()
    if (everything := _everything(scope, piece, start, end)) is not None:
        return everything
    found = await _joined(scope, piece.text, start, end, head=head_of(scope, piece.text[start:end]), category=category)
    return found if not isinstance(found, Nothing) else await _of_its_other_words(scope, piece.text, start, end, category=category) or found


async def _of_its_other_words(scope: Scope, text: str, start: int, end: int, *, category: bool) -> Linked | None:
    """ "The cedar one" after the Soy Candle Fig, whose noun is not its last word: the one product that has "cedar" and another of its words."""
    if _ONE.search(text, start, end) is None:
        return None
    head = next((head for earlier in reversed(scope.earlier) for head in reversed(list(earlier.bound.heads.values())) if head), ())
    for word in reversed(head[:-1]):
        found = await _joined(scope, text, start, end, head=(word,), category=category)
        if isinstance(found, Linked):
            return found
    return None


_BY = re.compile(rf"\s+{WHAT_LEADS}(?:(?:another|an?\s+(?:extra|further|additional))\s+)?$", re.I)


_PRAISED = re.compile(
    rf"(?:(?:{OUR}|this|that)\s+)?(?:(?:brand[\s-])?new|newest|latest|old|existing|current|popular|lovely|beautiful|nice|famous)\s+(?=\w)", re.I
)
"""Words that tell of goods what their titles do not: "how's the new linen shirt doing"."""


def _everything(scope: Scope, piece: Piece, start: int, end: int) -> Linked | None:
    """All there is, where "all prices by 3 percent" is what something is left out of."""
    prices = ALL_PRICES.match(piece.text, start, end)
    if prices is None or _OF_WHICH.match(piece.text, prices.end(), end):
        return None
    return Linked(start=start, end=end, products=tuple(scope.linker.vocabulary.products), where=Where(everything=True), label="everything")


_JOINT = re.compile(r"\s*(?:,\s*(?:and\s+|or\s+)?|\band\b|\bor\b|&|\bplus\b|\bas\s+well\s+as\b)\s*", re.I)


async def _joined(scope: Scope, text: str, start: int, end: int, *, head: Sequence[Word], category: bool) -> Link:
    """A mention, or several with "and" between them; "blue and red mugs" share their noun."""
    leaning = head
    if (titled := await _titles(scope, text, start, end)) is not None:
        return titled
    whole = await scope.linker.goods(text, start, end, head=leaning, category=category)
    joints = list(_JOINT.finditer(text, start, end))
    apart = any(_NAMED_ANEW.match(text, joint.end(), end) for joint in joints) or _say_a_word_twice(text, start, end)
    apart = apart or _are_kinds(scope, text, start, end)
    if not joints or not (isinstance(whole, Nothing) or apart):
        return whole  # "the lantern and all candles" are two things, though the lantern is one for candles
    edges = [start, *(at for joint in joints for at in joint.span()), end]
    parts = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if text[a:b].strip()]
    if not parts:
        return whole  # nothing but joints: "or and"
    links: list[Linked] = []
    noun = _shared_noun(scope, text, *parts[-1])
    every = _EVERY.match(text, start, end) is not None  # "every soap and candle"
    if len(parts) > 1 and all(are_options(scope, text, a, b) for a, b in parts[1:]):
        return await _in_each(scope, text, parts, category=category) or whole  # "the beanie, size small": a size alone is no goods of its own
    for a, b in parts:
        only_options = are_options(scope, text, a, b)
        if only_options and (a, b) == parts[-1]:
            return whole
        shares = only_options and (a, b) != parts[-1]
        many = shares and bool(noun) and noun[-1].plural
        link = await scope.linker.goods(text, a, b, head=noun if shares else leaning, category=category, many=many or (every and a > start))
        if not isinstance(link, Linked):
            return link
        links.append(link)
    return scope.linker.together(links) if len(links) > 1 else links[0]


async def _in_each(scope: Scope, text: str, parts: Sequence[tuple[int, int]], *, category: bool) -> Linked | None:
    """One thing in several sizes or colours: "the jumper in grey and moss", "linen shirts in XS and S"; None where the first names none of theirs."""
    named = words_of(text, *parts[0])
    own = {name.option for word in named for name in options_of(scope, word)}
    more = [{name.option for word in words_of(text, a, b) for name in options_of(scope, word)} for a, b in parts[1:]]
    if not all(own & of for of in more):
        return None
    shared = set.intersection(own, *more)
    head = tuple(w for w in named if w.text.lower() not in COMMON | _ABOUT_OPTIONS and not any(n.option in shared for n in options_of(scope, w)))
    first = await scope.linker.goods(text, *parts[0], category=category)
    if not head or not isinstance(first, Linked):
        return None
    links = [first]
    for a, b in parts[1:]:
        link = await scope.linker.goods(text, a, b, head=head, category=category, many=len(first.products) > 1)
        if not isinstance(link, Linked) or (len(first.products) == 1 and link.products != first.products):
            return None
        links.append(link)
    label = " ".join(text[parts[0][0] : parts[-1][1]].split()).removeprefix("the ").removeprefix("all ")
    return replace(scope.linker.together(links), head=head, label=label)


_NAMED_ANEW = re.compile(r"(?:(?:all|every)\s+(?:of\s+)?(?:the\s+|our\s+|my\s+)?|(?:the|an?|our|my)\s+)(?=\w)", re.I)
""" "The linen shirt and ‖ the linen dress" are two things, though there is a linen shirt dress."""


def _say_a_word_twice(text: str, start: int, end: int) -> bool:
    """ "Linen shirt and linen dress" are two things: of one, what it is made of is said once."""
    parts = [{word.stem for word in words_of(part) if word.text.lower() not in COMMON} for part in _JOINT.split(text[start:end])]
    return any(one & other for one, other in pairwise(parts))


def _are_kinds(scope: Scope, text: str, start: int, end: int) -> bool:
    """Whether each side of an "and" is a kind of goods by itself: "dresses and shirts" are no shirt dress, "blankets and throws" more than throws."""
    edges = [start, *(at for joint in _JOINT.finditer(text, start, end) for at in joint.span()), end]
    parts = [words_of(text, a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if text[a:b].strip()]
    if key_of(text[start:end]) in scope.linker.vocabulary.titles or not all(parts):
        return False
    vocabulary = scope.linker.vocabulary
    typed = [any(name.kind == "product_type" for name in vocabulary.phrases.get((words[-1].stem,), ())) for words in parts]
    known = all(words[-1].plural and (a_type or words[-1].stem in vocabulary.by_word) for words, a_type in zip(parts, typed, strict=True))
    return known and any(typed)


_EVERY = re.compile(r"(?:all|every|each)\b", re.I)


_SIZES_OF = re.compile(r"\S+(?:\s+\S+)?\s+of\s+", re.I)


def _shared_noun(scope: Scope, text: str, start: int, end: int) -> Sequence[Word]:
    """What the last of several is, which holds for those before: "linen shirts" of "green linen shirts", "dress" of "M sizes of the dress"."""
    of = _SIZES_OF.match(text, start, end)
    words = words_of(text, of.end() if of else start, end)
    named = [w for w in words if w.text.lower() not in COMMON and not _is_option(scope, w)]
    return named or words[-1:]


async def _titles(scope: Scope, text: str, start: int, end: int) -> Linked | None:
    """Several titles with "and" between: "felt slippers and wool socks" are two products, though one of them is of felt and wool."""
    edges = [start, *(at for joint in _JOINT.finditer(text, start, end) for at in joint.span()), end]
    parts = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if text[a:b].strip()]
    keys = [key_of(LEADING.sub("", text[a:b].strip())) for a, b in parts]
    if len(parts) < 2 or not all(len(key) > 1 and key in scope.linker.vocabulary.titles for key in keys):
        return None
    links = [await scope.linker.goods(text, a, b) for a, b in parts]
    found = [link for link in links if isinstance(link, Linked)]
    return scope.linker.together(found) if len(found) == len(links) else None


_ABOUT_OPTIONS = OPTION_CUES | {"the", "all", "in"}


def are_options(scope: Scope, text: str, start: int, end: int) -> bool:
    """Nothing but colours and sizes."""
    plain = [w for w in words_of(text, start, end) if w.text.lower() not in _ABOUT_OPTIONS]
    return bool(plain) and all(_is_option(scope, w) for w in plain)


def _is_option(scope: Scope, word: Word) -> bool:
    return bool(options_of(scope, word))


def options_of(scope: Scope, word: Word) -> list[Mention]:
    """The options of which the word is a value, by its long or its short name: "large" is also L."""
    named = scope.linker.vocabulary.phrases
    short = other_size(word.stem)
    names = [*named.get((word.stem,), ()), *(named.get((short,), ()) if short else ())]
    return [name for name in names if name.kind == "option"]


def head_of(scope: Scope, said: str) -> Sequence[Word]:
    """The noun that "one" stands for: that of the last mention before. A bare colour or size ("in sage") leans on all its words."""
    bare = are_options(scope, said, 0, len(said))
    if not (bare or _ONE.search(said)):
        return ()
    heads = (head for earlier in reversed(scope.earlier) for head in reversed(list(earlier.bound.heads.values())) if head)
    head = next(heads, ())
    return tuple(w for w in head if not _is_option(scope, w)) if bare else noun_of(head, scope)


def noun_of(head: Sequence[Word], scope: Scope) -> Sequence[Word]:
    """The last word that is more than a colour or a size: "beanie" of "the merino beanie in black"."""
    named = scope.linker.vocabulary.phrases
    nouns = [w for w in head if w.stem in scope.linker.vocabulary.by_word or any(name.kind != "option" for name in named.get((w.stem,), ()))]
    return nouns[-1:]


_TO_COLLECTION = re.compile(r"(?:to|into|in|from|out\s+of|onto)\b", re.I)


def without_collections(bound: Bound, start: int, end: int) -> Piece:
    """The piece without the collection that goods go to, where what they leave out stands behind it: "the candles ‖to Sale‖ except the fig one"."""
    text = bound.piece.text
    for spot in collections_within(bound, start, end):
        if LEFT_OUT_BY.match(text, spot.end, end):
            text = text[: spot.start] + " " * (spot.end - spot.start) + text[spot.end :]
    return bound.piece if text is bound.piece.text else replace(bound.piece, text=text)


def collections_within(bound: Bound, start: int, end: int) -> list[Spot]:
    """Places between goods that say where they go, with the words that lead there."""
    return [spot for spot in bound.taken if start < spot.start and spot.end <= end and _TO_COLLECTION.match(bound.piece.text, spot.start)]
