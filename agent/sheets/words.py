"""What the words beside a file ask to be taken from it. They alone say what is done; nothing of the file is read here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.records import Clause
from agent.sheets.headings import Field

Take = Literal["prices", "stock", "texts", "new"]
How = Literal["set", "add"]

_FILE = re.compile(
    r"\b(?:files?|csv|tsv|sheets?|spreadsheets?|attach\w*|upload\w*|lists?|tables?|exports?|these|this|those|them|datei|tabelle|liste|anhang|diese[rsn]?"
    r"|angehängte?\w*|\w+liste|\w+datei)\b",
    re.I,
)
_NOUNS = re.compile(
    r"\b(?:price|stock|inventory|product|article)s?[ -](?:list|sheet|file|csv|table|export)s?\b|\b(?:preis|bestands|artikel|produkt)liste\b", re.I
)
_PRICES = re.compile(r"\b(?:(?:re)?pric(?:es?|ing|ed?)|costs?|rrp|msrp|\w*preise?n?|uvp|ek)\b", re.I)
_COMPARE = re.compile(r"\b(?:compare[ -]at|crossed[ -]out|old prices?|was prices?|rrp|msrp|uvp|streichpreise?|vergleichspreise?)\b", re.I)
_COST = re.compile(r"\b(?:costs?|cost prices?|purchase prices?|buying prices?|einkaufspreise?|ek(?:-preise?)?|einstandspreise?)\b", re.I)
_STOCK = re.compile(
    r"\b(?:stocks?|stock-?take|inventor(?:y|ies)|counts?|counted|quantit(?:y|ies)|units|on hand|restock\w*|deliver(?:y|ies|ed)|received?|arriv\w+"
    r"|goods in"
    r"|\w*beständen?|\w*bestand|inventur\w*|zählung|gezählt|wareneingang|lieferung|geliefert|zugang|stückzahlen)\b",
    re.I,
)
_ADDS = re.compile(
    r"\b(?:restock\w*|deliver(?:y|ies|ed)|received?|arriv\w+|came in|goods in|wareneingang|lieferung|geliefert|zugang|zubuchen|dazu)\b"
    r"|\badd\b[^.;]{0,24}\b(?:units|stock|quantit(?:y|ies)|inventory)\b",
    re.I,
)
_COUNTS = re.compile(
    r"\b(?:counts?|counted|stock-?take|levels?|on hand|set|take over|overwrite|replace|inventur\w*|zählung|gezählt|übernimm|übernehmen|setze)\b", re.I
)
_TEXTS: Mapping[Field, re.Pattern[str]] = {
    "title": re.compile(r"\b(?:titles?|names?|rename|titel|namen|bezeichnungen)\b", re.I),
    "description": re.compile(r"\b(?:descriptions?|body|bod(?:y|ies)|\w*beschreibung(?:en)?)\b", re.I),
    "tags": re.compile(r"\b(?:tags|schlagw[oö]rter?)\b", re.I),
    "vendor": re.compile(r"\b(?:vendors?|brands?|hersteller|marken?)\b", re.I),
    "product_type": re.compile(r"\b(?:product types?|types|produkttypen)\b", re.I),
    "seo_title": re.compile(r"\b(?:seo|meta)\b", re.I),
    "seo_description": re.compile(r"\b(?:seo|meta)\b", re.I),
    "status": re.compile(r"\bstatus(?:es)?\b", re.I),
}  # fmt: skip
_ANY_TEXT = re.compile(r"\b(?:texts?|copy|wording|\w*texten?)\b", re.I)
_NEW = re.compile(
    r"\b(?:add|create|set up|import|new|list)\b[^.;]{0,30}\b(?:products?|items?|articles?)\b"
    r"|\b(?:neue[nr]?|anlegen|leg\w*|erstell\w*|importier\w*)\b[^.;]{0,30}\b(?:produkte?|artikel)\b|\b(?:produkte?|artikel)\b[^.;]{0,30}\b(?:an(?:legen)?|hinzu\w*)\b",
    re.I,
)
_PLAIN = re.compile(
    r"\b(?:update|apply|appl(?:y|ies)|take|use|load|import|upload|set|edit|change|adjust|bring|put|make|übernimm|übernehmen|anwenden|einlesen|importier\w*"
    r"|aktualisier\w*|setz\w*|änder\w*)\b",
    re.I,
)
_OTHER = re.compile(
    r"\b(?:delet\w*|remov\w*|archiv(?:e[ds]?|ing|ier\w*)|refund\w*|cancel\w*|hide|unpublish\w*|discontinu\w*|tag|untag|undo|revert(?!\s+to\b)|e-?mail\w*|message|notify"
    r"|on\s+sale|discounts?|lösch\w*|entfern\w*|stornier\w*|erstatt\w*|rückgängig)\b",
    re.I,
)
_LED_IN = r"^\W*(?:(?:and|so|then|hi|hello|please|just|und|bitte|can\s+you|could\s+you|would\s+you|will\s+you|let['’]?s|i\s+(?:want|need)\s+to)\W+)*"
_ASKS = re.compile(
    _LED_IN
    + r"(?:what|which|how|who|whose|when|where|why|are|is|do(?!\s+not\b)|does|did|were|has|should|shall|welche\w*|was|wie|wer|wann|wo|warum|sind|ist"
    r"|hat|haben|gibt|soll\w*)\b(?!['’]t)",
    re.I,
)
"""A question about what stands in a file changes nothing."""
_LOOKS = re.compile(
    _LED_IN + r"(?:check|compare(?![- ]at)|show|look|tell|find|explain|summari[sz]e|analy[sz]e|review|verify|validate|inspect|describe|read|open"
    r"|vergleich\w*|prüf\w*|zeig\w*|lies|erklär\w*)\b",
    re.I,
)
_TURNED = re.compile(
    r"n['’]t\b|\b(?:(?:do|does|is|are|will|should|can|did)nt|not|never|no\s+longer|leave|ignore|skip|without|except|excluding|other\s+than|if|unless|only\s+"
    r"(?:those|ones|where|when|rows|what|the\s+(?:ones|rows|first|last|top))|(?:first|last|top)\s+(?:\w+\s+)?(?:rows?|lines?)|halv\w+|half|doubl\w+|twice|tripl\w+"
    r"|tomorrow|tonight|later|schedul\w+|(?:on|for|next|every|from|until)\s+\w+day|next\s+(?:week|month)|every\s+(?:day|week|month|morning|night)|daily|weekly|monthly"
    r"|nicht|kein\w*|nie|ohne|außer|ausser|wenn|falls|morgen|später|halbier\w*|verdoppel\w*|jeden|täglich|wöchentlich|monatlich)\b",
    re.I,
)
"""Words that turn a file round, wait with it or choose among its rows: taken as it stands it would not be what they ask."""
_ALONE = re.compile(
    r"\W*(?:(?:tomar|usar|usa|reprendre|utiliser)\s+(?:este|ce|questo)\s+(?:archivo|arquivo|fichier|file)|このファイルを取り込む|采用此文件)\W*", re.I
)
"""What the panel says for whoever sends a file without words, in the languages that are not read here otherwise."""
_BY_LABEL: Mapping[str, Take] = {"change_price": "prices", "adjust_inventory": "stock", "create_product": "new"}
_SURE = 0.6
_CHANGING = frozenset({"money", "percent", "quantity", "until", "discount", "tag", "customer", "order", "top"})
"""Kinds of words that would change what a file says, or choose among it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of a file."""

    take: frozenset[Take] = frozenset()
    """Empty where the words do not say: the file's columns tell, or it is asked."""
    fields: frozenset[Field] = frozenset()
    """The only columns that are named; empty for all of the kind."""
    how: How | None = None
    """Whether units are counted or to be added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """A request with a file, told apart."""

    wanted: Wanted
    span: tuple[int, int]
    """The words about the file."""
    rest: tuple[tuple[int, int], ...] = ()
    """What else is asked, to be planned like any request."""
    beyond: tuple[int, int] | None = None
    """Words about the file that ask for more than it says: "plus 10%", "only the mugs"."""
    task: str | None = None
    """What the reader takes these words for, where it is sure and they do not say what is to be taken."""
    other: bool = False
    """They ask for what no file is for: "delete these"."""
    plain: bool = False
    """They only say that the file is to be taken: "apply this", "update them"."""


def meant(text: str, clauses: Sequence[Clause]) -> Meant:
    """
    Args:
        clauses: The request as the reader parts and marks it.
    """
    own = [clause for clause in clauses if _about(text, clause)] if len(clauses) > 1 else list(clauses)
    if len(clauses) > 1 and not own:
        own = [clause for clause in clauses if _takes(text[clause.start : clause.end])]
    if len(clauses) > 1 and not own:
        own = [clause for clause in clauses if _PLAIN.search(text[clause.start : clause.end])]
    if not own:  # whatever is asked is asked of something else
        return Meant(wanted=wanted(text), span=(0, len(text)), rest=tuple((clause.start, clause.end) for clause in clauses), other=bool(clauses))
    rest = tuple((clause.start, clause.end) for clause in clauses if clause not in own)
    span = (own[0].start, own[-1].end) if len(own) > 1 or rest else (0, len(text))
    words = " ".join(text[clause.start : clause.end] for clause in own) if rest else text
    found = wanted(words)
    sure = [name for clause in own for name, share in clause.labels[:1] if share >= _SURE] if not found.take else []
    if labels := {_BY_LABEL[name] for name in sure if name in _BY_LABEL}:
        found = Wanted(take=frozenset(labels), fields=found.fields, how=found.how)
    task = sure[0] if sure and not labels else None
    plain = bool(_PLAIN.search(words) or _ALONE.fullmatch(words))
    return Meant(
        wanted=found, span=span, rest=rest, beyond=_beyond(text, own), task=task, plain=plain,
        other=_is_other(words, plainly=plain and bool(found.take)) or not (found.take or plain or _FILE.search(words)),
    )  # fmt: skip


def _is_other(words: str, *, plainly: bool) -> bool:
    """Whether these words ask a question or for something that no file is for.

    Args:
        plainly: They also say that something is to be taken from the file.
    """
    return bool(_ASKS.search(words)) or (not plainly and bool(_OTHER.search(words) or _LOOKS.search(words)))


def wanted(words: str) -> Wanted:
    """What these words ask to be taken. "Price list" is the file's name, unless nothing else is said."""
    bare = _NOUNS.sub(" ", words)
    take = _takes(bare) or _takes(words)
    said = bare if _takes(bare) else words
    fields: set[Field] = (
        {field for field, pattern in _TEXTS.items() if pattern.search(said)} if "texts" in take and not _ANY_TEXT.search(said) else set()
    )
    if "prices" in take:
        fields |= {"compare_at_price"} if _COMPARE.search(said) else {"cost"} if _COST.search(said) else set()
    how: How | None = "add" if _ADDS.search(said) else "set" if _COUNTS.search(said) else None
    return Wanted(take=take, fields=frozenset(fields), how=how if "stock" in take else None)


def _takes(words: str) -> frozenset[Take]:
    found: set[Take] = set()
    if _PRICES.search(words):
        found.add("prices")
    if _STOCK.search(words):
        found.add("stock")
    if _ANY_TEXT.search(words) or any(pattern.search(words) for pattern in _TEXTS.values()):
        found.add("texts")
    return frozenset(found) if found else frozenset({"new"}) if _NEW.search(words) else frozenset()


def _about(text: str, clause: Clause) -> bool:
    return bool(_FILE.search(text[clause.start : clause.end]))


def _beyond(text: str, clauses: Sequence[Clause]) -> tuple[int, int] | None:
    for clause in clauses:
        for slot in clause.slots:
            words = text[slot.start : slot.end]
            plainly = not _FILE.search(words) and not _takes(words)
            if (
                slot.kind in _CHANGING
                and plainly
                or slot.kind == "product"
                and plainly
                and not re.fullmatch(r"(?:the |all )?\w*(?:products?|items?)", words, re.I)
            ):
                return slot.start, slot.end
    turned = (_TURNED.search(text, clause.start, clause.end) for clause in clauses)
    return next((found.span() for found in turned if found is not None), None)
