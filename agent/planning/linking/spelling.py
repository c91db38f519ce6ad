"""Slips of the pen in words that say what to do: "refund the shippign", "remoue the tag".

A merchant who types fast loses a letter of "remove" as easily as one of "mug". What goods are called the linker finds all the same; but a
misspelt "remove" reads as nothing, and the tag beside it would be put on. So a word that nobody knows, and that is one slip away from a word
of the tasks, is read as that word, and the plan says so.

Never touched: what stands in quotes, has a digit or a capital in it (but at the beginning of a sentence), or is the shop's own; and what the
reader takes for a name or for the text of a field, which is the caller's to leave out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from string import ascii_lowercase

from rapidfuzz import process
from rapidfuzz.distance import OSA

from agent.planning.language.calendar_words import MONTHS, WEEKDAYS
from agent.planning.language.respelled import Slip
from agent.planning.linking.lexicon import ASKING, COMMON, DOING
from agent.planning.linking.vocabulary import Vocabulary, stem
from agent.sdk import Task

_SHORTEST = 5
"""Letters of a word that others are read as: "sale" is one letter from too much."""
_SHORTEST_VERB = 4
"""Letters of a verb that begins a request and is read with two letters changed about."""
_LONG = 8
"""Letters from which two slips are taken for slips."""
_MOST_UNKNOWN = 0.4
"""Share of unknown words from which a text is taken for another language."""
_CLEARLY = 3
"""So many times as common a word must be among the tasks as another that is as near."""
_LEAVING_OUT = ("sparing", "skipping", "omitting", "excluding", "exempting")
"""No slips, however rare: read as another word, what they leave out would not be left out."""
_COMMON_ENOUGH = 2
"""So many tasks must use a word for one of five letters or fewer to be read as it: short words are near too many others."""
_UNMARKED = frozenset({
    "theyre", "youre", "theyve", "youve", "whove", "weve", "theyll", "youll", "thatll", "thats", "whats", "wheres", "theres", "heres", "lets",
    "dont", "wont", "cant", "didnt", "doesnt", "isnt", "arent", "wasnt", "werent", "hasnt", "havent", "hadnt", "shouldnt", "couldnt", "wouldnt",
    "mustnt", "aint",
})  # fmt: skip
"""Words without their apostrophe."""
_TIMES = (
    "today", "yesterday", "tomorrow", "tonight", "morning", "evening", "weekend", "weeks", "month", "months", "quarter", "years", "until",
    "since", "before", "after", "between", "during", "through", "euros", "dollars", "pounds", "cents", "percent", "everything", "everyone",
    "please", "should", "could", "would", "without", "except", "again", "instead", "under", "above", "below", "spring", "summer", "autumn",
    "winter", "christmas", "their", "there", "these", "those",
)  # fmt: skip
_WORD = re.compile(r"(?<![\w@#./’'-])[A-Za-z]{3,24}(?![\w@/]|['’-]\w|\.\w)")
_QUOTED = re.compile(r"[\"“„«][^\"”“»]*[\"”“»]|(?<!\w)['‘][^'’]+['’](?!\w)")
_BEGINS = re.compile(r"(?:[.!?\n,;]|\b(?:and|then|please|also))\s+$", re.I)
_ENDINGS = ("s", "es", "ed", "d", "ing", "er", "r", "ers", "ly", "y", "able")
_BEGINNINGS = ("un", "re", "pre", "over", "non", "mis", "out", "sub")


class Spelling:
    """The words of the tasks, and what is read as one of them."""

    def __init__(self, tasks: Iterable[Task], knows: Callable[[str], bool]) -> None:
        """
        Args:
            knows: Whether something is a word of the language.
        """
        tasks, said, examples = list(tasks), Counter[str](), Counter[str]()
        for task in tasks:
            said.update(_words_of(task))
            examples.update(_words(task.examples))
        said.update(word for word in (*DOING, *ASKING, *COMMON, *_TIMES, *MONTHS, *WEEKDAYS, *_LEAVING_OUT) if word.isalpha())
        said.update({word: n for word, n in examples.items() if n > 2})
        self._knows = knows
        own = frozenset(said) | frozenset(examples)
        self._own = own | _UNMARKED
        self._roots = {word.removesuffix(e) for word in own for e in ("s", "ed", "d", "ing") if word.endswith(e) and len(word) - len(e) > 3}
        self._meant = {word: n for word, n in said.items() if len(word) >= _SHORTEST}
        self._leading = frozenset((*DOING, *ASKING, *_TIMES, *(example.split(" ")[0].lower() for task in tasks for example in task.examples)))
        self._by_letter = {letter: [word for word in sorted(self._meant) if word[0] == letter] for letter in {word[0] for word in self._meant}}

    def slips(self, text: str, vocabulary: Vocabulary) -> Sequence[Slip]:
        """The words that are likely slips; none in a text most of which is unknown."""
        words = [match for match in _WORD.finditer(_without_quotes(text)) if self._is_plain(match, text)]
        unknown = [match for match in words if not self._is_word(match[0].lower(), vocabulary)]
        long = [match for match in unknown if len(match[0]) >= _SHORTEST_VERB]
        if not unknown or len(long) > max(2, _MOST_UNKNOWN * len(words)):
            return []
        return list(self._read(unknown))

    def _read(self, unknown: Iterable[re.Match[str]]) -> Iterator[Slip]:
        for match in unknown:
            typed = match[0]
            leads = not match.string[: match.start()].strip() or _BEGINS.search(match.string, 0, match.start()) is not None
            if meant := (self._verb_meant(typed.lower()) if leads else "") or (self._nearest(typed.lower()) if len(typed) > 3 else ""):
                meant = meant.upper() if typed.isupper() else meant.capitalize() if typed[0].isupper() else meant
                yield Slip(start=match.start(), end=match.end(), typed=typed, meant=meant)

    def _is_plain(self, match: re.Match[str], text: str) -> bool:
        """Whether it is written as a word and no name: small, or as all the text is, or only begun large where a sentence begins."""
        if match[0].islower() or text.isupper():
            return True
        begins = re.search(r"(?:^|[.!?\n])\s*$", text[max(0, match.start() - 8) : match.start()]) is not None
        return begins and match[0][1:].islower()

    def _is_word(self, word: str, vocabulary: Vocabulary) -> bool:
        forms = [
            word,
            *(word.removesuffix(e) for e in _ENDINGS if word.endswith(e) and (e != "d" or word.endswith("ed"))),
            *(word.removeprefix(b) for b in _BEGINNINGS if word.startswith(b)),
        ]
        if word in self._roots or any(form in self._own or self._knows(form) for form in forms if form == word or len(form) > 3):
            return True
        return vocabulary.knows(word) or vocabulary.knows(stem(word))

    def _may_be(self, name: str, word: str) -> bool:
        common = len(word) > 5 or self._meant[name] >= _COMMON_ENOUGH or name in self._leading
        return common and not _is_another_form(name, word)

    def _verb_meant(self, word: str) -> str:
        """The short verb that a request begins with, two letters of which are changed about or one of which is typed twice: "hdie", "seend"."""
        forms = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
        if len(word) < _SHORTEST_VERB:
            forms = {word[:at] + letter + word[at:] for at in range(1, len(word) + 1) for letter in ascii_lowercase}
        forms |= {word[:at] + word[at + 1 :] for at in range(1, len(word)) if word[at] in (word[at - 1], *word[at - 2 : at - 1])}
        meant = {form for form in forms if len(form) >= _SHORTEST_VERB and form in self._leading}
        return meant.pop() if len(meant) == 1 else ""

    def _nearest(self, word: str) -> str:
        most = 2 if len(word) >= _LONG else 1
        found = process.extract(word, self._by_letter.get(word[0], ()), scorer=OSA.distance, score_cutoff=most, limit=None)
        found = [(name, distance, at) for name, distance, at in found if self._may_be(name, word)]
        if not found:
            return ""
        least = min(distance for _, distance, _ in found)
        near = sorted((name for name, distance, _ in found if distance == least), key=lambda name: (-self._meant[name], name))
        clear = len(near) == 1 or self._meant[near[0]] >= _CLEARLY * self._meant[near[1]] or stem(near[0]) == stem(near[1])
        return near[0] if clear else ""


def _is_another_form(name: str, word: str) -> bool:
    """Whether they differ in nothing but their last letter, as "shorten" and "shorter" do, which is seldom a slip."""
    return word[:-1] == name[:-1] or (word == name[:-1] and len(word) < 6) or (word[:-1] == name and len(word) < 7)


def _without_quotes(text: str) -> str:
    return _QUOTED.sub(lambda quoted: "\0" * len(quoted[0]), text)


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in re.findall(r"(?<![’'\w])[a-z]+(?![’'\w])", text.lower().replace("_", " ")))


def _words_of(task: Task) -> frozenset[str]:
    texts = [task.name, task.summary, *task.args.decisive]
    for slot in task.slots:
        texts += [slot.name, *slot.cues, *slot.choices, *(phrase for phrases in slot.phrases.values() for phrase in phrases)]
    return _words(texts)
