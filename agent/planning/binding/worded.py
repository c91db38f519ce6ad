"""Values of a change that are words rather than amounts: the name of something new, lists after their cue, lengths of time, old values.

Taken before values are given to fields, so that the sizes 36 and 37 are no prices, and "another 3 days" is not the day after tomorrow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from babel import Locale

from agent.planning.binding.people import WHO_DID
from agent.planning.binding.scope import Bound, Scope
from agent.planning.language.stretches import counted
from agent.planning.language.values import Named, Number, Range, Share, Spot, Words
from agent.planning.linking.vocabulary import key_of, stem
from agent.sdk import Slot

_WORDS_OF_LENGTH = r"an?|\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen"
_LENGTH = re.compile(
    rf"\b(?:(?:by|for)\s+another|by|another|(?=(?:{_WORDS_OF_LENGTH})\s+(?:more|extra|additional)\b)"
    rf"|(?=(?:{_WORDS_OF_LENGTH})\s+(?:day|week|month)s?\s+(?:longer|more)\b))\s*(?P<n>{_WORDS_OF_LENGTH})?\s*"
    r"(?:(?:more|extra|additional)\s+)?(?P<unit>day|week|month)s?\b(?:\s+(?:longer|more))?",
    re.I,
)
_DAYS = {"day": 1, "week": 7, "month": 30}
_STOP = (
    r"(?=\s*(?:[,;.](?:\s|$)|$|[\"”])"
    r"|\s+(?:for|at|with|in|costing|priced|price|to|from|worth|selling|sold|into|under|by|sku|vendor)\b"
    r"|\s+and\s+(?:publish|put|add|tag|set|make|then)\b)"
)
_CALLED = re.compile(rf"\b(?:called|named|titled)\s+[\"“]?(?P<text>[^\W_].*?){_STOP}", re.I)
_CAPITALS = r"(?P<text>[A-Z][\w'’&-]*(?:\s+(?:(?:of|and|&|the|de|la|for)\s+)?[A-Z][\w'’&-]*)*)"
_RENAMED = re.compile(rf"\b(?i:rename|retitle|call|name)\b.*?\s(?i:to|into|as)\s+{_CAPITALS}\s*[.!]?\s*$")
_JOINT = re.compile(r"\s*(?:,\s*(?:and\s+|or\s+)?|/|\+|&|\band\b|\bor\b)\s*", re.I)
_ITEM = re.compile(r"[^\W_][\w.'’½-]*(?:\s+[^\W\d_][\w'’-]*){0,2}")
_OVER = re.compile(
    r"\s+(?:in|at|for|with|from|on|to|by|per|each|and|or|costing|priced|of|as|is|are)\b.*$|\s+(?:sizes?|colou?rs?|sku|vendor|stock|price|tags?)\b.*$",
    re.I | re.S,
)
_INSTEAD = re.compile(r"\b(?:instead\s+of|rather\s+than|in\s+place\s+of)\s+(?:the\s+|now\s+|currently\s+)?$", re.I)
_LEAD = re.compile(r"\s*(?::|=|are\b|is\b|of\b|in\b)?\s*", re.I)


def take_words(bound: Bound, scope: Scope) -> None:
    """Fill what is said in words of its own; for changes only."""
    if bound.task.effect not in ("write", "action"):
        return
    _take_deal(bound)
    _take_lengths(bound)
    _take_old_values(bound)
    _take_replaced(bound)
    for slot in bound.task.slots:
        if "texts" in slot.types and slot.name in slot.cues and slot.name not in ("remove", *bound.args):
            _take_list(bound, slot, scope)


_SAYING = re.compile(
    r"\b(?:know(?=\s+(?:we|i|it|their|her|his|our|my|the|they|she|he)(?:[’'](?:re|s|ve|ll|m|d))?\s)|(?:saying|say|writing|explaining|adding)(?:\s*:|\s+that)?"
    r"|(?<!who )(?<!they )(?<!people )(?<!customers )(?<!that )ask(?:ing)?"
    r"(?:\s+(?:her|him|them|the\s+\w+|(?-i:[A-ZÀ-Þ][\w’'-]+)(?:\s+(?-i:[A-ZÀ-Þ][\w’'-]+))?))?(?=\s+(?:whether|if|when|where|what|which|how|why|to)\b)"
    r"|(?<!customers )(?<!people )(?<!everyone )(?<!buyers )(?<!orders )(?<!those )(?<!reviews )(?<!messages )that"
    rf"|(?:(?<=customers )|(?<=people )|(?<=everyone )|(?<=buyers )|(?<=subscribers ))that(?!\s+{WHO_DID}))"
    r"\s+(?P<text>\S.*?)\W*$",
    re.I | re.S,
)
_TELLS = re.compile(
    r"\b(?:tell|let|inform|write|message|e-?mail|mail|text|remind|reply|respond|answer|explain|know|ask|asking|say|saying|apologi[sz]\w+|assure|promise|notify|ping)\b",
    re.I,
)


_SAYS = re.compile(
    r"\b(?:(?:saying|stating)(?:\s*:|\s+that)?|explaining\s+that|(?:that|which|it\s+should|it\s+must|to)\s+(?:says?|states?|explains?|reads?|tells?\s+(?:people|them|customers))(?:\s*:|\s+that)?)"
    r"\s+(?P<text>\S.*?)\W*$",
    re.I | re.S,
)
"""What a page or a post is to say; a bare "that" tells of its subject."""
_WITH_OURS = re.compile(
    r"\bwith\s+(?P<text>(?:our|my)\s+(?:[a-z-]+\s+){1,3}?(?:is\s+)?(?=[+\w@./-]*\d)[^,;%€$£]{3,40})(?=\s*(?:[,;.]|$|\band\b))", re.I
)
_WITH_WORDS = re.compile(
    r"\b(?:with|and|using|use|(?=subject|headline|slogan|hashtag))\s*(?:the\s+|a\s+|this\s+)?(?:[a-z-]+\s+){1,3}?[\"“„«](?P<text>[^\"”“»]+)[\"”“»]",
    re.I,
)
_OF_DOING = re.compile(
    r"\babout\s+(?P<text>(?:how|why|when|what)\s+\S.*?|(?P<doing>[a-z]{3,}ing)\s+(?:for|of|with|your|our|the|a|an|to)\s+\S.*?)(?=\s*(?:[,.;]|$)|\s+(?:in\s+an?|with\s+the\s+code|and\s+mention)\b)",
    re.I,
)


def take_told(bound: Bound, scope: Scope) -> None:
    """What a text is about where that is something one does, "about caring for wool", and words that it is to have, "with the headline “Soleil”"."""
    if bound.task.effect != "draft":
        return
    topic = next((s for s in bound.task.slots if s.name == "topic" and s.types == ("text",) and "about" in s.cues and "announcing" in s.cues), None)
    about = _OF_DOING.search(bound.piece.said) if topic is not None and topic.name not in bound.args else None
    if topic is not None and about is not None and not (about["doing"] and scope.linker.vocabulary.knows(stem(about["doing"]))):
        _put_words(bound, topic, about, about["text"])
    mention = next((s for s in bound.task.slots if s.name == "mention" and "texts" in s.types), None)
    quoted = _WITH_WORDS.search(bound.piece.said) if mention is not None and mention.name not in bound.args else None
    if (
        mention is not None
        and quoted is not None
        and not any(
            cue in quoted[0].lower() for s in bound.task.slots if s is not mention and "text" in s.types for cue in (*s.cues, s.name) if len(cue) > 3
        )
    ):
        _put_words(bound, mention, quoted, [quoted["text"].strip()])
    ours = _WITH_OURS.search(bound.piece.said) if mention is not None and mention.name not in bound.args else None
    if mention is not None and ours is not None:
        _put_words(bound, mention, ours, [ours["text"].strip()])


def _put_words(bound: Bound, slot: Slot, said: re.Match[str], value: str | list[str]) -> None:
    spot = Spot(start=bound.piece.start + said.start(), end=bound.piece.start + said.end())
    if not bound.takes(spot):
        bound.args[slot.name] = value
        bound.taken.append(spot)


_DOING_SO = re.compile(
    r"(?:^|[,.;]|\band\b|\bwith(?=\s+(?:an?\s+)?(?:apology|thanks?|thank|explanation))|\s(?=(?:offer|promis|invit|thank|apologi[sz]|explain)ing\b))\s*"
    r"(?:(?:and|then|please)\s+)*(?P<text>(?:(?:an?\s+)?(?:apology|explanation|thank\s+you)|(?:offer|promis|invit|thank|apologi[sz]|explain)ing|apologi[sz]e|say\s+sorry|offer|thank|promise|explain|invite|assure|suggest|reassure|ask|remind|wish|encourage)\b.*?)\W*$",
    re.I | re.S,
)
"""What a reply is to do: "reply to the latest review, apologise and offer a replacement"."""
_HOW = re.compile(
    r"\s*(?:,|\band\b)?\s*(?:\b(?:in|with)\s+an?\s+[\w-]+(?:\s+\w+)?\s+(?:tone|voice|style)\b|\bwith\s+(?:the\s+)?(?:discount\s+)?code\b|\bkeep\s+it\b)",
    re.I,
)
"""From here on it is said how the text is to sound, or what goes with it."""


_TELLS_WHAT = re.compile(
    r"\b(?:tell|inform|remind|assure)\s+(?:him|her|them|(?:the|both|all|each|every|these|those|our)\s+(?:customers?|buyers?|clients?|people)(?:\s+of\s+(?:order\s+)?#?\d+)?)"
    r"\s+(?P<text>(?:the|their|his|her|our|my|a|an|we|they|it|there)\b(?=(?:\s+\S+){0,4}?\s+(?:is|are|was|were|will|has|have|had|can|cannot|can't|won't)\b).*?)\W*$",
    re.I | re.S,
)
"""What is told without a "that"; a message whose purpose is known needs no words for it."""


def take_saying(bound: Bound, scope: Scope) -> None:
    """What a message, a reply or a page is to say, to its last word: "tell her that it arrives on Friday at ten"."""
    slot = next((s for s in bound.task.slots if s.types == ("text",) and {"that", "that says", "say that"} & set(s.cues)), None)
    if bound.task.effect != "draft" or slot is None or slot.name in bound.args:
        return
    piece = bound.piece.said
    said = (_SAYING if "that" in slot.cues else _SAYS).search(piece)
    if said is not None and "that" in slot.cues and not _TELLS.search(piece[: said.start("text")]):
        said = None
    if said is None and "telling them" in slot.cues:
        said = _DOING_SO.search(piece)
        if said is not None and not piece[: said.start("text")].strip(" ,.;") and not (scope.earlier and scope.earlier[-1].bound.task is bound.task):
            return  # "thank the customers who left 5 stars" says whom, and not only what
    if said is None and "telling them" in slot.cues and "purpose" not in bound.args:
        said = _TELLS_WHAT.search(piece)
    if said is None:
        return
    how = _HOW.search(piece, said.start("text"), said.end("text"))
    end = how.start() if how else said.end("text")
    if end <= said.start("text"):
        return
    bound.args[slot.name] = piece[said.start("text") : end]
    bound.taken += _around_codes(bound, bound.piece.start + said.start("text"), bound.piece.start + end)


def _around_codes(bound: Bound, start: int, end: int) -> Iterator[Spot]:
    """The place without a code in it, which a text is to name as it is: "and offer her the code VIP15"."""
    for value in sorted(bound.piece.values.items, key=lambda v: v.start):
        if start <= value.start and value.end <= end and isinstance(value, Named | Words) and value.kind in ("code", "discount"):
            yield Spot(start=start, end=value.start)
            start = value.end
    yield Spot(start=start, end=end)


def take_name(bound: Bound, scope: Scope) -> None:
    """The name of something new that the reader has not marked: "a product named Soy Candle for 12.50", "new product: Ash Bowl, 18"."""
    _take_open_choice(bound)
    if (author := next((s for s in bound.task.slots if "written by" in s.cues and s.name not in bound.args), None)) is not None:
        _take_text(bound, author, [_BY_SOMEBODY])
        _take_first_name(bound, author, scope)
    if bound.task.effect not in ("write", "action"):
        return
    if (
        place := next((s for s in bound.task.slots if "warehouse" in s.cues and s.types == ("text",) and s.name not in bound.args), None)
    ) is not None:
        _take_text(bound, place, [_AT_A_PLACE])
    texts = [s for s in bound.task.slots if s.types == ("text",) and s.name not in bound.args]
    if (renamed := next((s for s in texts if "rename" in s.cues), None)) is not None:
        _take_text(bound, renamed, [_RENAMED])
    _whole_name(bound, scope)
    for slot in texts:
        if slot.name in ("product_type", "vendor"):
            made = any("called" in s.cues for s in bound.task.slots if s.required)
            _take_text(bound, slot, [_after(slot), *_known(slot, scope)] if made else _as_new(slot))
    if all("called" not in s.cues for s in bound.task.slots if s.required):
        return
    for slot in texts:
        _take_text(bound, slot, _names(slot) if slot.required else [_after(slot)])
        if slot.required and slot.name not in bound.args:
            _take_marked(bound, slot)


def take_title(bound: Bound) -> None:
    """What something new is to be called, to the last word of its name: "a collection called Under 20 with …"."""
    slot = next((s for s in bound.task.slots if s.name == "title" and s.types == ("text",) and not s.required and "called" in s.cues), None)
    if slot is not None and bound.args.get("action") == "create":
        _take_text(bound, slot, [_QUOTED_NAME, _NEW_NAME])


_NEW_NAME = re.compile(
    r"\b(?i:called|named|titled|call\s+it|name\s+it|collection)\s+(?P<text>[A-Z][\w'’&-]*(?:\s+(?:(?:of|and|&|the|de|la|for|to|in|under|over)\s+)?(?:[A-Z][\w'’&-]*|\d+))*)"
)
_QUOTED_NAME = re.compile(r"\b(?i:called|named|titled|call\s+it|name\s+it|collection)\s+[\"“‘'](?P<text>[^\"”’]+?)[\"”’']")


def take_languages(bound: Bound) -> None:
    """All the languages a text is to be put into: "into French and Italian", "German and French versions"."""
    slot = next((s for s in bound.task.slots if s.name == "into" and "texts" in s.types), None)
    if slot is None:
        return
    found = [m for m in _language_names().finditer(bound.piece.said) if not re.search(r"\bfrom\s+$", bound.piece.said[: m.start()], re.I)]
    if len(found) > len(bound.args.get(slot.name, [])):
        bound.args[slot.name] = list(dict.fromkeys(m[0] for m in found))
        bound.taken += [Spot(start=bound.piece.start + m.start(), end=bound.piece.start + m.end()) for m in found]


@lru_cache(maxsize=1)
def _language_names() -> re.Pattern[str]:
    names = sorted({name for name in Locale("en").languages.values() if name.isalpha() and len(name) > 3}, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(names)})\b", re.I)


def _take_open_choice(bound: Bound) -> None:
    """A usual value of a field that takes others too, which the reader marked with something else: "GLS 50123456789"."""
    for slot in bound.task.slots:
        if {"choice", "text"} <= set(slot.types) and slot.name not in bound.args:
            said = next((c for c in slot.choices if re.search(rf"(?<!\w){re.escape(c)}(?!\w)", bound.piece.said, re.I)), None)
            if said is not None:
                bound.args[slot.name] = said


def _take_text(bound: Bound, slot: Slot, patterns: Iterable[re.Pattern[str]]) -> None:
    for pattern in patterns:
        match = pattern.search(bound.piece.said)
        if match is None:
            continue
        spot = Spot(start=bound.piece.start + match.start("text"), end=bound.piece.start + match.end("text"))
        if not bound.takes(spot):
            bound.args[slot.name] = match["text"].strip(" \"'“”")
            bound.taken.append(spot)
            return


_NEW_THING = re.compile(
    r"(?:(?:an?|the|our|my|some|new|another|brand[\s-]new)\s+)*(?P<text>(?!(?:products?|items?|one|ones|it|them|this|that|things?)\b)[^\W_].*)",
    re.I | re.S,
)


_AT_A_PLACE = re.compile(
    r"\b(?:at|in|into|from|to)\s+(?:(?:the|our|my)\s+)?(?!(?:the|our|my|main|whole|entire|online|web|same|other)\b)(?P<text>[^\W\d_]{3,})\s+(?:warehouse|store|shop|depot|branch)\b",
    re.I,
)
_BY_SOMEBODY = re.compile(
    r"\b(?i:(?:reviews?|comments?|ratings?|stars?)\b[^,;]*?\b(?:written\s+)?(?:by|from))\s+(?P<text>[A-ZÀ-Þ][\w’'-]+\s+(?:(?:van|von|de|der)\s+)*[A-ZÀ-Þ][\w’'-]+)"
)


_FIRST_NAME = r"(?P<text>[A-ZÀ-Þ][a-zà-ÿ’'-]+)(?!\s+(?-i:[A-ZÀ-Þ])|\s+collection)"
_THEIR_REVIEW = r"[’']s?\s+(?i:(?:[a-z0-9-]+\s+){0,2}(?:reviews?|comments?|ratings?))\b"
_BY_FIRST_NAME = (
    re.compile(rf"\b(?i:(?:reviews?|comments?|ratings?|replies|reply)\b(?:\s+[a-z]+){{0,3}}?\s+(?:by|from|of))\s+{_FIRST_NAME}"),
    re.compile(rf"\b(?i:(?:reviews?|comments?|ratings?)\b[^,;]{{0,80}}?\s+(?:by|written\s+by))\s+{_FIRST_NAME}"),
    re.compile(
        r"\b(?i:thank|answer|reply\s+to|write\s+back\s+to|respond\s+to)\s+(?P<text>[A-ZÀ-Þ][a-zà-ÿ-]+(?:\s+[A-ZÀ-Þ][a-zà-ÿ-]+)?)(?=\s+(?:for|on|about)\s+(?:her|his|their|the)\b[^,;]*\breview)"
    ),
    re.compile(rf"(?<=[a-zà-ÿ,]\s)(?P<text>[A-ZÀ-Þ][a-zà-ÿ-]+\s+[A-ZÀ-Þ][a-zà-ÿ-]+){_THEIR_REVIEW}"),
    re.compile(rf"\b(?P<text>[A-ZÀ-Þ][a-zà-ÿ-]+){_THEIR_REVIEW}"),
)


def _take_first_name(bound: Bound, slot: Slot, scope: Scope) -> None:
    """ "The review by Tom", which is no day, place or name of the shop's goods."""
    said = next((m for pattern in _BY_FIRST_NAME for m in pattern.finditer(bound.piece.said) if not _is_known(m, bound, scope)), None)
    if said is None or slot.name in bound.args:
        return
    bound.args[slot.name] = said["text"]
    bound.taken.append(Spot(start=bound.piece.start + said.start("text"), end=bound.piece.start + said.end("text")))


