"""Words that point to records: pronouns, "those customers", "that one"."""

from __future__ import annotations

import re

from agent.planning.binding.ranked import where_pointed
from agent.planning.binding.scope import Bound
from agent.planning.language.fragments import LEADS, SEASONS, THEM, TWO_TO_EIGHT
from agent.planning.linking.vocabulary import words_of

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
KIND_OF = {"variant": "product"}
_PRONOUN = re.compile(
    r"\b(?:it|its|them|they|those|these|both"
    rf"|all\s+(?:{TWO_TO_EIGHT}|\d+)(?:\s+of\s+them)?(?=\W*$|\s+(?:in|into|to|by|on|off|out|as|at)\b)|that\s+one|this\s+one|the\s+same(?:\s+ones?)?"
    rf"|each(?:\s+of\s+(?:{THEM}))?(?=\W*$|\s+(?:in|into|by|on|off|out|last|this|since|with|saying|and)\b|\s+(?:to|at)\s+[\d€$£])|(?<=\bof\s)each(?=\s+(?:are|is|do|have|was|were)\b))\b",
    re.I,
)
_THEIRS = re.compile(
    r"\btheir\s+(?:margins?|stock|prices?|sales|reviews?|ratings?|stars|descriptions?|titles?|tags?|returns?|revenue|turnover|photos?|images?|pictures?|attributes?|categor(?:y|ies)|seo|meta|texts?|materials?|colou?rs?|sizes?|costs?)\b",
    re.I,
)
"""What goods have, and people do not."""
_THE_SAME_FOR = re.compile(
    r"^\W*(?:(?:and|then|also)\s+)*(?:do\s+|run\s+)?(?:the\s+)?same\s+(?:again\s+|thing\s+|report\s+)?(?:for|with|in|of|over|by|per)\b", re.I
)
"""The same question, and no goods."""
BARE_WHICH = re.compile(
    rf"^\W*(?:(?:{LEADS}|tell\s+me|show\s+me|say|see)\s+)*which\s+(?:(?:one|ones|of\s+(?:{THEM}))\s+)?"
    r"(?:has|have|had|is|are|was|were|sells?|sold|did|does|do|brought|brings?|made|makes?|will|runs?|costs?|grew|fell|gets?|got)\b",
    re.I,
)
"""Of those spoken of: "which has the lowest stock"."""
SOMEBODY = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.I)
"""Means a person, whatever else was spoken of."""
BOTH = re.compile(r"\bboth\b", re.I)
THE_CUSTOMER = re.compile(
    r"\b(?:(?:the|both|all)\s+(?:the\s+)?(?:customers|buyers|clients|shoppers|people)|the\s+(?:customer|buyer|client|shopper)|each\s+(?:customer|buyer|client)|(?:each|every)\s+one\s+of\s+(?:the\s+customers|them))(?=\W*$|\s+(?:that|to|know|about|with|an?|and|we|why|when)\b)",
    re.I,
)
"""Somebody spoken of, where only their order was: not "the customer who bought most"."""
PLURAL = re.compile(r"\b(?:them|they|their|those|these|ones|both|all|each)\b", re.I)
BOUGHT = re.compile(
    rf"\b(?:bought|buy|buys|buying|ordered|purchased?|got|gotten|get|sold|sell)\s+(?:(?:any|some|one|both|none|all|each)(?:\s+of\s+(?:{THEM}))?)"
    r"(?=\s*(?:$|[^\w\s])|\s+(?:and|in|since|on|during|before|after|from|between|over|for|within|at|until|with|by|as|last|this|the\s+last|yesterday|today"
    r"|ever|more\s+than|at\s+least|twice|once|recently|already|again|lately|online|ago|so\s+far|more\s+recently)\b)",
    re.I,
)
"""The goods before, where no goods follow: "who bought one last year", not "who bought some candles"."""
BUYS = re.compile(r"\b(?:buy|buys|buying|bought|order\w*|purchas\w*|got|gotten|get|own|owns|has|have|had|took|sold)\b", re.I)
HOW_MANY = re.compile(
    r"\bhow\s+(?:many|much)(?:\s+(?:units|pieces|stock))?\s+(?:are|is|(?:do\s+)?we\s+(?:still\s+)?have|have\s+we)(?:\s+(?:there|left|in\s+stock|still|now))*"
    r"(?:\s+(?:in|at)\s+(?:the\s+|our\s+)?(?:\w+\s+)?(?:warehouse|shop|store|storeroom|location|branch))?\s*$",
    re.I,
)
HOW_LONG = re.compile(
    r"\b(?:how\s+long|how\s+many\s+(?:days|weeks|months)|until\s+when|till\s+when|when)\s+(?:(?:will|would|does|do|is|are|should|might|can)\s+)?(?P<it>that|this|it|they|those|these)"
    r"(?:[’']ll|\s+(?:will|would|should|might|can|is|are|does|do))?\s+(?:be\s+)?(?:last|do\b|run|hold|keep|enough|sell|go(?:ne|es)?\b|used|out\b|cover|suffice|be\s+(?:gone|out))",
    re.I,
)
""" "Set the mug to 40 and tell me how long ‖ that ‖ lasts": what was counted."""
HERE = re.compile(
    r"\b(?:here|these|this(?!\s+(?:(?:past|coming|calendar|fiscal|financial|business|whole|very)\s+)?"
    rf"(?:week|month|year|quarter|morning|afternoon|evening|season|{SEASONS}|time|way)\b))\b",
    re.I,
)
"""What is on the page, rather than what was spoken of."""


