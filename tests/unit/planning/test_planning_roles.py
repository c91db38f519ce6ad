"""A task that somebody else ships takes part in what binding does by what a task declares, whatever it is called."""

from __future__ import annotations

from collections.abc import Mapping

from agent.planning.binding.texts_beside import texts_beside
from agent.planning.linking.roles import task_for
from agent.sdk import Args, Draft, Field, ProductRef, Task, say, task


class About(Args):
    product: ProductRef = Field(description="Which product.")


@task(examples=["a label for the mug", "label the candle's box"], does="write", about="label")
async def compose_a_label(args: About) -> Draft:
    """Write what stands on a box."""
    return Draft(say("A label for its box"), content="Handle with care", by="template")


def test_two_texts_in_one_breath_are_two_drafts_whoever_ships_their_tasks(tasks: Mapping[str, Task]) -> None:
    every = {**tasks, compose_a_label.name: compose_a_label}
    said = "write a label and a description for the Hand Cream"
    assert texts_beside(said, compose_a_label, every) == (compose_a_label, tasks["write_description"])
    assert texts_beside("write a label for the Hand Cream", compose_a_label, every) is None


def test_the_task_for_something_is_found_by_what_it_declares(tasks: Mapping[str, Task]) -> None:
    assert task_for(tasks, "find", "customer") is tasks["find_customers"]
    assert task_for(tasks, "report", "inventory") is tasks["inventory_report"]
    assert task_for(tasks, "write", "label") is None
    assert task_for({compose_a_label.name: compose_a_label}, "write", "label") is compose_a_label
