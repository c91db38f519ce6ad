"""What words alone say of a clause: how it begins, and whether a task's own words cover it.

A second witness beside the reader, made from the tasks' declarations, so that it knows a third party's task at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from agent.planning.language.fragments import LEADS
from agent.planning.linking.vocabulary import stem, stems_of, words_of
from agent.sdk import Args, Task

_CHANGING = frozenset({
    "set", "put", "make", "change", "raise", "lower", "increase", "decrease", "reduce", "cut", "drop", "mark", "tag", "untag", "label",
    "rename", "call", "archive", "unarchive", "publish", "unpublish", "hide", "unhide", "discontinue", "retire", "add", "remove", "take",
    "restock", "adjust", "update", "edit", "create", "round", "discount", "slash", "bump", "knock", "activate", "deactivate", "recount",
    "bring", "push", "hike", "move", "fulfil", "fulfill", "dispatch", "cancel",
})  # fmt: skip
_ANYTHING = frozenset({"set", "put", "make", "change", "update", "adjust", "move", "mark", "turn"})
"""Verbs that say no more than that something is to change."""
DOING = _CHANGING | {"refund", "reimburse", "delete", "erase", "ship"}
"""All verbs that say what is to be done; those that are no change of a record do not weigh by beginning a clause."""
ASKING = frozenset({
    "what", "what's", "which", "who", "who's", "whom", "whose", "how", "when", "where", "why", "show", "list", "find", "tell", "is", "are",
    "do", "does", "did", "have", "has", "any", "anything", "search", "whats", "whos", "hows", "wheres", "whens",
})  # fmt: skip
_POLITE = re.compile(
    r"^(?:(?:please|now|also|then|and|so|ok|okay|hi|hey|can you|could you|would you|i(?:'d| would)? (?:want|like|need)(?: you)? to|let's"
    r"|go ahead and)[\s,]+)+",
    re.I,
)
COMMON = frozenset({
    "a", "an", "the", "of", "for", "to", "in", "on", "at", "by", "with", "from", "and", "or", "is", "are", "was", "were", "be", "been", "do",
    "does", "did", "we", "our", "us", "my", "me", "i", "you", "it", "its", "them", "they", "their", "this", "that", "these", "those", "all",
    "any", "every", "each", "some", "no", "not", "than", "as", "so", "too", "also", "please", "now", "there", "have", "has", "had", "up", "off",
    "out", "over", "per", "give", "get", "one", "ones", "whole", "back",
})  # fmt: skip
AGAINST = 0.15
"""What remains of a task's share when the clause begins the other way: "hide …" is no search, "which …" no change. Set by
hand: the reader was right against the beginning in none of the evals."""


UNTOLD = 0.3
"""The same for a task none of whose telling words is said; it is still offered where the merchant is asked."""


_SO_MANY = frozenset({"more", "some", "another", "a", "two", "three", "five", "ten", "twelve", "twenty", "fifty", "enough"})


_EACH_ONE = frozenset({"all", "the", "every", "each", "these", "those", "this", "that", "it", "them", "order", "orders", "both"})


def changes(verb: str) -> bool:
    return verb.lower() in _CHANGING


def does(verb: str) -> bool:
    """Whether it is a verb of a change or of an action: "hide", "refund"."""
    return verb.lower() in DOING


_ORDERS_GOODS = re.compile(rf"\W*(?:(?:{LEADS})\s+)*order\s+(?:\d+|some|more|another)\b", re.I)
"""Goods are to be ordered, and no orders looked for."""


def leaning(said: str) -> str:
    """ "change", "ask" or "" by how a clause begins."""
    words = words_of(_POLITE.sub("", said))
    if not words:
        return ""
    first = words[0].text.lower().replace("’", "'")
    if first == "order" and len(words) > 1 and (words[1].text.isdigit() or words[1].text.lower() in _SO_MANY):
        return "change"  # "order 20 more of these" looks for none
    if first == "ship" and len(words) > 1 and (words[1].text.lower() in _EACH_ONE or any(w.text.lower() == "orders" for w in words[1:5])):
        return "change"
    if first in ("give", "make", "get", "send", "bring") and len(words) > 1 and words[1].text.lower() in ("me", "us"):
        return "ask"
    return "change" if first in _CHANGING else "ask" if first in ASKING else ""


def weighed(said: str, shares: Mapping[str, float], tasks: Mapping[str, Task]) -> dict[str, float]:
    """The tasks' shares after a look at the clause's first word and at the words that tell a task; their sum stays, but for what a task's
    own words speak against.
    """
    low = " ".join(said.lower().replace("-", " ").split())
    shares = _spoken_for(low, shares, tasks)
    way = leaning(said)
    against = AGAINST**2 if _ORDERS_GOODS.match(said) else AGAINST
    weighted = {
        name: share * (against if way and _goes_against(way, tasks[name]) else 1.0) * (1.0 if _is_told(low, tasks[name]) else UNTOLD)
        for name, share in shares.items()
    }
    before, after = sum(shares.values()), sum(weighted.values())
    return {name: share * before / after for name, share in weighted.items()} if after else shares


DECIDED = 0.9
"""Share of a task for which decisive words stand, and that of a change that no other task's words overrule."""
_TOP = 3
"""A change is decided only where it is among so many of the reader's likeliest labels."""
_REFUSED = 0.5
"""Share of the refusals from which no change is decided."""
_NEGATED = re.compile(r"\b(?:not|no|never|nor|without|neither|dont|doesnt|didnt|wont|cant|shouldnt|mustnt)\b|n't\b")
_CARRIED_OUT = re.compile(r"\b(?:export|copy|copies|send|print|download)\b")
"""What is to be shown elsewhere is not to be changed, whatever else is said of it."""