def _is_known(said: re.Match[str], bound: Bound, scope: Scope) -> bool:
    """Whether a name is that of a day, a place or something of the shop's."""
    spot = Spot(start=bound.piece.start + said.start("text"), end=bound.piece.start + said.end("text"))
    dated = any(spot.overlaps(v) for v in bound.piece.values.items if not isinstance(v, Words) or v.kind in ("place", "channel", "discount"))
    goods = any(spot.overlaps(Spot(start=m.start, end=m.end)) for m in bound.piece.marked("product", "place", "channel"))
    named = any(scope.linker.vocabulary.knows(stem(word)) for word in said["text"].split())
    return dated or goods or named or bound.takes(spot) or said["text"].casefold() in country_names()


@lru_cache(maxsize=1)
def country_names() -> frozenset[str]:
    return frozenset(name.casefold() for name in Locale("en").territories.values())


def _take_marked(bound: Bound, slot: Slot) -> None:
    """What is to be made, where the reader took its name for goods there are: "list a Rust Linen Apron at 39"."""
    for mark in bound.piece.marked("product"):
        said = _NEW_THING.fullmatch(bound.piece.of(mark).strip())
        if said is not None and not bound.takes(Spot(start=mark.start, end=mark.end)):
            bound.args[slot.name] = said["text"]
            bound.guessed.append(slot.name)
            bound.taken.append(Spot(start=mark.start, end=mark.end))
            return


