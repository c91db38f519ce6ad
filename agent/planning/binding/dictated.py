"""What somebody is to be told or sent, in the merchant's own words: "write to her saying …", "tell them that …"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.planning.binding.people import WHO_DID
from agent.planning.binding.scope import Bound, Scope
from agent.planning.language.values import Named, Spot, Words
from agent.planning.linking.vocabulary import stem
from agent.sdk import Slot

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
_THE_WORD = re.compile(
    r"\b(?:with|using|use|including|containing)\s+the\s+words?\s+"
    r"(?P<text>[^\W\d_][\w’'-]*(?:\s+(?:and\s+)?[^\W\d_][\w’'-]*)?)(?=\W*$)",
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
    words = mention or next((s for s in bound.task.slots if "mention" in s.cues and "texts" in s.types), None)
    word = _THE_WORD.search(bound.piece.said) if words is not None and words.name not in bound.args else None
    if words is not None and word is not None:
        _put_words(bound, words, word, re.split(r"\s+and\s+", word["text"].strip()))
    ours = _WITH_OURS.search(bound.piece.said) if mention is not None and mention.name not in bound.args else None
    if mention is not None and ours is not None:
        _put_words(bound, mention, ours, [ours["text"].strip()])


def _put_words(bound: Bound, slot: Slot, said: re.Match[str], value: str | list[str]) -> None:
    spot = Spot(start=bound.piece.start + said.start(), end=bound.piece.start + said.end())
    if not bound.takes(spot):
        bound.args[slot.name] = value
        bound.taken.append(spot)


_DOING_SO = re.compile(
    r"(?:^|[,.;]|\band\b|\bwith(?=\s+(?:(?:an?|our|many)\s+)?(?:apology|apologies|thanks?|thank|explanation))|\s(?=(?:offer|promis|invit|thank|apologi[sz]|explain)ing\b))\s*"
    r"(?:(?:and|then|please)\s+)*(?P<text>(?:(?:(?:an?|our|many)\s+)?(?:apology|apologies|explanation|thank\s+you|thanks)|(?:offer|promis|invit|thank|apologi[sz]|explain)ing|apologi[sz]e|say\s+sorry|offer|thank|promise|explain|invite|assure|suggest|reassure|ask|remind|wish|encourage)\b.*?)\W*$",
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
    r"\s+(?P<text>(?:the|their|his|her|our|my|a|an|we|they|it|there)\b(?=(?:\s+\S+){0,4}?\s+(?:is|are|was|were|will|has|have|had|can|cannot|can't|won't|should|ships?|shipped|arrives?|comes?|goes|went|leaves?|left|starts?|ends?|takes?)\b).*?)\W*$",
    re.I | re.S,
)
"""What is told without a "that"; a message whose purpose is known needs no words for it."""


_GREETS = re.compile(r"(?:sorry|thanks|thank\s+you|hi|hello|goodbye|bye|congratulations|happy\s+\w+|merry\s+\w+)(?:\s+to\b|\W*$)", re.I)


def take_saying(bound: Bound, scope: Scope) -> None:
    """What a message, a reply or a page is to say, to its last word: "tell her that it arrives on Friday at ten"."""
    slot = next((s for s in bound.task.slots if s.types == ("text",) and {"that", "that says", "say that"} & set(s.cues)), None)
    if bound.task.effect != "draft" or slot is None or slot.name in bound.args:
        return
    piece = bound.piece.said
    said = (_SAYING if "that" in slot.cues else _SAYS).search(piece)
    if said is not None and _GREETS.match(said["text"]):
        said = None  # "say sorry to Anna Schmidt" says to whom, and no word of it
    if said is not None and "that" in slot.cues and not _TELLS.search(piece[: said.start("text")]):
        said = None
    if said is None and "telling them" in slot.cues:
        said = _DOING_SO.search(piece)
        if said is not None and not piece[: said.start("text")].strip(" ,.;") and not (scope.earlier and scope.earlier[-1].bound.task is bound.task):
            return  # "thank the customers who left 5 stars" says whom, and not only what
    if said is None and "telling them" in slot.cues and (told := _TELLS_WHAT.search(piece)) is not None:
        more = any(told.start("text") <= v.start - bound.piece.start for v in bound.piece.values.items if not isinstance(v, Words))
        said = told if more or "purpose" not in bound.args else None  # "it will be two days late" says more than that it is late
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
