import re
from typing import Annotated

from agent.sdk import Ambiguous, Args, AskedAs, Change, Field, NotFound, Proposal, Refusal, Sentence, count, say, task
from agent.sdk.own import Automation, Own, Schedule, Standing
from agent.sdk.standing import meant, turned
from agent.sdk.task import Whole

_ALL = re.compile(r"\b(?:all|every|everything)\b", re.I)
_AGAIN = re.compile(
    r"\b(?:resume|restart|unpause|un-pause|reactivate|re-enable|activate|enable|start|continue|(?:turn|switch|put)\b.*\bon|back\s+on)\b", re.I
)
_SCHEDULES = re.compile(r"\b(?:schedules?|reports?|summar(?:y|ies))\b", re.I)
_AUTOMATIONS = re.compile(r"\b(?:automations?|rules?|workflows?|flows?|alerts?)\b", re.I)


class PauseAutomation(Args):
    unlike = (r"\b(?:codes?|vouchers?|coupons?|promos?|promotions?|discounts?)\b",)
    like = (r"^(?:please )?(?:turn|switch) .{1,60} (?:back )?(?:off|on)(?: again)?(?: and)?\W*$",)
    decisive = ("turn … off", "turn … back on", "switch … off", "switch … back on")
    telling = (
        "automat", "workflow", "flow", "rule", "alert", "trigger", "schedul", "report", "remind", "notif", "summary", "digest", "mail", "e-mail",
        "email", "message", "text", "ping", "it", "them", "sending", "that one", "this one", "those",
    )  # fmt: skip

    which: Annotated[str, Whole(), AskedAs("Which automation?")] = Field(
        description="Which automation or schedule, and whether it is to pause or go on, in plain words: “pause the low stock alert”, “resume it”."
    )


@task(
    examples=[
        "pause the low stock automation", "turn off the low stock alert", "stop the automation", "resume the vip rule",
        "turn the welcome flow back on",
        "pause all automations", "stop sending me the weekly report", "disable the workflow that tags orders", "delete the automation",
    ]
)  # fmt: skip
async def pause_automation(args: PauseAutomation, own: Own) -> Proposal | Refusal:
    """Pause an automation or a schedule, or let it go on.

    Raises:
        NotFound: There is none that the words name.
        Ambiguous: The words name several.
    """
    if not await own.automations() and not await own.schedules():
        return Refusal(say("There are no automations and no scheduled reports yet, so there is nothing to pause or resume."))
    to: Standing = turned(args.which) or "paused"
    found = await _found(args.which, own)
    changes = [change for one in found for change in one.set(state=to)]
    return Proposal(_summary(found, to, changes), changes=changes)


async def _found(words: str, own: Own) -> list[Automation | Schedule]:
    automations, schedules = await own.automations(), await own.schedules()
    only_schedules = _SCHEDULES.search(words) is not None and _AUTOMATIONS.search(words) is None
    records: list[Automation | Schedule] = [*([] if only_schedules and schedules else automations), *schedules]
    if _ALL.search(words) and records:
        return records
    also = [str(one.rule) if isinstance(one, Automation) else f"{one.request} {one.rhythm}" for one in records]
    found = meant(words, records, also)
    if not found:
        raise NotFound("automation", words)
    if len(found) > 1:
        raise Ambiguous(words, [one.name for one in found])
    return found


def _summary(found: list[Automation | Schedule], to: Standing, changes: list[Change]) -> Sentence:
    if not changes:
        return say("Nothing needs changing: “{name}” is {state} already.", name=found[0].name, state=to)
    if len(changes) > 1:
        return (
            count("Pause {n}", "Pause {n} automations and schedules", len(changes)) if to == "paused" else count("{n}", "Let {n} go on", len(changes))
        )
    name = changes[0].target.label
    return say("Pause “{name}”; it does nothing until it is resumed", name=name) if to == "paused" else say("Let “{name}” go on", name=name)