def _after(slot: Slot) -> re.Pattern[str]:
    """ "Brand Terra", "type Bowls"."""
    cues = "|".join(re.escape(cue) for cue in sorted(slot.cues, key=len, reverse=True))
    return re.compile(rf"\b(?i:{cues or '(?!)'})\s*:?\s+[\"“]?{_CAPITALS}")


def _whole_name(bound: Bound, scope: Scope) -> None:
    """ "Vendor Little Kiln" of which the reader marked the first word."""
    for slot in bound.task.slots:
        begun = bound.args.get(slot.name)
        if slot.name not in ("product_type", "vendor") or not isinstance(begun, str):
            continue
        for pattern in _known(slot, scope):
            said = pattern.search(bound.piece.said)
            if said is not None and said["text"].casefold().startswith(begun.casefold()):
                bound.args[slot.name] = said["text"]
                bound.taken.append(Spot(start=bound.piece.start + said.start("text"), end=bound.piece.start + said.end("text")))


def _as_new(slot: Slot) -> Iterator[re.Pattern[str]]:
    """ "Belong to the type Socks"; the vendor of "all products from vendor Acme" is none that they are to have."""
    cues = "|".join(re.escape(cue) for cue in sorted(slot.cues, key=len, reverse=True))
    yield re.compile(rf"\b(?i:{cues})\s+(?i:of)\s+.+?\s+(?i:is|should\s+be|becomes)\s+[\"“]?{_CAPITALS}")
    yield re.compile(rf"\b(?i:belongs?\s+to|into|under|is|are|to)\s+(?i:the\s+)?(?i:{cues})\s*:?\s+[\"“]?{_CAPITALS}")


