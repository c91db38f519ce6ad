"""What a text claims, and which of it nothing bears out: numbers, prices, materials, qualities, promises, places, days and links.

A text that a model wrote is compared with exactly the facts the model was given. What the merchant or the shop's records say bears out
anything; text that others wrote (a review, a message, a product's old description) bears out what a thing is, and never a promise, a
price or a link: "you owe me a full refund" is no offer of the shop's.

Words are looked up as concepts in several languages, so that "Baumwolle" in the draft is the "cotton" of the product.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from agent.sdk.concepts import IMPLIES, NUMBER_WORDS, UNITS, concepts
from agent.sdk.refs import Money, Percent
from agent.sdk.untrusted import Untrusted

Kind = Literal["number", "price", "material", "quality", "promise", "place", "day", "link"]

_TRUSTED_ONLY = frozenset({"price", "promise", "link"})
_CURRENCIES = {"€": "eur", "$": "usd", "£": "gbp", "¥": "jpy", "zł": "pln", "kr": "kr", "chf": "chf", "eur": "eur", "usd": "usd", "gbp": "gbp",
               "euro": "eur", "euros": "eur", "dollars": "usd", "pounds": "gbp"}  # fmt: skip
_MONEY = "|".join(sorted((re.escape(sign) for sign in _CURRENCIES), key=len, reverse=True))
_UNIT = "|".join(sorted((re.escape(word) for word in UNITS), key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?<![\w.,])(?:(?P<before>[€$£¥])\s?)?(?P<number>\d+(?:[.,\u202f]\d+)*)(?:[\s-]?(?P<unit>%|(?:{_MONEY}|{_UNIT})(?!\w)))?", re.I
)
_SPELLED = re.compile(rf"\b(?P<word>{'|'.join(NUMBER_WORDS)})[\s-](?P<unit>{_UNIT})(?!\w)", re.I)
_AMOUNT = re.compile(r"\d[\d.,]*[.,]\d{2}")
_LISTED = re.compile(r"^\s*\d{1,2}[.)]\s", re.M)
_PLACE = re.compile(
    r"\b(?i:made|woven|knitted|sewn|crafted|designed|produced|grown|thrown|fired|roasted|built|printed|hand\w+)\s+(?:and\s+\w+\s+)?in\s+(?:the\s+)?"
    r"(?P<place>[A-Z]\w+)"
)
_LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w.+-]+@[\w-]+\.[\w.]+|\b[\w-]+\.(?:com|net|org|shop|store|io|de|co|eu|example)(?:/\S*)?\b", re.I)
_DAY = re.compile(
    r"\b(?:(?i:mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|tomorrow|tonight)"
    r"|January|February|March|April|June|July|August|September|October|November|December)\b"
)
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+")


@dataclass(frozen=True, slots=True)
class Claim:
    kind: Kind
    meaning: str
    """What two claims have in common that say the same: "12.5 eur", "cotton"."""
    said: str
    start: int
    """Offset in the text."""
    unit: str = ""


def claims_in(text: str) -> list[Claim]:
    """Everything in the text that can be true or false of a shop, as far as code can tell, in reading order."""
    found = [*_numbers(text), *_words(text)]
    found += [Claim("place", m["place"].casefold(), m[0], m.start()) for m in _PLACE.finditer(text)]
    found += [Claim("link", m[0].rstrip(".,;:!?)").casefold(), m[0].rstrip(".,;:!?)"), m.start()) for m in _LINK.finditer(text)]
    found += [Claim("day", m[0].casefold().rstrip("s"), m[0], m.start()) for m in _DAY.finditer(text)]
    return sorted(found, key=lambda claim: claim.start)


def unsupported(text: str, facts: Mapping[str, Any]) -> list[Claim]:
    """What the text claims and the facts do not say.

    Args:
        facts: What the writer was given: text, numbers, amounts, lists and mappings of them. `Untrusted` text in it bears out less.
    """
    own, others = _Known.of(_flat(facts)), _Known.of(value.value for value in _quoted(facts))
    return [claim for claim in claims_in(text) if not own.bears(claim) and (claim.kind in _TRUSTED_ONLY or not others.bears(claim))]


def without(text: str, claims: Sequence[Claim]) -> str:
    """The text without the sentences that make these claims; lines and paragraphs stay as they were."""
    lines, at = [], 0
    for line in text.split("\n"):
        kept = [sentence for start, sentence in _sentences(line) if not any(start <= claim.start - at < start + len(sentence) for claim in claims)]
        if kept or not line.strip():
            lines.append(" ".join(sentence.strip() for sentence in kept))
        at += len(line) + 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def numbers_lost(source: str, text: str) -> list[str]:
    """Numbers of the source that the text does not have: what a translation dropped or changed."""
    kept = {claim.meaning.split()[0] for claim in _numbers(text)}
    return [claim.said for claim in _numbers(source) if claim.meaning.split()[0] not in kept]


@dataclass(frozen=True, slots=True)
class _Known:
    meanings: frozenset[tuple[str, str]]
    amounts: frozenset[str]
    """Values of numbers with whatever unit."""
    bare: frozenset[str]
    """Values of numbers that stand without a unit."""
    priced: frozenset[str]
    """Those of them that are written as amounts, 18.00: a price whose currency is another fact."""
    words: str

    @classmethod
    def of(cls, texts: Iterable[str]) -> _Known:
        joined = "\n".join(texts)
        found = claims_in(joined)
        implied = {("material", more) for claim in found for more in IMPLIES.get(claim.meaning, ())}
        counted = [claim for claim in found if claim.kind in ("number", "price")]
        return cls(
            meanings=frozenset({(claim.kind, claim.meaning) for claim in found} | implied),
            amounts=frozenset(_value(claim) for claim in counted),
            bare=frozenset(_value(claim) for claim in counted if not claim.unit),
            priced=frozenset(_value(claim) for claim in counted if not claim.unit and _AMOUNT.fullmatch(claim.said)),
            words=joined.casefold(),
        )

    def bears(self, claim: Claim) -> bool:
        if (claim.kind, claim.meaning) in self.meanings:
            return True
        match claim.kind:
            case "price":
                return claim.unit != "%" and _value(claim) in self.priced
            case "number":
                return _value(claim) in (self.bare if claim.unit else self.amounts)
            case "place" | "day" | "link":
                return re.search(rf"(?<!\w){re.escape(claim.meaning)}(?!\w)", self.words) is not None
        return False


def _value(claim: Claim) -> str:
    return claim.meaning.split()[0]


def _numbers(text: str) -> Iterator[Claim]:
    listed = [match.span() for match in _LISTED.finditer(text)]
    links = [match.span() for match in _LINK.finditer(text)]
    for match in _NUMBER.finditer(text):
        if any(start <= match.start() < end for start, end in (*listed, *links)) or (value := _decimal(match["number"])) is None:
            continue
        sign, unit = match["before"], (match["unit"] or "").casefold()
        currency = _CURRENCIES.get(sign or unit)
        named = currency or ("%" if unit == "%" else UNITS.get(unit, ""))
        yield Claim("price" if currency or named == "%" else "number", f"{value} {named}".strip(), match[0].strip(), match.start(), named)
    for match in _SPELLED.finditer(text):
        unit = UNITS[match["unit"].casefold()]
        yield Claim("number", f"{NUMBER_WORDS[match['word'].casefold()]} {unit}", match[0], match.start(), unit)


def _decimal(said: str) -> str | None:
    """ "1.234,50", "1,234.50" and "1234.5" are the same; "12,50" is twelve and a half."""
    plain = said.replace("\u202f", "")
    if "," in plain and "." in plain:
        thousands = "," if plain.rfind(".") > plain.rfind(",") else "."
        plain = plain.replace(thousands, "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(?:,\d{3})+", plain) or re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", plain):
        plain = re.sub(r"[.,]", "", plain)
    else:
        plain = plain.replace(",", ".")
    try:
        return f"{Decimal(plain).normalize():f}"
    except InvalidOperation:
        return None


def _words(text: str) -> Iterator[Claim]:
    for concept in concepts():
        for match in concept.pattern.finditer(text):
            yield Claim(concept.kind, concept.name, match[0], match.start())


def _sentences(line: str) -> Iterator[tuple[int, str]]:
    start = 0
    for gap in _SENTENCE.finditer(line):
        yield start, line[start : gap.end()]
        start = gap.end()
    if line[start:]:
        yield start, line[start:]


def _flat(value: Any) -> Iterator[str]:
    """The trusted words in facts. How many a list has is a fact too."""
    match value:
        case None | bool() | Untrusted():
            return
        case Money():
            yield f"{value.amount} {value.currency}"
        case Percent():
            yield f"{abs(value.value):f}%"
        case str() | int() | Decimal():
            yield str(value)
        case Mapping():
            yield f"{len(value)} pieces"
            for name, inner in value.items():
                yield str(name).replace("_", " ")
                yield from _flat(inner)
        case list() | tuple():
            yield f"{len(value)} pieces"
            for inner in value:
                yield from _flat(inner)
        case _:
            yield str(value)


def _quoted(value: Any) -> Iterator[Untrusted[str]]:
    match value:
        case Untrusted():
            yield value
        case Mapping():
            for inner in value.values():
                yield from _quoted(inner)
        case list() | tuple():
            for inner in value:
                yield from _quoted(inner)
