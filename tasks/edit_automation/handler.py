import re
from collections.abc import Sequence
from typing import Annotated, Any

from agent.sdk import Ambiguous, Args, AskedAs, Change, Clock, Field, Missing, NotFound, Proposal, Refusal, Store, say, task
from agent.sdk.happenings import tried
from agent.sdk.own import Automation, Own, Schedule
from agent.sdk.spoken_edits import edited, new_name
from agent.sdk.spoken_rules import Cannot, Unsaid
from agent.sdk.spoken_times import moved_to, odd_time
from agent.sdk.standing import meant, names_of, told, turned
from agent.sdk.task import Whole

_ONLY_TURNS = re.compile(
    r"(?:please\s+)?(?:turn|switch|put|pause|resume|restart|stop|enable|disable|activate|reactivate|unpause|suspend|start)\b[\w\s'’-]*$", re.I
)


class EditAutomation(Args):
    decisive = (
        "update the workflow", "change the workflow", "update the automation", "change the automation", "edit the automation",
        "edit the workflow", "to the automation",
    )  # fmt: skip
    unlike = (r"^(?:please )?(?:turn|switch) .{1,60} (?:back )?(?:off|on)(?: again)?(?: and)?\W*$",)
    like = (r"^(?:please )?(?:rename|edit|change|move|update|reschedule)\b.{0,60}\b(?:reports?|alerts?|automations?|schedules?|summary|rules?)\b",)
    telling = (
        "automat", "workflow", "flow", "rule", "alert", "trigger", "schedul", "report", "remind", "notif", "summary", "digest", "mail", "e-mail",
        "email", "message", "text", "ping", "it", "them", "that one", "this one", "those",
    )  # fmt: skip

    change: Annotated[str, Whole(), AskedAs("Which automation, and what should be different?")] = Field(
        description="Which automation or schedule, and what should be different, in plain words: “set the low stock alert to 10 units”."
    )


@task(
    examples=[
        "set the low stock automation to 10 units", "change the trigger of the vip rule to orders over 300", "make the vip rule start at 250 instead",
        "change the low stock alert so it fires at 3", "add a condition to the automation: only orders from Germany",
        "update the automation to use the tag gold", "move the weekly report to Friday at 7",
        "rename the automation \"Low stock\" to \"Restock soon\"",
        "update the workflow so that it also notifies me",
    ]
)  # fmt: skip
async def edit_automation(args: EditAutomation, store: Store, own: Own, clock: Clock) -> Proposal | Refusal | Missing:
    """Change what an automation or a schedule does, or when.

    Raises:
        NotFound: There is none that the words name.
        Ambiguous: The words name several.
    """
    automations, schedules = await own.automations(), await own.schedules()
    records: list[Automation | Schedule] = [*automations, *schedules]
    if not records:
        return Refusal(say("There are no automations and no scheduled reports yet. Say what should happen and when, and one is set up."))
    also = [str(one.rule) for one in automations] + [f"{one.request} {one.rhythm}" for one in schedules]
    found = meant(args.change, records, also)
    if not found:
        raise NotFound("automation", args.change)
    if len(found) > 1:
        raise Ambiguous(args.change, [one.name for one in found])
    one = found[0]
    words = args.change.replace(one.name, "")
    if (name := new_name(args.change)) is not None and name != one.name:
        return Proposal(say("Rename “{old}” to “{new}”", old=one.name, new=name), changes=one.set(name=name))
    if _ONLY_TURNS.match(words.strip()) and (to := turned(words)) is not None:
        return Proposal(
            say("Let “{name}” go on", name=one.name) if to == "active" else say("Pause “{name}”", name=one.name), changes=one.set(state=to)
        )
    return _schedule(one, words) if isinstance(one, Schedule) else await _automation(one, words, store, clock)


def _schedule(one: Schedule, words: str) -> Proposal | Refusal | Missing:
    if odd := odd_time(words):
        return Refusal(say("“{odd}” is no rhythm that can be kept; every hour, day, week, month, quarter or year can.", odd=odd))
    moved = moved_to(one.rhythm, words)
    if moved is None:
        return Missing("change", say("When should “{name}” run? It runs {rhythm}.", name=one.name, rhythm=one.rhythm))
    return _proposal(one.name, f"runs {moved}", one.set(rhythm=moved))


async def _automation(one: Automation, words: str, store: Store, clock: Clock) -> Proposal | Refusal | Missing:
    read = edited(one.rule, words, await names_of(store), currency=store.shop.currency)
    if isinstance(read, Cannot):
        return Refusal(say("{why}", why=read.what))
    if isinstance(read, Unsaid):
        return Missing("change", say("{question}", question=read.question))
    return _proposal(one.name, f"{read.rule} {told(await tried(read.rule, store, clock))}", one.set(rule=read.rule))


def _proposal(name: str, now: str, changes: Sequence[Change]) -> Proposal:
    facts: dict[str, Any] = {"name": name, "now": now}
    if not changes:
        return Proposal(say("Nothing needs changing: “{name}” is so already.", name=name))
    return Proposal(say("“{name}” would be: {now}", **facts), changes=changes)