def _known(slot: Slot, scope: Scope) -> Iterator[re.Pattern[str]]:
    """ "Type soap", where the shop has that type."""
    labels = {name.label for names in scope.linker.vocabulary.phrases.values() for name in names if name.kind == slot.name}
    if labels:
        known = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
        cues = "|".join(re.escape(cue) for cue in slot.cues)
        yield re.compile(rf"\b(?:{cues})\s*:?\s+[\"“]?(?P<text>{known})(?!\w)", re.I)


def _names(slot: Slot) -> Iterator[re.Pattern[str]]:
    yield _CALLED
    cues = "|".join(re.escape(cue) for cue in sorted(slot.cues, key=len, reverse=True))
    yield re.compile(rf"\b(?i:{cues})\s*:\s*(?P<text>[^\W_].*?)(?i:{_STOP})")
    yield re.compile(rf"\b(?i:{cues})\s+(?:an?\s+|the\s+)?{_CAPITALS}")


_SO_MANY = r"an?|one|two|three|four|five|\d{1,3}"
_DEAL = re.compile(
    rf"\b(?:buy|buys|purchase|take|for\s+every)\s+(?P<buys>{_SO_MANY})\b[^.;]{{0,80}}?\bgets?\s+(?P<gets>the\s+(?:second|third|fourth)|another|{_SO_MANY})\b"
    r"(?!\s+(?:free\s+)?(?:shipping|delivery|postage))",
    re.I,
)


