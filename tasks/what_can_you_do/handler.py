import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from agent.sdk import (
    Abilities,
    Answer,
    Args,
    Ask,
    BaseModel,
    Cues,
    Field,
    Says,
    Sentence,
    Store,
    Table,
    Task,
    count,
    evidence,
    say,
    task,
)

Kind = Literal["look_up", "write_text", "change"]
KINDS: Mapping[str, Kind] = {"read": "look_up", "draft": "write_text", "write": "change", "action": "change"}
SAID: Mapping[Kind, str] = {"look_up": "looks something up", "write_text": "writes a draft", "change": "changes something, once you approve it"}
ORDER: Sequence[Kind] = ("look_up", "change", "write_text")
EXAMPLES = 3


class WhatCanYouDo(Args):
    decisive = ("your features", "what can you do", "what you can do")

    about: Annotated[str | None, Cues("about", "with", "for", "regarding", "concerning")] = Field(
        None, description="Only what has to do with this topic: discounts, orders, a word."
    )
    kind: Annotated[
        Kind | None,
        Says(
            look_up=["look up", "look things up", "look stuff up", "find out", "report", "reports", "answer"],
            write_text=["write", "draft", "texts", "copy"],
            change=["change", "changes", "edit", "do in my shop", "update", "actions"],
        ),
    ] = Field(None, description="Only what looks something up, writes a text, or changes something.")


class Possible(BaseModel):
    tasks: list[str]
    count: int
    table: Table


@task(
    examples=[
        "what can you do", "what can I ask you", "help", "how can you help me", "what are you able to do with discounts", "list all you can do",
        "which changes can you make in my shop", "what is this assistant for",
    ]
)  # fmt: skip
async def what_can_you_do(args: WhatCanYouDo, abilities: Abilities, store: Store, ask: Ask) -> Answer[Possible]:
    """Tell what can be asked for here, with examples; what is not listed cannot be done."""
    fitting = [one for one in abilities.tasks if _fits(one, args)]
    ordered = sorted(fitting, key=lambda one: (ORDER.index(KINDS[one.effect]), one.name))
    data = Possible(tasks=[one.name for one in ordered], count=len(ordered), table=_table(ordered))
    told = evidence(
        store, args, metric="tasks", rows=len(abilities.tasks),
        definition="The tasks installed here, with their own words and examples. A change waits for approval; a text is a draft until it is saved.",
    )  # fmt: skip
    listed = _sentence(ordered, args)
    if _WHO.search(ask.text):
        this = "This is Storehand, an assistant for your shop's back office: it looks things up, writes drafts and proposes changes. {listed}"
        listed = say(this, listed=listed)
    return Answer(listed, data=data, evidence=told)


_WHO = re.compile(
    r"\bwho\s+(?:or\s+what\s+)?(?:are|made|built|created)\b|\bare\s+you\s+(?:an?\s+)?(?:real|robot|bot|human|person|ai|machine|computer|chatgpt)\b"
    r"|\bwhat\s+are\s+you\W*$|\byourself\b|\bwhat(?:['’]?s|\s+is)\s+(?:this|storehand)\b",
    re.I,
)
"""Who asks who this is is told that first."""


def _fits(one: Task, args: WhatCanYouDo) -> bool:
    if args.kind is not None and KINDS[one.effect] != args.kind:
        return False
    wanted = _stems(args.about or "")
    return not wanted or bool(wanted & _stems(" ".join([one.name.replace("_", " "), one.summary, *one.examples])))


def _stems(text: str) -> frozenset[str]:
    """Words that say what it is about, without their plural."""
    words = re.findall(r"[^\W\d_]{3,}", text.casefold())
    return frozenset(word.removesuffix("s") for word in words if word not in _IDLE)


_IDLE = frozenset({"the", "our", "and", "all", "any", "your", "you", "can", "what", "which", "this", "that", "with", "for", "shop", "store", "are"})


def _table(tasks: Sequence[Task]) -> Table:
    rows = [[one.name.replace("_", " "), one.summary, SAID[KINDS[one.effect]], one.examples[0]] for one in tasks]
    return Table(columns=["Task", "What it does", "Kind", "For example"], rows=rows, numeric=[False] * 4)


def _sentence(tasks: Sequence[Task], args: WhatCanYouDo) -> Sentence:
    if not tasks:
        return count("Nothing here has to do with “{about}”.", "Nothing here has to do with “{about}”.", 0, about=args.about or "that")
    by_kind = {kind: [one for one in tasks if KINDS[one.effect] == kind] for kind in ORDER}
    shown = [by_kind[kind][0].examples[0] for kind in ORDER if by_kind[kind]]
    quoted = [f"“{example}”" for example in (shown if len(shown) == EXAMPLES else [one.examples[0] for one in tasks[:EXAMPLES]])]
    facts = {"looks": len(by_kind["look_up"]), "changes": len(by_kind["change"]), "texts": len(by_kind["write_text"]), "examples": quoted}
    return count(
        "One thing can be asked for: {examples}.",
        "{n} things can be asked for: {looks} look something up, {changes} change something once you approve it, {texts} write a draft. "
        "For example {examples}.",
        len(tasks), **facts,
    )  # fmt: skip