def points_at(said: str, record: str) -> bool:
    """Whether words only point: "it", "those customers", "this product"."""
    words = words_of(said)
    nouns = _NOUNS.get(KIND_OF.get(record, record), frozenset())
    stems = [word.text.lower() if word.text.lower() in _POINTING else word.stem for word in words]
    if record != "customer" and any(SOMEBODY.fullmatch(w) for w in stems):
        return False  # "her order" is an order of hers, and it is not known which
    pointing = [w for w in stems if w in _POINTING and w not in ("the", "all", "of", "each", "one", "ones")]
    return bool(pointing) and all(word in _POINTING or word in nouns for word in stems)


def pointing_words(clause: str, record: str) -> str | None:
    """What of a clause points to records of this kind: "she", "that order", "the winner", "their stock", "them"."""
    if record == "customer" and (somebody := SOMEBODY.search(clause) or THE_CUSTOMER.search(clause)) is not None:
        return somebody[0]
    if (this := _called(clause, record)) is not None:
        return this
    if record == "product" and (lasting := HOW_LONG.search(clause)) is not None:
        return lasting["it"]
    if record == "product" and (ranked := where_pointed(clause)) is not None:
        return clause[slice(*ranked)]
    if record == "product" and (theirs := _THEIRS.search(clause)) is not None:
        return theirs[0]
    if not _speaks_of(clause, record):
        return None
    begin = same.end() if (same := _THE_SAME_FOR.match(clause)) is not None else 0
    return next((m[0] for m in _PRONOUN.finditer(clause, begin)), None)


THAT_ONE = re.compile(r"\b(?:that|this|the\s+same)\s+(?P<noun>\w+)", re.I)


def _called(clause: str, record: str) -> str | None:
    """ "That order", "this product", where the reader saw no mention in it."""
    nouns = _NOUNS.get(record, frozenset())
    return next((m[0] for m in THAT_ONE.finditer(clause) if words_of(m["noun"])[0].stem in nouns), None)


def _speaks_of(clause: str, record: str) -> bool:
    """A pronoun that may mean this kind: not "those customers" for a product."""
    return any(_may_mean(match[0].lower(), clause, match.end(), record) for match in _PRONOUN.finditer(clause))


def _may_mean(pronoun: str, clause: str, end: int, record: str) -> bool:
    """Nobody is an "it", and "its reviews" are those of a thing."""
    if pronoun == "its" and record == "product":
        return True
    return not (record == "customer" and pronoun in ("it", "its", "that one", "this one")) and not of_other_kind(clause, end, record)


def of_other_kind(clause: str, at: int, record: str) -> bool:
    """Whether the next word is a noun of another kind of record: "those ‖ customers"."""
    after = re.match(r"\s+(\w+)", clause[at:])
    noun = words_of(after[1])[0].stem if after else ""
    return any(noun in nouns for kind, nouns in _NOUNS.items() if kind != record)


def names_other(bound: Bound, record: str) -> bool:
    """Nothing is elided where the clause names a record of this kind itself."""
    return any(slot.kind == record for slot in bound.piece.slots)