def decided(
    said: str, shares: Mapping[str, float], refusals: Mapping[str, float], tasks: Mapping[str, Task]
) -> tuple[dict[str, float], dict[str, float]]:
    """The shares of tasks and refusals after a look at words that mean one task and no other (`Args.decisive`).

    What looks something up or writes a text is taken at these words. A change is only made surer by them, where the reader
    thinks of it and of no other change more; an action never is.
    """
    low, way = " ".join(said.lower().replace("-", " ").replace("’", "'").split()), "" if _REPORT.match(said) else leaning(said)
    spoken = frozenset(re.findall(r"\w+", low))
    found = [
        (len(words), name)
        for name, words in _begun_by(spoken, tasks)
        if (task := tasks[name])
        and (at := _stands(words, low)) is not None
        and not (way and _goes_against(way, task))
        and not _is_among(task.args.unlike, low)
        and (_begins_as_look(said) if task.effect == "read" else task.effect == "draft" or _may_be_decided(task, low[:at], shares, refusals, tasks))
    ]
    if not found:
        return dict(shares), dict(refusals)
    name = max(found)[1]
    surely = any(share >= DECIDED and tasks[other].effect in ("write", "action") for other, share in shares.items() if other != name)
    share = max(shares.get(name, 0.0), 0.0 if surely else DECIDED + (1 - DECIDED) * shares.get(name, 0.0))
    before = 1 - shares.get(name, 0.0)
    rest = (1 - share) / before if before > 0 else 0.0
    return {**{other: value * rest for other, value in shares.items()}, name: share}, {code: value * rest for code, value in refusals.items()}


def _begun_by(spoken: frozenset[str], tasks: Mapping[str, Task]) -> set[tuple[str, str]]:
    """Tasks with what decides for them and may be said in a clause of these words."""
    begun = _by_first(tuple((name, task.args) for name, task in tasks.items()))
    return {each for first in (*(begun.keys() & spoken), "") for each in begun.get(first, ())}


