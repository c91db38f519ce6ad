from typing import Annotated

from agent.sdk import Args, Ask, AskedAs, Change, Clock, Field, Missing, Proposal, Refusal, Store, say, task
from agent.sdk.amending import moved, renamed, renumbered
from agent.sdk.happenings import tried
from agent.sdk.own import Own
from agent.sdk.rule_words import WATCHED
from agent.sdk.rules import Rule
from agent.sdk.spoken_rules import Cannot, Unsaid, name_in, rule_in
from agent.sdk.standing import free_name, names_of, told
from agent.sdk.task import Whole


def amended(before: str, said: str, instead: bool) -> str | None:
    """ "Make it 300", "only for orders from Germany", "also email me", "call it Big orders": the rule with that."""
    changed = renamed(before, said) or renumbered(before, said) or (moved(before, said) if instead else None)
    return changed or (None if instead else f"{before.rstrip(' .')}, {said.strip()}")


class CreateAutomation(Args):
    telling = (
        "when", "if", "as soon as", "every", "each", "once", "any time", "anytime", "automat", "auto", "rule", "trigger", "workflow", "flow", "alert",
        "notif", "remind", "from now on", "always", "on any", "for any", "let me know", "tell me", "ping", "warn", "in case", "anyone who",
    )  # fmt: skip

    like = (WATCHED, r"\bas (?:it|they) comes? in\b", r"\bwhenever\b", r"\b(?:every|each) time\b", r"\bas soon as\b")

    rule: Annotated[str, Whole(amended=amended), AskedAs("When should what happen?")] = Field(
        description="The rule in plain words: when something happens, if it is so, do that. “When an order over 200 comes in, tag it vip.”"
    )


@task(
    examples=[
        "when an order over 200 euros comes in, tag it vip", "let me know whenever stock of a product drops below 5",
        "if a customer leaves a review with 2 stars or less, draft a reply and notify me", "hide products automatically when they sell out",
        "set up an automation that tags new customers", "create a low stock alert at 10 units", "whenever an order is refunded, notify me",
        "every Monday at 8 run \"find products without images\"", "create a workflow when an order comes in",
    ]
)  # fmt: skip
async def create_automation(args: CreateAutomation, store: Store, own: Own, clock: Clock, ask: Ask) -> Proposal | Refusal | Missing:
    """Set up an automation: when something happens in the shop, do something by itself.

    Once approved it acts in the name of whoever approved it, within the limits; what it changes can be undone.
    """
    name, words = name_in(args.rule)
    read = rule_in(words, await names_of(store), currency=store.shop.currency)
    if isinstance(read, Cannot):
        return Refusal(say("{why}", why=read.what))
    if isinstance(read, Unsaid):
        return Missing("rule", say("{question}", question=read.question))
    there = await own.automations()
    if same := next((one for one in there if one.rule == read.rule and one.state == "active"), None):
        return Proposal(say("Nothing needs changing: “{name}” does that already.", name=same.name))
    called = free_name(name or short(read.rule), [one.name for one in there])
    change = Change.create("automation", called, {"name": called, "rule": read.rule.json_()})
    return Proposal(say("{rule} {tried}", rule=read.rule, tried=told(await tried(read.rule, store, clock))), changes=[change])


def short(rule: Rule) -> str:
    """A name of a few words: what it does, then when."""
    doing = " and ".join(str(act) for act in rule.then[:2])
    when = str(rule.when).removeprefix("When ")
    return f"{doing[:1].upper()}{doing[1:]}: {when}"[:90]
