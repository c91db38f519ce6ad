"""What leads from one request to the next and asks for nothing: "now the fun part: …", "and before I forget, …", "once that's sorted, …".

Nobody could list all that is said so; what it is made of is known all the same. It speaks of the talk itself (a question, a point, the next
thing), of who talks (I forget, you are at it), or of what was asked before as done; it begins where something begins anew and ends where the
next request begins; it names nothing of the shop, no amount and no time; and the next request says itself what it is about. It is passed over
before anything is read, as a request's dress is, since the reader takes its words for those of the requests beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.planning.clauses.closing import is_dictated
from agent.planning.clauses.joints import asks
from agent.planning.language.calendar_words import MONTHS, WEEKDAYS
from agent.planning.language.courtesies import FRAME, VERB, VERBS
from agent.planning.language.respelled import Respelled, Slip, respelled
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.vocabulary import Vocabulary, words_of

_LONGEST = 2000
"""Characters from which a text is something pasted."""
_JOINS = r"(?:and|but|plus|then|so|also)\b"
_OH = r"(?:oh?h|ah+|right|ok|okay|yes|yeah|yep|well|sorry|wait|great|cool|good|perfect|alright|fine)"
_BEGINS = re.compile(
    rf"(?:^|(?:[.!?;:…]+|\s[–—-])\s+|\n\s*|,\s+|\s(?={_JOINS}))(?:{_JOINS}(?!['’])[\s,]*)*(?P<oh>(?:{_OH}\b[\s,.!…]+)*)",
    re.I,
)
_W = r"[a-z][a-z'’]*"
_SOME = rf"(?:\s+{_W}){{0,6}}?"
_ORDINAL = r"(?:first|second|third|fourth|fifth|sixth|next|last|final|other|another|remaining)"
_ITS = r"(?:['’]s|\s+(?:is|was|are|were|would\s+be|will\s+be|comes|goes))"
_SAID = r"(?:thing|point|part|bit|stuff|question|request|topic|matter|favou?r|issue|concern|something|errand|chore|to-?do|task|job)s?"
_LEADS_TO = (
    r"(?:(?:now|here(?:['’]s|\s+comes|\s+is)|that(?:['’]s|\s+was|\s+is)|there(?:['’]s|\s+is|\s+was)|i(?:['’]ve\s+got|\s+have(?:\s+got)?)"
    r"|next|back|on|to|for|with|about|still)\s+){0,3}"
)
_OF_THE_TALK = (
    rf"{_LEADS_TO}(?:(?:an?|the|my|our|your|one|some|number|just|only|more|{_ORDINAL})\s+)+(?:{_W}\s+){{0,2}}?{_SAID}{_SOME}",
    rf"now\s+(?:on\s+)?(?:to|for)\s+something{_SOME}",
    rf"on\s+(?:an?|another|the|a\s+more)\s+(?:{_W}\s+){{0,2}}?(?:note|subject|topic|matter|front)s?",
    r"(?:(?:the\s+)?next|new|another|different|change\s+of|to\s+change\s+the|changing\s+the)\s+(?:subject|topic|item|point)",
    rf"(?:that(?:['’]s|\s+was|\s+is)\s+(?:the\s+)?{_ORDINAL}(?:\s+one)?\W+)?(?:the\s+)?{_ORDINAL}(?:\s+one)?{_ITS}{_SOME}",
    rf"(?:the\s+rest|another\s+one|one\s+more){_ITS}{_SOME}",
    r"(?:another|one\s+more)(?:\s+one)?(?:\s+for\s+(?:you|me|us|today|now))?",
    r"(?:one\s+more\s+)?for\s+(?:you|me)",
    r"number\s+(?:one|two|three|four|five|six)",
    rf"there(?:['’]s|\s+is|\s+are)\s+(?:{_W}\s+)?more{_SOME}",
    r"what\s+else(?:\s+(?:is|was)\s+there|\s+do\s+i\s+need|\s+was\s+it)?",
    r"(?:in\s+addition(?:\s+to\s+(?:that|this|it|all\s+that))?|on\s+top(?:\s+of\s+(?:that|this|it|all\s+that))?|(?:apart|aside)\s+from\s+(?:that|this)|other\s+than\s+that|besides(?:\s+(?:that|this))?"
    r"|beyond\s+that|in\s+the\s+meantime|meanwhile|at\s+the\s+same\s+time|in\s+the\s+same\s+breath|along\s+with\s+that|as\s+for\s+the\s+rest\s+of\s+my\s+list)",
)  # fmt: skip
_TALKS = (
    r"(?:forg[eo]t\w*|remember(?:ed)?|th(?:ink|ought)|ask(?:ed)?|sa(?:y|id)|mention(?:ed)?|talk(?:ing|ed)?|speak(?:ing)?|wonder(?:ed|ing)?|go(?:ing)?|le(?:ave|aving)|off|here|there|at\s+(?:it|this|that)|on\s+(?:it|this|that)"
    r"|about\s+(?:it|to)|quick|fast|kind|nice|good|busy|done|miss(?:ed)?|run(?:ning)?|log\s+off|call\s+it\s+a\s+day)"
)
_OF_WHO_TALKS = (
    rf"(?:(?:before|while|since|as|because|now\s+that|seeing|in\s+case|if|when|whilst|and)\s+)?(?:i|we|you)(?:['’](?:m|ve|re|d|ll)|\s+(?:am|are|have|had|was|were|will|would|should))?(?:\s+(?:{_W})){{0,3}}?\s+{_TALKS}{_SOME}",
    r"let\s+me\s+(?:think|see|check|remember|have\s+a\s+look)",
    r"(?:moving|carrying|going|getting)\s+(?:straight\s+)?(?:on|back|along)(?:\s+to\s+(?:the\s+)?(?:next|other)(?:\s+\w+)?)?",
    rf"(?:before\s+)?(?:it\s+slips|that\s+reminds|it\s+reminds|it\s+occurs|it\s+comes){_SOME}",
)  # fmt: skip
_OF_A_NAME = (
    rf"(?:(?:while|since|as)\s+(?:we|i|you)(?:['’](?:m|re)|\s+(?:am|are))\s+(?:{_W}\s+){{0,2}}?(?:on|at|talking|speaking)"
    r"(?:\s+(?:the\s+)?(?:subject|topic|theme))?"
    rf"|speaking|talking|(?:still\s+)?on\s+the\s+(?:subject|topic|theme))\s+(?:of|about)(?:\s+{_W}){{1,3}}?"
)
_ADVERB = r"(?:(?:totally|completely|entirely|quite|somewhat|rather|more|most|very)\s+)?(?:[a-z]{3,}ly|unrelated)(?=\s*[,:])"
_FINISHED = (
    rf"(?:once|when|after|as\s+soon\s+as|now\s+that)\s+(?:(?:all\s+(?:of\s+)?)?(?:that|this|it)|everything|you|all)(?:['’](?:s|re|ve)|\s+(?:is|are|was|has\s+been|have\s+been|have|has))?(?:\s+(?:all|both|finally))?"
    rf"\s+(?:done|finish(?:ed)?|sorted|through|ready|completed?|settled|over|out\s+of|fixed|handled|taken\s+care|behind|dealt){_SOME}"
)
_ENDS = rf"(?P<mark>\s*(?:[,:.!;…]+|\s[–—-])+\s+|\s+(?=(?:{VERBS}|how\s+(?:many|much)|what|which|who|can|could|please)\b))"
_TRANSITION = re.compile(
    rf"(?:(?P<finished>{_FINISHED})|(?P<named>{_OF_A_NAME})|(?P<adverb>{_ADVERB})|(?P<said>{'|'.join((*_OF_THE_TALK, *_OF_WHO_TALKS))})){_ENDS}",
    re.I,
)
_SIGN = re.compile(
    r"\b(?:thing|point|part|bit|stuff|question|request|topic|matter|favou?r|issue|concern|something|errand|chore|to-?do|task|job|note|subject|front|next|first|second|third|last|other|another|rest|number|more|else|[a-z]{3,}ly"
    r"|unrelated|addition|on\s+top|apart|aside|besides|beyond|mean(?:time|while)|same|along|i|we|you|let\s+me|on|back|slips|reminds|occurs|of|done|finish\w*|sorted|through|ready|complete\w*|settled|over|out|fixed|handled|care"
    r"|behind|dealt)\b",
    re.I,
)
"""One of these words is in every transition."""
_SAYS_MORE = re.compile(
    r"[\d%€$£#@\"“„«”/]|(?<=\s)(?-i:[A-ZÀ-Þ](?!['’\s]))|\b(?:not|no|never|only|just\s+the|except|without|until|till|unless|every|each|all\s+the|automatically|permanently|temporarily|respectively|weekly|monthly|daily|yearly|hourly"
    r"|quarterly|reply|supply|today|tomorrow|yesterday|tonight|week\w*|months?|years?|days?|mornings?|seasons?|quarters?|orders?|customers?|reviews?|messages?|mails?|e-?mails?|prices?|stock|title|text|tags?)\b|n['’]t\b",
    re.I,
)  # fmt: skip
"""What is no mere transition: a number, a name, a time, a restriction, things of a shop."""
_TIMES = (frozenset(MONTHS) | frozenset(WEEKDAYS)) - {"may", "mar", "sun", "sat", "wed"}
_OWN = re.compile(
    r"\d{3,}|[\"“„«#]|(?<=\s)(?-i:[A-ZÀ-Þ][\w’'-]+)|\b(?:all|every|each|everything|everyone|drafts?|orders?|customers?|collections?|codes?|discounts?|coupons?|reviews?|messages?|automations?|products?|newsletters?|posts?|stock"
    r"|catalogue|shop|store|sales|revenue)\b",
    re.I,
)
_GOVERNS = re.compile(
    r"\b(?:to|you|i|we|they|he|she|that|if|whether|and|or|should|could|would|will|can|must|might|may|about|let|just|even|of)\s*$|^(?:i|we|you)\b",
    re.I,
)
"""Words that lead to the verb itself, without a mark between: "I nearly asked you to ‖ cancel it"."""
_LEANS = re.compile(r"\b(?:it|them|those|these|ones?|others?|rest|same|both)\b", re.I)
_STOP = re.compile(r"[.!?;\n](?:\s|$)")


def without_transitions(text: str, vocabulary: Vocabulary, *, opened: bool = False) -> Respelled:
    """The text without what only leads from one request to the next; after what was to be done first stands "then".

    Args:
        opened: It goes on with a conversation, where "the second one is …" at its beginning may be of what was shown.
    """
    if len(text) > _LONGEST or _SIGN.search(text) is None:
        return Respelled(text=text)
    return respelled(text, list(_slips(text, vocabulary, 1 if opened else 0)))


def _slips(text: str, vocabulary: Vocabulary, past: int) -> Iterator[Slip]:
    for begins in _BEGINS.finditer(text):
        found = _TRANSITION.match(text, begins.end()) if begins.end() >= past else None
        if found is None or not _is_transition(text, found, vocabulary) or is_dictated(text, found.start()):
            continue
        if (found["finished"] or found["named"]) and not text[: begins.start()].strip():
            continue
        if found["adverb"] and not begins[0].strip(" ,.;:!?\n"):
            continue  # the reader knows "secondly, …" at the beginning of a sentence
        past = found.end()
        start = begins.start("oh") if begins["oh"] else found.start()
        yield Slip(start=start, end=past, typed=text[start:past], meant="then " if found["finished"] else "")


def _is_transition(text: str, found: re.Match[str], vocabulary: Vocabulary) -> bool:
    said = text[found.start() : found.start("mark")]
    words = words_of(said)
    if _SAYS_MORE.search(said) or any(word.text.lower() in _TIMES for word in words):
        return False
    if not found["mark"].strip() and _GOVERNS.search(said):
        return False
    if VERB.match(said) or (asks(said) and not said.lower().startswith("what else")):
        return False
    if found["named"] is None and any(vocabulary.names_goods(word.stem) for word in words if word.text.lower() not in COMMON):
        return False
    if found["finished"] and VERB.match(text, found.end()):
        return True  # what it says of "it" is of what was done first
    return stands_alone(text, found.end(), vocabulary)


def stands_alone(text: str, at: int, vocabulary: Vocabulary) -> bool:
    """Whether what follows asks for something, and says itself of what."""
    stop = _STOP.search(text, at)
    rest = text[at : stop.start() if stop is not None else len(text)]
    while (again := FRAME.match(rest)) is not None:
        rest = rest[again.end() :]
    if asks(rest):
        return True
    if VERB.match(rest) is None:
        return _TRANSITION.match(text, at) is not None
    own = _OWN.search(rest) is not None or any(vocabulary.names_goods(word.stem) for word in words_of(rest) if word.text.lower() not in COMMON)
    return own and (_LEANS.search(rest) is None or _OWN.search(rest) is not None)