@lru_cache(maxsize=64)
def _by_first(tasks: tuple[tuple[str, type[Args]], ...]) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Tasks with words that decide for them by the word these begin with, "" for none: of all that tasks declare, a clause holds next to nothing."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, args in tasks:
        for words in args.decisive:
            first = words.split(" ", 1)[0]
            for written in {first.replace("'", ""), *re.findall(r"\w+", first)[:1]} if re.search(r"\w", first) else {""}:
                found.setdefault(written, []).append((name, words))
    return found


@lru_cache(maxsize=2048)
def _pattern(words: str) -> re.Pattern[str]:
    said = " .{0,60}".join(re.escape(part).replace("'", "'?") for part in words.split(" … "))
    end = "" if words.endswith("#") else r"(?!\w)"  # a number stands right after its sign
    return re.compile(rf"(?<!\w){said}{end}")


def _stands(words: str, low: str) -> int | None:
    """Where the words stand."""
    first = words.split(" ", 1)[0]
    found = _pattern(words).search(low) if first in low or ("'" in first and first.replace("'", "") in low) else None
    return found.start() if found else None


_WRITING = frozenset({"reply", "answer", "respond", "write", "draft", "compose"})


_TELLS_SOMEBODY = re.compile(
    rf"\W*(?:(?:{LEADS}|can\s+you|could\s+you)\s+)*(?:tell|inform|notify|remind|e-?mail|message|text|invite|thank|let)\s+(?!(?:me|us|of|address(?:es)?)\b)",
    re.I,
)
""" "Tell our newsletter subscribers about it" looks for nobody."""


_REPORT = re.compile(
    r"\W*(?:make|create|generate|build|prepare|produce|run|do)\s+(?:me\s+)?(?:an?\s+|the\s+|our\s+)?(?:[\w-]+\s+){0,2}report\b", re.I
)


def _begins_as_look(said: str) -> bool:
    """Whether the clause does not begin with a verb of doing: "refund the suspicious orders" looks for none. A report is made by looking."""
    if _REPORT.match(said):
        return True
    first = next(iter(words_of(_POLITE.sub("", said))), None)
    return first is None or not (does(first.text) or first.text.lower() in _WRITING or _TELLS_SOMEBODY.match(said))


def _may_be_decided(task: Task, before: str, shares: Mapping[str, float], refusals: Mapping[str, float], tasks: Mapping[str, Task]) -> bool:
    """Whether words may make this change sure: the reader thinks of it already, of none more, and nothing said before them speaks against."""
    share = shares.get(task.name, 0.0)
    if task.effect == "action" or sum(refusals.values()) >= _REFUSED or _NEGATED.search(before):
        return False
    if (elsewhere := _CARRIED_OUT.search(before)) and not any(elsewhere[0] in example.lower() for example in task.examples):
        return False
    changing = [other for name, other in shares.items() if tasks[name].effect in ("write", "action")]
    surer = sum(other > share for other in (*shares.values(), *refusals.values()))
    return share > 0 and share == max(changing, default=0.0) and surer < _TOP


def _spoken_for(low: str, shares: Mapping[str, float], tasks: Mapping[str, Task]) -> dict[str, float]:
    """The shares without most of what a task's own words speak against, which goes to those that other words speak for (`Args.like`)."""
    kept = {name: share * (AGAINST if _is_among(tasks[name].args.unlike, low) else 1.0) for name, share in shares.items()}
    lost = sum(shares.values()) - sum(kept.values())
    liked = [name for name, task in tasks.items() if _is_among(task.args.like, low)] if lost else []
    return {name: kept.get(name, 0.0) + (lost / len(liked) if name in liked else 0.0) for name in [*kept, *(n for n in liked if n not in kept)]}


def _is_among(words: tuple[str, ...], low: str) -> bool:
    return bool(words) and _any_of(words).search(low) is not None


def spoken_against(said: str, task: Task, others: Iterable[Task]) -> bool:
    """Whether a clause has words against a task and for another one of these: what "the cost price" becomes is no price."""
    low = _plainly(said)
    return _is_among(task.args.unlike, low) and any(_is_among(other.args.like, low) for other in others if other is not task)


