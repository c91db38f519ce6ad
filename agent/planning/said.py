"""The sentences planning says to a merchant: why something was not done, and what can be done instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, assert_never

from agent.sdk import Task, count, say

MOST_CHARACTERS = 8_000

EMPTY = "There are no words in this request. Say what you would like to know or change."
NO_SUCH_TONE = (
    "A text can be made plain, warm, playful, elegant or technical, shorter or longer, or be told what to mention. Which of these is meant?"
)
NOTHING_HERE = (
    "There is nothing in this shop yet. Bring in what another system exported with storehand import, attach a table of products (CSV), "
    "or say “create a product called Blue Mug for 12 euros, 40 in stock”."
)
NOT_ASKED_FOR = "As it is put, this is not to be done, so nothing was changed. If it is to be done, say it as a request."
NO_REMINDERS = "Storehand keeps no reminders, so nothing was done. Say it again when it is to be done, or plan a report that comes by itself."
NOT_READ = "This part could not be understood. Please say it in other words."


def too_long(length: int) -> str:
    return str(
        say(
            "This is more than can be read at once, so the end of it was left out. Please send it in parts."
            if length <= MOST_CHARACTERS
            else "This request has {n} characters; at most {most} are read at once. Please send it in parts.",
            n=f"{length:,}",
            most=f"{MOST_CHARACTERS:,}",
        )
    )


def other_language() -> str:
    return str(
        say(
            "Without a connected model Storehand reads English only, and this does not look like English. "
            "Please say it in English, or connect a provider."
        )
    )


def impossible(words: str, tasks: Iterable[Task]) -> str | None:
    """Why something that sounds like a task of these, which may be meant, cannot be done, where one of them says so itself (`Args.cannot`)."""
    found = (reason for task in tasks for pattern, reason in task.args.cannot if re.search(pattern, words, re.I))
    reason = next(found, None)
    return None if reason is None else str(reason)


def refused(code: str, near: Sequence[Task]) -> str:
    """Why a clause was refused, with the nearest thing that is possible."""
    if code == "out_of_scope":
        return str(say("This has nothing to do with running the shop, so it was left alone."))
    if code == "unclear":
        return str(say("It is not clear what is meant here. {possible}", possible=nearest(near)))
    if not near:
        return str(
            say(
                "Storehand cannot do this yet. It works with products, prices, stock, collections, discounts, orders, customers, messages, reviews, "
                "texts and automations; “what can you do” lists it all."
            )
        )
    return str(say("Storehand cannot do this yet. {possible}", possible=nearest(near)))


def nearest(near: Sequence[Task]) -> str:
    """What comes nearest, by an example of it."""
    if not near:
        return "Say what you would like to know or change."
    return str(say("What comes nearest: {summary} For example: “{example}”.", summary=near[0].summary, example=near[0].examples[0]))


def read_as(typed: str, meant: str) -> str:
    return str(say("“{typed}” was read as “{meant}”.", typed=typed, meant=meant))


def as_of(day: date) -> str:
    return f"Everything is as of {day.day} {day:%B %Y}, as you said."


def left_out(words: str) -> str:
    return str(say("“{words}” was not understood here and was left out.", words=words))


def for_what(words: str) -> str:
    return str(say("What should “{words}” be for? It does not fit what is to be done here.", words=words))


def for_which(words: str) -> str:
    return str(say("Which products does “{words}” mean? Say all of it once more with their name, type or collection.", words=words))


def not_narrowed(words: str) -> str:
    return str(say("“{words}” was not understood. Without it, this would be done to more than you may mean.", words=words))


def circumstance(kind: Literal["again", "later", "condition", "channel", "audience"], words: str) -> str:
    """What a change cannot be bound to, with what can be had instead."""
    match kind:
        case "again" | "later":
            return str(
                say(
                    "A change is made once, as soon as you approve it, and not “{words}”; what is to happen at a time of its own can be set up"
                    " as an automation. Should it be made now?",
                    words=words,
                )
            )
        case "condition":
            return cannot_check(words)
        case "channel":
            return str(say("A change holds wherever the shop sells, and not “{words}” alone. Should it be made everywhere?", words=words))
        case "audience":
            return str(
                say(
                    "“{words}” was not understood as customers of this shop; for some of them alone there are discount codes for a segment or"
                    " for customers by name. Should it be done for everybody?",
                    words=words,
                )
            )
        case _:
            assert_never(kind)


def which_task(words: str) -> str:
    return str(say("What would you like done with “{words}”?", words=" ".join(words.split())))


def contradiction(what: str, first: str, second: str) -> str:
    return str(say("You asked for both {first} and {second} for {what}. Which one is right?", what=what, first=first, second=second))


def not_understood(answer: str, question: str) -> str:
    return str(say("“{answer}” was not understood. {question}", answer=answer[:60], question=question))


# What a thread is told.

NOTHING_WAITS = "Nothing waits for approval here. Say what you would like to know or change."
NOTHING_TO_REDO = "Nothing was put back in this conversation that could be done again."
NOTHING_TO_UNDO = "Nothing that was asked for here has been applied, so there is nothing to undo."
NOT_APPLIED_YET = "This was only proposed and not applied, so there is nothing to undo; reject it, or say “never mind”."
UNDONE_ALREADY = "What was changed here has been put back already."
NOTHING_BEFORE = "There is no request before this one that it could add to. Say what you would like to know or change."
WITHDRAWN = "The proposal before was withdrawn; nothing was changed."
NOT_DIVIDED = "What was asked before cannot be broken down like that."
THAT_IS_ALL = "That was all of it: there is nothing more to show."
ALREADY_APPLIED = "What you approved before stays as it is; say “undo that” to put it back."
DONE_ALREADY = "What you approved before is done, and this would do it once more. Say “undo that” first, or say all of it anew."
STILL_WAITS = "The proposal before this one still waits for your decision."


def none_of_them(before: str, described: str) -> str:
    return str(say("Nothing of “{before}” is “{described}”. Which ones do you mean?", before=before, described=described))


def approve_there(waiting: int) -> str:
    """Approvals are clicks of a person on what is shown, never words that a model reads."""
    return str(
        count(
            "{n} proposal waits. Words in the chat approve nothing: check it and press Approve beside it.",
            "{n} proposals wait. Words in the chat approve nothing: check each and press Approve beside it.",
            waiting,
        )
    )


def replaced(summary: str) -> str:
    return str(say("This takes the place of the proposal before it ({what}), which is withdrawn.", what=summary))


def because(text: str) -> str:
    return str(say("This is what was understood of “{words}”. If something else was meant, say what.", words=" ".join(text.split())[:80]))


def as_before(reason: str) -> str:
    return str(say("As said before: {reason}", reason=reason))


def which_of(words: str, parts: Sequence[str]) -> str:
    return str(say("“{words}” could be about {parts}. Say which one.", words=words, parts=" or ".join(parts)))


def cannot_check(condition: str) -> str:
    return str(say("Whether “{condition}” cannot be checked from the shop's data as it is said. Should it be done anyway?", condition=condition))


def lies_ahead(condition: str) -> str:
    return str(
        say(
            "“{condition}” is still to come, so it cannot be checked yet. Ask for it once it is there. Should it be done now anyway?",
            condition=condition,
        )
    )


def each_or_all(condition: str) -> str:
    return str(
        say(
            "“{condition}” is about several products: say it of one, or of all of them together. Should it be done anyway, whatever they come to?",
            condition=condition,
        )
    )