def _take_deal(bound: Bound) -> None:
    """ "Buy one candle, get one half price": so many, and not half off whatever is bought."""
    names = {slot.name for slot in bound.task.slots}
    said = _DEAL.search(bound.piece.said) if {"buys", "gets"} <= names else None
    if said is None or re.match(r"\s*\d*\s*%|\s+(?:euros?|percent)\b", bound.piece.said[said.end() :]):
        return
    for name in ("buys", "gets"):
        n = said[name].lower()
        number = 1 if n in ("a", "an", "one", "another") or n.startswith("the ") else counted(n)
        bound.args[name] = number
        bound.taken.append(Spot(start=bound.piece.start + said.start(name), end=bound.piece.start + said.end(name)))


def _take_lengths(bound: Bound) -> None:
    """ "By a week" for a field that counts how many days longer."""
    slot = next((s for s in bound.task.slots if "integer" in s.types and "another" in s.cues and "day" in s.description), None)
    said = _LENGTH.search(bound.piece.said)
    if slot is None or said is None:
        return
    n = said["n"] or "one"
    bound.args[slot.name] = _DAYS[said["unit"].lower()] * (1 if n.lower() in ("a", "an", "one") else counted(n.lower()))
    bound.taken.append(Spot(start=bound.piece.start + said.start(), end=bound.piece.start + said.end()))


