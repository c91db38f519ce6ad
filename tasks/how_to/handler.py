import re
from collections.abc import Mapping, Sequence
from typing import Annotated

from agent.sdk import Abilities, Answer, Args, Ask, AskedAs, BaseModel, Cues, Field, Refusal, Sentence, Store, Task, evidence, say, task
from agent.sdk.guide import Guide, Passage
from agent.sdk.not_kept import PAYOUTS, TIME_TO_SEND, WHAT_IF

NEAR, NEAR_TASK = 0.48, 0.58
"""Likeness from which a section, or a task, is taken to answer; below it the guide is said to hold nothing. Chosen on questions that are no evals."""
ALSO = 0.06
"""How much less alike a second passage may be to be named as well."""
LOOKED, NAMED = 10, 3
"""Passages looked at, and those of them that are told of."""
CALLED = 0.15
"""How much nearer a task counts whose own verb is said: likeness alone takes a refund of an order for a rule about orders."""
LONGEST = 700


class HowTo(Args):
    cannot = (
        TIME_TO_SEND,
        WHAT_IF,
        (
            r"\b(?:shipping|delivery|postage)\s+(?:rates?|zones?|costs?\s+settings?|methods?|profiles?|options?)\b"
            r"|\b(?:tax|vat)\s+(?:rates?|settings?|number|id)\b|\bpayment\s+(?:methods?|providers?|options?|settings?)\b"
            r"|\b(?:paypal|stripe|klarna|apple\s+pay|google\s+pay|payouts?|bank\s+account)\b|\b(?:domain|dns|checkout|theme|logo|favicon|homepage|home\s+page)\b"
            r"|\b(?:install|uninstall|add|connect|enable|set\s+up|get)\b(?:\W+\w+){1,5}?\s+(?:app|plug-?in|extension|integration|widget|pixel)s?\b"
            r"|^\W*(?:(?:please|can\s+you|could\s+you)\s+)*(?:connect|link|sync\w*|integrate|hook\s+up)\s+(?:me\s+|us\s+)?(?:(?:to|with|my|our|the|a)\s+)*"
            r"(?:\w+\s+)?(?:shop|store|account|marketplace|amazon|etsy|ebay|shopify|zalando|pos|mailchimp|klaviyo|xero|quickbooks|datev)\b"
            r"|\b(?:open|close|start|set\s+up|connect)\b.{0,20}\b(?:the\s+till|tills?|cash\s+register|pos|point\s+of\s+sale|card\s+reader)\b"
            r"|\b(?:shop|store)(?:['’]s)?\s+name\b|\bname\s+of\s+(?:my|our|the)\s+(?:shop|store)\b|\b(?:opening\s+hours|cookie\s+banner)\b",
            PAYOUTS[1],
        ),
        (
            r"^\W*how\s+(?:do|can|could|should)\s+(?:i|we)\s+(?:get|make|sell|earn|increase|boost|improve|grow)\s+(?:more\b|(?:my|our|the)\s+(?:sales|revenue|turnover|profit))",
            say(
                "That is for you to decide; the shop's figures can help: “which products are rising”, “why are sales down this month”, "
                "“what do people search for that we don't have”, “which customers are about to churn”."
            ),
        ),
        (
            r"^\W*(?:please\s+|can\s+you\s+)?(?:add|invite|create|remove)\s+(?:an?\s+|our\s+|my\s+)?(?:new\s+)?"
            r"(?:staff|colleague|employee|team\s*mate|team\s+member|user|admin)\b"
            r"|\b(?:add|invite|create|remove|give|make|block|delete)\b.{0,40}?\b(?:(?:staff|user|admin|employee|team)\s+(?:account|access|member|login|user)|a\s+login\b)",
            say("Colleagues are added at the command line: storehand users add. Their role says whether they may look, propose or approve."),
        ),
    )

    topic: Annotated[str | None, Cues("about", "on", "with", "regarding"), AskedAs("How to do what?")] = Field(
        None, description="What is to be explained, where it is said apart from the question."
    )


class Explained(BaseModel):
    page: str
    section: str
    text: str
    """As the guide has it."""
    likeness: float
    also: list[str]
    """Other sections that may be meant."""


@task(
    examples=[
        "how do I undo a change", "how do I create a discount", "how can I change prices until Sunday", "explain how approvals work",
        "where do I see what was changed", "how do I limit what models cost", "how does undo work here",
    ],
    about="guide",
)  # fmt: skip
async def how_to(args: HowTo, guide: Guide, abilities: Abilities, store: Store, ask: Ask) -> Answer[Explained] | Refusal:
    """Explain how something is done with Storehand, from its own guide and tasks alone."""
    named = {one.name: one for one in abilities.tasks}
    said = ask.text or args.topic or ""
    found = _doing_first([one for one in await guide.search(said, limit=LOOKED) if _near(one, said)], named, said)[:NAMED]
    if not found:
        return Refusal(say("The guide says nothing of that. “What can you do” lists what can be asked for."))
    best, also = found[0], [one.section for one in found[1:] if one.likeness > found[0].likeness - ALSO]
    data = Explained(page=best.page, section=best.section, text=best.text, likeness=round(best.likeness, 2), also=also)
    told = evidence(
        store, args, metric="guide", rows=len(found),
        definition="The section of Storehand's guide, or the task, nearest in meaning to the question; nothing else was consulted.",
    )  # fmt: skip
    return Answer(_sentence(best, named.get(best.section) if best.page == "tasks" else None, also), data=data, evidence=told)


def _near(one: Passage, said: str) -> bool:
    return one.likeness >= (NEAR_TASK if one.page == "tasks" and not _is_named(one, said) else NEAR)


def _is_named(one: Passage, said: str) -> bool:
    """Whether the question says the very thing that the task is called after: "how do I give somebody a refund" means the task that refunds."""
    return one.page == "tasks" and re.search(rf"\b{re.escape(one.section.split('_')[0])}", said, re.I) is not None


def _doing_first(found: Sequence[Passage], named: Mapping[str, Task], said: str) -> list[Passage]:
    """Who asks how something is done means the task that does it rather than one nearly as alike that looks it up."""

    def rank(one: Passage) -> float:
        looks = one.page == "tasks" and one.section in named and named[one.section].effect == "read"
        return -one.likeness + (1.5 * ALSO if looks else 0.0) - (CALLED if _is_named(one, said) else 0.0)

    return sorted(found, key=rank)


def _sentence(best: Passage, task_: Task | None, also: Sequence[str]) -> Sentence:
    more = say(" See also: {also}.", also=", ".join(name.replace("_", " ") for name in also)) if also else say("")
    if task_ is not None:
        return say(
            "Ask for it: {summary} For example “{example}”. (Task {name}.){more}",
            summary=task_.summary, example=task_.examples[0], name=task_.name.replace("_", " "), more=more,
        )  # fmt: skip
    return say("{text} (Guide, {page}: {section}.){more}", text=_short(best.text), page=best.page, section=best.section, more=more)


def _short(text: str) -> str:
    """Whole sentences up to a length."""
    if len(text) <= LONGEST:
        return text
    end = text.rfind(". ", 0, LONGEST)
    return text[: end + 1] if end > 0 else text[:LONGEST]
