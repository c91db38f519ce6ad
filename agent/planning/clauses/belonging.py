"""What a condition guards: the words before it, those after it, or both.

A change is free of a condition only where the words plainly set it apart: by the end of a sentence, ";" or "and if". A pointer
("only do it if …") or a fragment ("Unless it sold well.") leads back to what stands before. What could be read either way is asked about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agent.planning.clauses.closing import asks_nothing
from agent.planning.linking.lexicon import changes
from agent.planning.linking.vocabulary import words_of

Span = tuple[int, int]

SENTENCE = re.compile(r"(?:[.?!](?=\s)|\n)\s*")
_EMPTY = frozenset({"and", "then", "but", "also", "please", "so", "only", "ok", "okay", "just", "or"})
_POINTING = frozenset({
    "do", "does", "doing", "done", "it", "that", "this", "so", "them", "these", "those", "all", "both", "go", "ahead", "make", "apply", "applies",
    "proceed", "happen", "happens", "goes", "counts", "holds", "is", "are", "be", "should", "can", "you", "i", "want", "to", "mean", "with", "of",
    "the", "change", "changes", "yes", "for", "though", "however", "now", "that's", "it's", "carry", "out", "on",
})  # fmt: skip
_NOTHING = frozenset({
    "don't", "dont", "do", "not", "no", "leave", "keep", "skip", "forget", "ignore", "nothing", "never", "mind", "as", "was", "were", "alone",
    "let", "touch", "bother", "anything", "about", "in", "which", "case", "at",
})  # fmt: skip
_QUESTION = re.compile(
    r"\W*(?:(?:please|now|also|then|and|so|ok|okay|hi|hey|hello|(?:can|could|would|will)\s+you)\W+)*"
    r"(?:what|what['’]s|which|who|whose|how|where|why|anything|(?:show|tell|give|get)\s+(?:me|us)|(?:find|search)(?!\s+and)|check|look\s+up|find\s+out"
    r"|(?:is|are|was|were|does|did|has)|(?:do|have)\s+(?:we|you|i|they|any))\b",
    re.I,
)
_DOES_IT = re.compile(r"\b(?:do|doing)\s+(?:it|that|this|so|them)\b|\bgo\s+ahead\b", re.I)
_NEGATES = re.compile(
    r"\W*(?:(?:then|and|but|please|just|so|in|which|case)\W+)*(?:(?:do|does)\s+not|don['’]?t|never|not|no|keep|skip|forget|ignore|nothing"
    r"|leave(?!\s+(?:an?|the\s+note)\b))\b",
    re.I,
)
_INSTEAD = re.compile(r"\b(?:instead|rather)\b|^\W*(?:then\s+)?(?:only\s+|just\s+)?(?:by|at|to)\b", re.I)
"""Another value for the change before: "by 20%", "lower it by 20% instead"."""
_APART = re.compile(r"(?:;|(?:^|[\s,;])(?:and|then|also))\W*$", re.I)
_BUT = re.compile(r"(?:^|[\s,;])but\W*$", re.I)
_GOES_ON = re.compile(r"\W*(?:and|also|plus)\b", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    actions: list[Span] = field(default_factory=list)
    free: list[Span] = field(default_factory=list)
    reversed: bool = False
    """What is said of the condition is that the change is not to be made then."""
    unclear: bool = False


def says_something(text: str, span: Span) -> bool:
    return any(_word(word.text) not in _EMPTY for word in words_of(text, *span))


def guarded(text: str, *, start: int, later: Span, ended: bool, strict: bool) -> Guarded:
    """What depends on a condition and what is asked anyway.

    Args:
        start: Where the condition's "if" begins.
        later: What follows the condition.
        ended: Whether a sentence ends between the condition and what follows.
        strict: Whether its word is "only if", "unless" or the like, which bind to what stands before.
    """
    sentence = max((m.end() for m in SENTENCE.finditer(text, 0, start)), default=0)
    told, within = (0, sentence), (sentence, start)
    before, after = text[sentence:start], text[later[0] : later[1]]
    pointing = _points_only(before)
    own = says_something(text, within) and not pointing
    free, changed = ([told], [within]) if own else _asked_and_changed(text, told)
    free = [span for span in free if says_something(text, span)]
    if not says_something(text, later):
        return Guarded(actions=changed or free, free=free if changed else [])
    if _is_nothing(after):
        return Guarded(actions=changed, free=free, reversed=not strict)
    if _points_only(after):
        return Guarded(actions=changed or free, free=free if changed else [])
    if (own and _only_asks(before)) or not changed:
        return Guarded(actions=[later], free=[*free, *changed])
    if own and _is_of_its_own(after):
        return Guarded(actions=changed, free=[*free, later])
    apart = _APART.search(before) is not None if own else not (pointing or ended)
    if not apart and not _BUT.search(before):
        return Guarded(actions=[*changed, later], free=free)
    if _BUT.search(before) or _NEGATES.match(after) or _INSTEAD.search(after):
        return Guarded(actions=[*changed, later], free=free, unclear=not strict)
    if _DOES_IT.search(after) or _GOES_ON.match(after):
        return Guarded(actions=[*changed, later], free=free)
    return Guarded(actions=[later], free=[*free, *changed])


_JOINED = re.compile(r"\W*(?:(?:and|also|plus|please|pls)\W+)+", re.I)
_LEANS = re.compile(
    r"\b(?:it|its|them|their|they|those|these|that|this|both|too|as\s+well|then|so|same|instead|else|otherwise|there|only|if|unless)\b", re.I
)
_TELLING = frozenset({
    "write", "send", "email", "mail", "message", "tell", "show", "give", "list", "reply", "answer", "draft", "check", "post", "prepare", "refund",
    "what", "which", "who", "how",
})  # fmt: skip


def _is_of_its_own(after: str) -> bool:
    """Whether what follows a condition that trails its change is joined to it as another thing asked, with a verb and records of its own:
    "drop the bowl to 9 if it sold less than 10, and write a post about the scarves".
    """
    joint = _JOINED.match(after)
    words = words_of(after[joint.end() :]) if joint else ()
    if len(words) < 3 or _LEANS.search(after):
        return False
    return changes(words[0].text) or words[0].text.lower() in _TELLING


def _asked_and_changed(text: str, told: Span) -> tuple[list[Span], list[Span]]:
    """The sentences before: those that only ask, and from the first on that may change something."""
    at = 0
    for end in [*(m.end() for m in SENTENCE.finditer(text, *told)), told[1]]:
        if says_something(text, (at, end)) and not _only_asks(text[at:end]):
            return ([(0, at)] if at else []), [(at, told[1])]
        at = end
    return [told], []


def _only_asks(said: str) -> bool:
    """One question and no change beside it."""
    words = [_word(word.text) for word in words_of(said)]
    while words and words[-1] in _EMPTY:
        words.pop()
    return _QUESTION.match(said) is not None and not any(w in ("and", "then") or changes(w) for w in words)


def _points_only(said: str) -> bool:
    words = [_word(word.text) for word in words_of(said)]
    return bool(words) and any(word not in _EMPTY for word in words) and all(word in _POINTING or word in _EMPTY for word in words)


def _is_nothing(said: str) -> bool:
    words = [_word(word.text) for word in words_of(said)]
    plain = all(word in _NOTHING or word in _POINTING or word in _EMPTY for word in words)
    return asks_nothing(said) or (_NEGATES.match(said) is not None and plain)


def _word(text: str) -> str:
    return text.lower().replace("’", "'")