_LED_BY = 60
"""Characters before a value in which the words that lead to it are looked for."""


def _take_old_values(bound: Bound) -> None:
    """ "From 10% to 5 euros": what it was is not what it is to be."""
    piece = bound.piece
    values = [value for value in piece.values.items if isinstance(value, Number | Share)]
    for value, after in zip(values, values[1:], strict=False):
        led = re.search(r"\bfrom\s+$", piece.text[max(piece.start, value.start - _LED_BY) : value.start], re.I)
        if led and re.fullmatch(r"\s*(?:off\s+)?(?:to|into)\s*", piece.text[value.end : after.start], re.I):
            bound.taken.append(Spot(start=value.start, end=value.end))
    said = [value for value in piece.values.items if isinstance(value, Words) and value.kind in ("value", "quoted", "topic", "tag")]
    for was, now in zip(said, said[1:], strict=False):
        led = re.search(r"\bfrom\s+[\"“'‘]?$", piece.text[max(piece.start, was.start - _LED_BY) : was.start], re.I)
        if led and re.fullmatch(r"[\"”'’]?\s*(?:to|into)\s*[\"“'‘]?", piece.text[was.end : now.start], re.I):
            bound.taken.append(Spot(start=was.start, end=was.end))
    olds = [value for value in values if _INSTEAD.search(piece.text[max(piece.start, value.start - _LED_BY) : value.start])]
    if len(olds) < len(values) + sum(
        isinstance(value, Range) for value in piece.values.items
    ):  # "14 instead of 16", not "a voucher instead of 16 euros"
        bound.taken += [Spot(start=value.start, end=value.end) for value in olds]


