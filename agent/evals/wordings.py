"""What metamorphic relations are made with: other clothes for a request, joints, restrictions, ways to speak of a change and not ask for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

ASKS = re.compile(r"(?:what|which|who|whose|how|when|where|why|is|are|was|were|do|does|did|has|have|had|any|am|will)\b", re.I)
LEANS = re.compile(
    r"\b(?:it|its|them|they|their|those|these|this|that|there|him|her|his|she|he|same|instead|again|else|others?|rest|too|also|ones?|both)\b", re.I
)
COMMANDS = frozenset(
    re.findall(
        r"\w+",
        """add adjust anonymise announce answer apply approve archive assign build cancel categorise change charge check clear
        close compare correct create cut decrease delete describe draft drop duplicate email end erase export extend fill find
        fix flag forget fulfil generate get give hide increase knock label list lower make mark move pause post prepare price
        publish pull push put raise receive reduce refund reject remove rename reopen reply report respond restock resume return
        round schedule send set ship show stop sum tag take tell translate turn unpublish update wipe withdraw write""",
    )
)
"""Verbs that a request begins with where "please" and "don't" can stand before it."""

ANY_REQUEST = {
    "capitals": "{upper}",
    "greeting": "hey, {within}",
    "ok so": "ok so {within}",
    "thanks": "{bare}, thanks",
    "letter": "Hi there,\n{text}\nBest, Tom",
    "list mark": "- {text}",
    "dear": "Dear assistant, {within}.",
    "cheers": "{bare} cheers",
    "um": "um {within}",
    "!!!": "{bare}!!!",
    "good morning": "good morning! {text}",
    "task": "Task: {text}",
}
COMMAND = {
    "please": "please {within}",
    "can you": "can you {within}?",
    "could you please": "could you please {within} for me?",
    "want you to": "i want you to {within}",
    "we need to": "we need to {within}",
    "would like to": "I'd like to {within}, please",
    "go ahead": "go ahead and {within}",
    "just": "just {within} real quick",
    "would you": "would you be so kind and {within}?",
    "need you": "need you to {within} pls",
    "time to": "it's time to {within}",
    "let's": "let's {within}",
    "you can": "you can {within} now",
    "kindly": "kindly {within}",
    "help me": "help me {within}",
}
QUESTION = {
    "quick question": "quick question: {within}?",
    "hi": "hi, {within}? thanks!",
    "wondering": "I was wondering, {within}?",
    "need to know": "I need to know: {within}",
}

JOINTS: Mapping[str, str] = {
    "and": "{0} and {1}",
    "comma": "{0}, {1}",
    "full stop": "{0}. {1}.",
    "then": "{0}, then {1}",
    "line": "{0}\n{1}",
    "and also": "{0} and also {1}",
    "semicolon": "{0}; {1}",
    "plus": "{0}, plus {1}",
    "list": "1. {0}\n2. {1}",
    "oh and": "{0}. oh and {1}",
    "first": "first {0}, after that {1}",
    "when done": "{0} and when that's done {1}",
    "dash": "{0} - {1}",
    "oh yes": "{0}, oh yes, and {1}",
    "also please": "{0}. also please {1}",
    "two things": "two things: {0} and {1}",
    "while at it": "{0} and while you're at it {1}",
    "bullets": "* {0}\n* {1}",
    "on top": "{0}, on top of that {1}",
    "next": "{0}. next: {1}",
    "finally": "{0}, and finally {1}",
}

_OF_GOODS = (
    "but only those under 20 euros",
    "except the blue ones",
    "that we have more than 50 of",
    "made by Nordhem",
    "without a picture",
    "in size M only",
    "that did not sell this year",
    "not the two dearest",
    "only the first three",
    "but leave out the drafts",
    "as long as they cost more than 30 euros",
    "apart from the green ones",
    "of which fewer than 5 are left",
    "which nobody has bought since summer",
    "in black",
    "excluding whatever is on sale",
    "but spare the cheapest one",
    "only the best selling five",
    "with no reviews",
    "added this month",
    "if they are published",
)
RESTRICTIONS: Mapping[str, Sequence[str]] = {
    "product": _OF_GOODS,
    "variant": _OF_GOODS,
    "order": (
        "from Berlin only",
        "but only those over 100 euros",
        "except the unpaid ones",
        "from last week",
        "with a discount code",
        "not the first one",
        "only the two newest",
        "placed yesterday",
        "from customers in France",
        "but not the paid ones",
        "worth more than 80 euros",
        "with two items or more",
        "only the latest",
        "older than a week",
        "apart from the biggest one",
    ),
    "customer": (
        "from Berlin only",
        "who spent more than 200 euros",
        "except those from Austria",
        "who ordered last month",
        "but not the ones tagged vip",
        "only the three best",
        "living in Hamburg",
        "with at least three orders",
        "who never returned anything",
        "apart from the Austrians",
        "who joined this year",
        "just the first ten",
    ),
}
"""By the kind of record that a change is about."""

CIRCUMSTANCES = (
    "every Monday",
    "tomorrow at 9",
    "if we have more than 20 left",
    "unless it rains",
    "once Anna has agreed",
    "for members only",
    "on Instagram",
    "in the Hamburg branch",
    "in our second shop",
    "each morning",
    "in two hours",
    "provided that the margin stays above 30%",
    "after the sale is over",
    "when my boss says yes",
    "for wholesale buyers",
    "on Amazon",
    "as soon as the new stock arrives",
    "during the night",
    "for one day",
)
"""Times, conditions and places that a change may hang on."""

NOT_ASKED = (
    "don't {0}",
    "please do not {0} yet",
    "never {0}",
    "how do I {0}?",
    "should I {0}?",
    "what happens if I {0}?",
    "do not {0} without asking me",
    "did anybody {0}?",
    "I was going to {0} but changed my mind",
    "Tom wanted to {0}, what do you think?",
    "who is allowed to {0}?",
    "is it a good idea to {0}?",
    "I don't want you to {0}",
    "my colleague will {0} himself",
    "explain what it means to {0}",
    "why would anyone {0}?",
    "I forgot how to {0}",
    "no need to {0}",
    "can my staff {0}?",
    "I would never {0}",
    "we discussed whether to {0}",
    "let's not {0} for now",
    "is there a way to {0}?",
    "there's no reason to {0}",
    "my accountant asked me to {0} but I don't want that",
    "show me how one would {0}",
    "hold off, don't {0} until I say so",
    "if I asked you to {0}, what would you do?",
    "yesterday you were told to {0}, how did it go?",
)


def clothes(text: str, within: str, *, command: bool) -> Iterator[tuple[str, str]]:
    """Ways to say the same, by name.

    Args:
        within: The words as they stand in the midst of a sentence.
        command: It begins with a verb.
    """
    bare = text.rstrip(" .!?")
    frames = ANY_REQUEST | (COMMAND if command else {}) | (QUESTION if ASKS.match(text) else {})
    for name, frame in frames.items():
        yield name, frame.format(text=text, upper=text.upper(), bare=bare, within=within)
    yield "small letters", text.lower()
    yield "two spaces", text.replace(" ", "  ")
    if (slipped := slip(text)) is not None:
        yield "slip of the finger", slipped


def slip(text: str) -> str | None:
    """Two letters changed about in the middle of its longest word in small letters."""
    if not (words := re.findall(r"[a-z]{6,}", text)):
        return None
    word = max(words, key=len)
    at = len(word) // 2
    return text.replace(word, word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :], 1)
