"""Metamorphic relations, over planners whose faults are known."""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping

from agent.evals.relations import Family, Relations, check_relations
from agent.evals.scorecard import PlanText
from agent.evals.wordings import clothes, slip
from agent.records import NotDone, Plan, Question, Read, Subtask
from agent.registry import discover

TASKS = discover(plugins=False).tasks
MUG, BOWL = "Set the blue mug to 12.50.", "raise the oak board by 3"
GOODS = {"set": "blue mug", "raise": "oak board"}
NOT_ASKED = re.compile(
    r"\b(?:don't|do not|not|never|no|how|should|what|who|why|good idea|colleague|wanted|was going|explain|forgot|discussed"
    r"|staff|way to|would|were told)\b"
)


def planned(text: str, subtasks: Mapping[str, Mapping[str, object]], *, asks: bool = False, unclear: bool = False) -> Plan:
    made = [
        Subtask(
            id=f"s{n}",
            task="change_price",
            args={"variants": {"label": verb, **args}},
            span=(0, 1),
            effect="write",
            read=Read(by="student", confidence=1.0),
        )
        for n, (verb, args) in enumerate(subtasks.items(), 1)
    ]
    return Plan(
        id="p", text=text, locale="en", subtasks=made, by="student", took_ms=1.0,
        questions=[Question(id="q1", subtask="s1", field="variants", question="Which?")] if asks and made else [],
        not_done=[NotDone(span=(0, 1), code="unclear", reason="because")] if unclear else [],
    )  # fmt: skip


async def careless(text: str) -> Plan:
    """It does whatever it finds a verb for, and sees nothing else."""
    return planned(text, {verb: {"ids": [goods]} for verb, goods in GOODS.items() if verb in text.casefold()})


async def careful(text: str) -> Plan:
    """It does what the bare requests say, in any case and however joined; what is spoken of it leaves, and of all else it asks."""
    said = " ".join(text.casefold().split())
    found = {verb: {"ids": [goods]} for verb, goods in GOODS.items() if verb in said}
    if NOT_ASKED.search(said):
        return planned(text, {}, unclear=True)
    rest = said.replace(MUG.casefold().rstrip("."), "").replace(BOWL, "")
    return planned(text, found, asks=bool(rest.split()))


def checked(planner: PlanText, *families: Family) -> Relations:
    return asyncio.run(
        check_relations(planner, [MUG, BOWL, "what is it"], TASKS, families=families or ("restated", "joined", "narrowed", "not_asked"))
    )


def verdicts(found: Relations, family: str) -> Counter[str]:
    return Counter(outcome.verdict for outcome in found.outcomes if outcome.family == family)


def test_a_planner_that_only_looks_for_verbs_is_found_out() -> None:
    found = checked(careless)
    assert found.seeds == 2, "what is not planned by itself makes no tests"
    assert verdicts(found, "narrowed").keys() == {"silent"}
    assert verdicts(found, "not_asked").keys() == {"silent"}
    assert verdicts(found, "restated")["held"] > 50
    assert found.worst(1)[0].verdict == "silent"


def test_a_planner_that_asks_in_doubt_changes_nothing_silently() -> None:
    found = checked(careful)
    assert verdicts(found, "narrowed").keys() == {"held"}
    assert verdicts(found, "not_asked").keys() == {"held"}
    assert verdicts(found, "restated")["asked"] > 0, "its questions about courtesies are needless"
    assert "silent" not in verdicts(found, "restated")


def test_another_change_than_the_one_that_was_meant_is_silent() -> None:
    async def loud(text: str) -> Plan:
        return planned(text, {"set": {"ids": ["all" if text.isupper() else "blue mug"]}})

    wrong = [outcome for outcome in asyncio.run(check_relations(loud, [MUG], TASKS, families=["restated"])).outcomes if outcome.verdict != "held"]
    assert [(outcome.relation, outcome.verdict) for outcome in wrong] == [("capitals", "silent")]


def test_a_part_that_is_lost_is_seen() -> None:
    async def forgetful(text: str) -> Plan:
        return planned(text, {"set": {"ids": ["blue mug"]}} if "mug" in text.casefold() else {"raise": {"ids": ["oak board"]}})

    texts = [MUG, BOWL, "raise the cup by 3"]
    found = asyncio.run(check_relations(forgetful, texts, TASKS, families=["joined"]))
    lost = [outcome for outcome in found.outcomes if "mug" in outcome.text]
    assert lost
    assert all(outcome.verdict == "other" for outcome in lost)


def test_the_table_has_a_line_for_each_family() -> None:
    table = str(checked(careless)).splitlines()
    assert [line.split()[0] for line in table] == ["family", "restated", "narrowed", "not_asked", "from"], "two requests are too few to be joined"


def test_clothes_leave_the_words_that_mean_something() -> None:
    said = dict(clothes("Tag the mugs sale.", "tag the mugs sale", command=True))
    assert said["please"] == "please tag the mugs sale"
    assert said["capitals"] == "TAG THE MUGS SALE."
    assert all("mugs" in text.casefold() for text in said.values())
    assert slip("set the candles to 4") == "set the cadnles to 4"
    assert slip("set it to 4") is None