_REPLACED = re.compile(
    r"\b(?:replace|swap|exchange|change)\s+(?:the\s+)?(?:tag|label)\s+(?:[\"“](?P<old>[^\"”]+)[\"”]|(?P<old2>[\w-]+))\s+(?:with|by|for|to|into)\s+"
    r"(?:the\s+)?(?:(?:tag|label)\s+)?(?:[\"“](?P<new>[^\"”]+)[\"”]|(?P<new2>[\w-]+))",
    re.I,
)


def _take_replaced(bound: Bound) -> None:
    """ "Replace the tag X with Y": one comes off and the other goes on."""
    fields = [next((s.name for s in bound.task.slots if "texts" in s.types and s.name.startswith(way)), None) for way in ("remove", "add")]
    if (said := _REPLACED.search(bound.piece.said)) is None or None in fields:
        return
    for name, group in zip(fields, ("old", "new"), strict=True):
        bound.args[str(name)] = [said[group] or said[f"{group}2"]]
    bound.taken.append(Spot(start=bound.piece.start + said.start(), end=bound.piece.start + said.end()))


def _take_list(bound: Bound, slot: Slot, scope: Scope) -> None:
    """What follows one of the field's cues, item after item; or follows "in" where it is a known value of such an option."""
    piece = bound.piece
    for cue in sorted(slot.cues, key=len, reverse=True):
        for said in re.finditer(rf"(?<!\w){re.escape(cue)}(?!\w)", piece.said, re.I):
            lead = _LEAD.match(piece.said, said.end())
            start = lead.end() if lead else said.end()
            if _put_items(bound, slot, piece.start + said.start(), piece.start + start):
                return
    for said in re.finditer(r"\bin\s+|,\s*(?=\w)", piece.said, re.I):
        item = _item(piece.said, said.end(), len(piece.said))
        if item and _is_value(item, slot, scope) and _put_items(bound, slot, piece.start + said.start(), piece.start + said.end(), scope=scope):
            return


