"""What a handler's doors to a model do when nobody behind them may or can answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent.dispatch.classifier import Classifier
from agent.dispatch.doors import RoutedWriter, Routes
from agent.dispatch.growing import Texts
from agent.errors import ContentFiltered, OverBudget, Overloaded, ProviderError, RunawaySpend
from agent.gateway import Gateway, Target
from agent.ledger.records import Held, Spender, spending
from agent.prompts import Prompts
from agent.providers.scripted import Broken, Scripted, ScriptedProvider
from agent.records import TextDelta
from agent.registry import discover
from agent.resources import Resources
from agent.sdk import Written


class Refusing:
    """A meter that sets nothing aside."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def reserve(self, spender: Spender, worst_usd: object) -> Held:
        raise self.error

    def settle(self, held: Held, cost_usd: object) -> None:
        raise AssertionError("nothing was held")


def written(gateway: Gateway, folder: Path, *, models: frozenset[str] | None = None) -> tuple[Written, str]:
    """What a writer gives over that gateway, and why it says it did so."""
    prompts = folder / "prompts" / "tasks"
    prompts.mkdir(parents=True)
    (prompts / "write_faq.jinja").write_text("Write about {{ what }}.")
    (prompts / "write_faq.template.jinja").write_text("About {{ what }}: no model wrote this.")
    routes = Routes()
    writer = RoutedWriter(discover(plugins=False).task("write_faq"), Classifier(gateway=gateway), Prompts(Resources(folder)), routes)
    with spending(models=models):
        text = asyncio.run(writer.write(what="mugs"))
    return text, routes.taken[-1].why


def behind(*script: str | ProviderError, error: Exception | None = None) -> Gateway:
    return Gateway({"writer": [Target(ScriptedProvider(list(script)), "m")]}, meter=Refusing(error) if error else None)


def test_a_key_that_may_not_use_the_writers_model_gets_the_template_and_the_reason(tmp_path: Path) -> None:
    text, why = written(behind("never said"), tmp_path, models=frozenset({"fast"}))
    assert text == Written(text="About mugs: no model wrote this.", by="template")
    assert why == "made from the shop's own facts, since this key may not use `writer`"


def test_a_budget_that_is_used_up_gets_the_template_and_the_reason(tmp_path: Path) -> None:
    text, why = written(behind("never said", error=OverBudget("the key's budget for the day is used up.")), tmp_path)
    assert text.by == "template" and why.endswith("since the key's budget for the day is used up")


@pytest.mark.parametrize(
    ("error", "said"), [(Overloaded("busy"), "the only attempt at a provider failed"), (ContentFiltered("a filter"), "a filter")]
)
def test_a_failed_call_gets_the_template_and_the_reason(tmp_path: Path, error: ProviderError, said: str) -> None:
    text, why = written(behind(error), tmp_path)
    assert text.by == "template" and why.endswith(f"since {said}")


def test_paused_spending_is_not_written_around(tmp_path: Path) -> None:
    with pytest.raises(RunawaySpend):
        written(behind("never said", error=RunawaySpend("Spending of this run is paused.")), tmp_path)


def shown(gateway: Gateway, folder: Path, *, asks: int = 1) -> tuple[Written, dict[int, str], list[TextDelta]]:
    """What a writer gives that is followed, what its follower saw last, and all that it was told."""
    prompts = folder / "prompts" / "tasks"
    prompts.mkdir(parents=True)
    (prompts / "write_faq.jinja").write_text("Write about {{ what }}.")
    (prompts / "write_faq.template.jinja").write_text("About {{ what }}: no model wrote this.")
    told, seen = list[TextDelta](), dict[int, str]()

    def take(delta: TextDelta) -> None:
        told.append(delta)
        seen[delta.text] = delta.delta if delta.anew else seen[delta.text] + delta.delta

    texts, routes = Texts(emit=take, watched=lambda: "here"), Routes()
    writer = RoutedWriter(discover(plugins=False).task("write_faq"), Classifier(gateway=gateway), Prompts(Resources(folder)), routes, texts)

    async def write() -> Written:
        for nth in range(asks):
            found = await writer.write(what="mugs", avoid=["gold"] * nth)
        return found

    with spending():
        return asyncio.run(write()), seen, told


def over(*scripts: list[Scripted]) -> Gateway:
    return Gateway({"writer": [Target(ScriptedProvider(script, name=name), "m") for name, script in zip("abc", scripts, strict=False)]})


def test_what_is_told_of_a_text_is_the_text(tmp_path: Path) -> None:
    text, seen, told = shown(over(["\n A mug\0 of clay, blue and heavy. "]), tmp_path)
    assert text == Written(text="A mug of clay, blue and heavy.", by="frontier")
    assert {number: words.rstrip() for number, words in seen.items()} == {1: text.text} and len(told) > 1


def test_a_text_whose_model_breaks_off_begins_anew_elsewhere_and_is_never_half_of_each(tmp_path: Path) -> None:
    text, seen, told = shown(over([Broken("A mug of gold, ")], ["Clay, thrown by hand."]), tmp_path)
    assert text == Written(text="Clay, thrown by hand.", by="frontier") and seen == {1: text.text}
    assert told[0].delta.startswith("A") and [delta.delta for delta in told if delta.anew][1].startswith("Clay")


def test_a_second_attempt_takes_the_place_of_the_first(tmp_path: Path) -> None:
    text, seen, _ = shown(over(["A mug of gold.", "A mug of clay."]), tmp_path, asks=2)
    assert text.text == "A mug of clay." and seen == {1: text.text}


def test_where_nobody_can_finish_what_was_shown_the_template_stands_in_its_place(tmp_path: Path) -> None:
    text, seen, _ = shown(over([Broken("A mug of gold, ")]), tmp_path)
    assert text == Written(text="About mugs: no model wrote this.", by="template") and seen == {1: text.text}


def test_without_a_provider_nothing_is_told_but_the_part(tmp_path: Path) -> None:
    text, _, told = shown(Gateway(), tmp_path)
    assert text.by == "template" and told == []