def _plainly(said: str) -> str:
    return " ".join(said.lower().replace("-", " ").split())


@lru_cache(maxsize=2048)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for all of a task's words, as it declares them. What begins where a word does is not tried at every letter."""
    led = [each for each in words if each.startswith(r"\b") and "|" not in _without_groups(each)]
    others = [f"(?:{each})" for each in words if each not in led]
    return re.compile("|".join([*([rf"\b(?:{'|'.join(led)})"] if led else []), *others]))


def _without_groups(pattern: str) -> str:
    while (bare := re.sub(r"\((?:[^()\\]|\\.)*\)", "", pattern)) != pattern:
        pattern = bare
    return bare


def _goes_against(way: str, task: Task) -> bool:
    """ "Hide …" is no search, "which …" no change."""
    return (task.effect == "read") == (way == "change") and not (way == "ask" and task.effect == "draft")


def _is_told(low: str, task: Task) -> bool:
    return not task.args.telling or _telling(tuple(task.args.telling)).search(low) is not None


@lru_cache(maxsize=2048)
def _telling(words: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for all of a task's words: one for each, escaped at every clause, was a tenth of planning."""
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})")


class Lexicon:
    """The words of each task: of its examples, its summary and its fields."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._words = {task.name: _words_of_task(task) for task in tasks}
        self._all = frozenset(word for words in self._words.values() for word in words)

    def covers(self, task: Task, said: str, *, known: Iterable[str] = ()) -> bool:
        """Whether every word is the task's own, a common one, or among these (of values and names)."""
        own = self._words[task.name] | COMMON | _ANYTHING | ASKING | {stem(word) for word in known}
        return all(word.stem in own or word.text.lower() in own or word.text[0].isdigit() for word in words_of(said))

    def reads(self, text: str) -> bool:
        """Whether at least half of the words that are no names are words of some task: then it is the language of the tasks."""
        plain = [word for word in words_of(text) if word.text.islower() and len(word.text) > 2]
        ours = [word for word in plain if word.stem in self._all and word.text not in ("the", "and")]
        return bool(ours) and 2 * len(ours) >= len(plain)


def _words_of_task(task: Task) -> frozenset[str]:
    texts = [*task.examples, task.summary, task.name.replace("_", " ")]
    for slot in task.slots:
        texts += [
            slot.name.replace("_", " "),
            slot.description,
            *slot.cues,
            *slot.choices,
            *(phrase for phrases in slot.phrases.values() for phrase in phrases),
        ]
    return stems_of(text.replace("_", " ") for text in texts)


_RECORDS = frozenset({"product", "variant", "customer", "order", "review", "discount", "collection", "message"})


def called(task: Task) -> frozenset[str]:
    """What a task alone is called by, by stem: the words of its name that are in each of its examples, but for what all tasks are about."""
    return _called(task.name, tuple(task.examples))


@lru_cache(maxsize=2048)
def _called(name: str, examples: tuple[str, ...]) -> frozenset[str]:
    named = stems_of([name.replace("_", " ")]) - COMMON - _RECORDS
    return named.intersection(*(stems_of([example]) for example in examples)) if examples else frozenset()


def is_of_the_task(text: str, start: int, end: int, words: frozenset[str]) -> bool:
    """Whether a stretch only says what a task is called by, and names nothing of the shop."""
    said = [word.stem for word in words_of(text, start, end) if word.text.lower() not in COMMON]
    return bool(words and said) and words.issuperset(said)


def own_words(task: Task) -> frozenset[str]:
    """What a task and its fields are called and how they are spoken of; not its examples, which name goods as well."""
    texts = [task.name.replace("_", " "), task.summary, *task.args.decisive]
    for slot in task.slots:
        texts += [slot.name.replace("_", " "), *slot.cues, *(phrase for phrases in slot.phrases.values() for phrase in phrases)]
    return stems_of(texts)