def _put_items(bound: Bound, slot: Slot, begun: int, start: int, *, scope: Scope | None = None) -> bool:
    """
    Args:
        scope: The list goes on only with values that are known: "in S and L, black or navy".
    """
    piece, at, items = bound.piece, start, list[str]()
    while item := _item(piece.text, at, piece.end):
        if items and (item.isdigit() and not items[0].isdigit()):
            break  # "S and L, 29 €"
        if bound.takes(Spot(start=at, end=at + len(item))) or _is_cue(item, bound, slot):
            break
        if scope is not None and not _is_value(item, slot, scope):
            break
        items.append(item)
        at += len(item)
        joint = _JOINT.match(piece.text, at, piece.end)
        if joint is None:
            break
        at = joint.end()
    if not items:
        return False
    bound.args[slot.name] = items
    end = piece.text.rindex(items[-1], start, at) + len(items[-1])
    bound.taken.append(Spot(start=begun, end=end))
    return True


def _item(text: str, at: int, end: int) -> str:
    match = _ITEM.match(text, at, end)
    return "" if match is None else _OVER.sub("", match[0]).rstrip(".")


def _is_cue(item: str, bound: Bound, slot: Slot) -> bool:
    """Whether the words begin another field: "…, sku LA-01"; or are an amount: "…, 29.90"."""
    low = item.casefold()
    others = (cue for other in bound.task.slots if other is not slot for cue in (*other.cues, *(p for ps in other.phrases.values() for p in ps)))
    if any(low == cue or low.startswith(f"{cue} ") for cue in others if len(cue) > 2):
        return True
    return re.fullmatch(r"\d+[.,]\d\d|\d+\s+(?:in\s+stock|units|pieces|euros?|each|of).*", item, re.I) is not None


def _is_value(item: str, slot: Slot, scope: Scope) -> bool:
    """A value of one of the shop's options that goes by this field's name."""
    names = {cue.casefold() for cue in slot.cues}
    known = scope.linker.vocabulary.phrases.get(key_of(item), ())
    return any(name.kind == "option" and (name.option or "").casefold() in names for name in known)
