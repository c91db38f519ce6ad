"""A request without its dress: "Hi there, could you just tag order 1037 as gift when you get a chance? Best, Tom" is "tag order 1037 as gift".

The reader was taught on plain requests, and every word around one is a word that may be taken for part of a tag, a title or a name; so what is
dress by its form alone is passed over before anything is read, here and nowhere else. What is to be written into the shop or to somebody is kept
as it was typed: quotes, and what follows a colon or "saying". Spots are told by `Respelled`, which knows the way back to what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.planning.clauses.closing import QUOTES, is_dictated
from agent.planning.language import courtesies as said
from agent.planning.language.respelled import Respelled, Slip, respelled

_TAIL = 160
"""Characters of an end that may be dress: looked for in all of a long text it would take too long."""
_LONGEST = 2000
"""Characters from which a text is no request that somebody has dressed, but something pasted."""
_SENTENCE = re.compile(r"(?:(?<=[.!?])\s+|\n\s*)(?=\S)")
_WRITTEN = re.compile(
    r"\b(?:descriptions?|titles?|notes?|captions?|subject|message|texts?|comment|headline|body|tags?|name|post|slogan|content|section|reply|answer|e-?mail)"
    r"(?:\s+[\w#’'-]+){0,8}?\s*:",
    re.I,
)
"""What follows is to be written as it stands."""
_CERTAIN = re.compile(
    r"\b(?:please|pls|plz|kindly|the|my|our|all|this|that|these|those|it|them|him|her|me|us|every|each|both|everything|everyone)\b|\d|[\"“„«#]|\s(?-i:[A-ZÀ-Þ])",
    re.I,
)
"""What makes "can you …?" a request: "can you send emails?" only asks what is possible."""
_ABILITY = re.compile(r"(?:can|could|will|would)\s", re.I)
_WONDERS = re.compile(
    r"\?|\b(?:what\s+do\s+you\s+think|should\s+i|unless|not\s+sure|but\s+(?:i|we|first|only|not)|before\s+(?:i|we)|changed?\s+my\s+mind)\b", re.I
)
_ASKS_WHETHER = re.compile(r"\b(?:if|whether|how|why|when|where|that)\s*$", re.I)
_ORDERED = re.compile(r"\b(?:orders?|invoices?|carts?|baskets?)\b", re.I)


def plainly(text: str, *, opened: bool = False) -> Respelled:
    """The text without greetings, courtesies and fillers; as it is where nothing would be left.

    Args:
        opened: It goes on with a conversation, where "ok" and "sorry" at its beginning say something.
    """
    if len(text) > _LONGEST:
        return Respelled(text=text)
    dress = _Dress(text, opened=opened)
    dress.take_off()
    plain = respelled(text, dress.slips())
    return plain if re.search(r"\w", plain.text) else Respelled(text=text)


class _Dress:
    def __init__(self, text: str, *, opened: bool) -> None:
        self.text, self.opened = text, opened
        self.cuts: list[tuple[int, int, str]] = []
        self.begin, self.end = 0, len(text)
        self.greeted = self.framed = False

    def slips(self) -> Iterator[Slip]:
        """The cuts as slips, those within another left out."""
        last = -1
        for start, end, meant in sorted(self.cuts, key=lambda cut: (cut[0], -cut[1])):
            if start >= last and (start < end):
                yield Slip(start=start, end=end, typed=self.text[start:end], meant=meant)
                last = end

    def take_off(self) -> None:
        self._before()
        self._behind()
        for at in [m.end() for m in _SENTENCE.finditer(self.text, self.begin, self.end)]:
            if not self._is_kept(at):
                self._beginning(at)
                self._ending(at)
        self._frames_within()
        self._fillers()
        if self.framed and (mark := re.search(r"\s*\?\s*$", self.text[: self.end])) is not None:
            self.cuts.append((mark.start(), self.end, ""))

    def _before(self) -> None:
        bold = re.match(r"\s*(?:\*\*(?=[^*]+\*\*\s*$)|[\"“](?=\w+\s+\w+\s[^\"“”]+[\"”]\s*$))?\s*", self.text)
        at = bold.end() if bold is not None else 0
        mark = said.LIST_MARK.match(self.text, at) if "\n" not in self.text.strip() else None
        at = mark.end() if mark is not None else at
        while (found := self._greeting(at)) is not None:
            at = found
        self.begin = self._beginning(at)
        if self.begin:
            self.cuts.append((0, self.begin, ""))

    def _greeting(self, at: int) -> int | None:
        for pattern in (said.FACES_BEFORE, said.GREETING, said.WISH):
            if (found := pattern.match(self.text, at)) is not None and found.end() > at and self.text[found.end() :].strip():
                self.greeted = self.greeted or pattern is said.GREETING
                return found.end()
        return None

    def _beginning(self, at: int) -> int:
        """Where what a sentence asks begins."""
        first = at
        while (found := self._opens(at)) is not None:
            at = found
        framed = self._frame(at)
        if framed is not None:
            at = framed
        if at > first and first:
            self.cuts.append((first, at, ""))
        return at

    def _opens(self, at: int) -> int | None:
        patterns: list[re.Pattern[str]] = [
            said.FILLER,
            said.APOLOGY,
            said.HEAD,
            said.LEISURE,
            said.WISH,
            said.ASKED,
            *(() if self.opened else (said.OPENING,)),
        ]
        for pattern in patterns:
            if (found := pattern.match(self.text, at)) is not None and self.text[found.end() : self.end].strip(" .,!?"):
                return found.end()
        return None

    def _frame(self, at: int) -> int | None:
        """Where the verb begins that "could you please …" leads to, by as many such words as there are."""
        begun = at
        while True:
            if (found := self._one_frame(at)) is None:
                break
            at = found
        if (mind := said.MIND.match(self.text, at)) is not None and (verb := _verb_of(mind["doing"])):
            self.cuts.append((mind.start("doing"), mind.end("doing"), verb))
            self.framed = True
            return mind.start("doing")
        return at if at > begun and said.VERB.match(self.text, at) else None

    def _one_frame(self, at: int) -> int | None:
        sentence = self.text[at : self._sentence_end(at)]
        if (found := said.FRAME.match(self.text, at)) is not None:
            rest = self.text[found.end() : at + len(sentence)]
            if _ABILITY.match(found[0]) and not (_CERTAIN.search(rest) or _CERTAIN.search(found[0]) or said.FOR_ME.search(rest)):
                return None
            self.framed = self.framed or (said.VERB.match(self.text, found.end()) is not None)
            return found.end()
        if (found := said.WISHED.match(self.text, at)) is not None and not _WONDERS.search(sentence):
            return found.end()
        found = said.IF_FRAME.match(self.text, at)
        if found is not None and (then := said.IF_THEN.search(sentence)) is not None and not self._is_kept(at + then.start()):
            self.cuts.append((at + then.start(), at + len(sentence), ""))
            return found.end()
        return None

    def _sentence_end(self, at: int) -> int:
        stop = re.search(r"[.!?](?=\s|$)|\n", self.text[at : self.end])
        return at + stop.end() if stop is not None else self.end

    def _behind(self) -> None:
        """From the end of the text, as long as there is something to take off."""
        wrapped = re.match(r"\s*(?:\*\*|[\"“])", self.text[: self.begin]) is not None
        mark = re.search(r"(?<=\S)\s*(?:\*\*|[\"”])\s*$", self.text) if wrapped else None
        self.end = mark.start() if mark is not None else len(self.text.rstrip())
        for _ in range(6):
            found = self._last(self.begin, self.end)
            if found is None:
                break
            self.end = found
        self.cuts.append((self.end, len(self.text), ""))

    def _ending(self, start: int) -> None:
        """The same of a sentence that is not the last."""
        end = start - len(self.text[:start]) + len(self.text[:start].rstrip())
        stop = len(self.text[:end].rstrip(".!?"))
        found = self._last(self.begin, stop, signed=False)
        if found is not None and found > self.begin:
            self.cuts.append((found, stop, ""))

    def _last(self, begin: int, end: int, *, signed: bool = True) -> int | None:
        within = self.text[max(begin, end - _TAIL) : end]
        least = end - len(within)
        patterns: list[re.Pattern[str]] = [said.SIGNED, *((said.NAME_BELOW,) if self.greeted else ())] if signed else []
        patterns += [said.FACES_BEHIND, said.THANKS, said.ENDING, said.HASTE, said.FOR_ME, *(() if self.opened else (said.PLEASE,))]
        for pattern in patterns:
            found = pattern.search(within)
            if found is None or not found[0].strip() or not re.search(r"\w", self.text[begin : least + found.start()]):
                continue
            at = least + found.start()
            if self._means_something(pattern, at, end):
                continue
            mark = re.match(r"\s*[.!?]+", found[0])
            return at + (mark.end() if mark is not None else 0)
        return None

    def _means_something(self, pattern: re.Pattern[str], at: int, end: int) -> bool:
        """Whether an ending is part of what is said: "a note of thanks", "saying we ship asap", "an order for me"."""
        before = self.text[self.begin : at]
        if self._is_kept(at) and not (self.greeted and pattern in (said.SIGNED, said.NAME_BELOW) and not _in_quotes(self.text, at)):
            return True
        bare = not re.match(r"\s*[,.;!?\n–—-]", self.text[at:end])
        if bare and said.HELD.search(before):
            return True
        if pattern is said.FOR_ME:
            return not (self.framed or said.VERB.match(before)) or _ORDERED.search(before) is not None
        return pattern is said.HASTE and bare and said.WHEN_OF_IT.search(before) is not None

    def _frames_within(self) -> None:
        """ "… and could you please add …": the same where a request goes on."""
        for joint in re.finditer(
            r"(?:[,;]|[,;]?\s(?:and|then|also|so|but|plus))\s+(?=(?:can|could|would|will|please|kindly)\b)", self.text[: self.end], re.I
        ):
            at = joint.end()
            if at > self.begin and not self._is_kept(at) and not _ASKS_WHETHER.search(self.text[:at]) and (to := self._frame(at)) is not None:
                self.cuts.append((at, to, ""))

    def _fillers(self) -> None:
        for pattern, meant in ((said.UM, ""), (said.BLANKS, " ")):
            for found in pattern.finditer(self.text, self.begin, self.end):
                if not self._is_kept(found.start()):
                    self.cuts.append((found.start(), found.end(), meant))
        for found in said.QUOTED.finditer(self.text, self.begin, self.end):
            if not self._is_kept(found.start()):
                self.cuts += [(found.start(), found.start() + 1, '"'), (found.end() - 1, found.end(), '"')]
        for found in said.WRAPPED.finditer(self.text, self.begin, self.end):
            at, end = found.span("a" if found["a"] else "b")
            if not self._is_kept(at):
                self.cuts.append((at, end, " "))
        for found in said.GLUED.finditer(self.text, self.begin, self.end):
            if not self._is_kept(found.start()):
                self.cuts.append((found.start(), found.end(), f"{found[0]} "))

    def _is_kept(self, at: int) -> bool:
        return is_dictated(self.text, at) or _WRITTEN.search(self.text, 0, at) is not None


def _in_quotes(text: str, at: int) -> bool:
    return text[:at].translate(QUOTES).count('"') % 2 == 1


def _verb_of(doing: str) -> str:
    """The verb of its form in "ing": "cutting" cut, "raising" raise."""
    root = doing[:-3]
    forms = [root, f"{root}e", *([root[:-1]] if len(root) > 2 and root[-1] == root[-2] else [])]
    return next((form for form in forms if said.VERB.fullmatch(form)), "")
