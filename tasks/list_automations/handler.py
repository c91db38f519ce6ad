from typing import Annotated, Literal

from agent.sdk import Answer, Args, BaseModel, Evidence, Field, Says, Store, Table, count, say, task
from agent.sdk.own import Automation, Own, Schedule


class ListAutomations(Args):
    decisive = (
        "alert on", "alert active", "alert running", "is the … alert",
        "scheduled reports", "my automations", "our automations", "my schedules", "our schedules", "my rules", "our rules", "which automations",
        "which rules",
        *(f"reports {said}" for said in ("do i have", "do we have", "i have", "do i get", "do we get", "are set up", "are sent", "go out")),
        "reports … scheduled", "reports … automatically", "gets sent to me", "get sent to me", "is sent to me automatically",
        "which reports are scheduled", "what automations", "what rules",
    )  # fmt: skip

    state: Annotated[
        Literal["active", "paused"] | None,
        Says(
            active=["running", "active", "switched on", "turned on", "live", "enabled"],
            paused=["paused", "off", "stopped", "inactive", "disabled", "not running"],
        ),
    ] = Field(None, description="Only those that run, or only paused ones.")


class Listed(BaseModel):
    automations: int
    schedules: int
    paused: int
    table: Table


@task(
    examples=[
        "which automations do I have", "list my automations", "show my automations", "which automations are running", "show me all workflows",
        "what runs automatically in my shop", "which scheduled reports are set up", "are any automations paused",
        "list my schedules", "show my scheduled reports",
    ]
)  # fmt: skip
async def list_automations(args: ListAutomations, store: Store, own: Own) -> Answer[Listed]:
    """Show the automations and scheduled reports, what each does, how often it fired and whether it runs."""
    automations = [one for one in await own.automations() if args.state in (None, one.state)]
    schedules = [one for one in await own.schedules() if args.state in (None, one.state)]
    ones: list[Automation | Schedule] = [*automations, *schedules]
    paused = sum(one.state == "paused" for one in ones)
    data = Listed(
        automations=len(automations), schedules=len(schedules), paused=paused,
        table=Table(
            columns=["Name", "What it does", "State", "Fired", "Last", "Next"], numeric=[False, False, False, True, False, False],
            rows=[_row(one) for one in ones],
        ),
    )  # fmt: skip
    evidence = Evidence(
        metric="automations", definition="Automations and schedules that were approved in this shop, and how often each acted.",
        query=f"automations that are {args.state}" if args.state else "all automations and schedules", period=None,
        time_zone=store.shop.time_zone, currency=store.shop.currency, rows=len(ones),
    )  # fmt: skip
    if not ones:
        nothing = say("No automation is {state}.", state=args.state) if args.state else say("There are no automations and no scheduled reports yet.")
        return Answer(nothing, data=data, evidence=evidence)
    said = count("{n} automation or schedule", "{n} automations and schedules", len(ones))
    return Answer(say("{said}, {paused} of them paused.", said=said, paused=paused), data=data, evidence=evidence)


def _row(one: Automation | Schedule) -> list[object]:
    does = str(one.rule) if isinstance(one, Automation) else f"{str(one.rhythm)[:1].upper()}{str(one.rhythm)[1:]}: “{one.request}”"
    state = f"paused: {one.reason}" if one.reason else one.state
    return [one.name, does, state, one.fired, one.last_fired_at, one.next_at]
