"""The metrics of several workers as one text."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from agent.telemetry.together import labelled, merged, together

TEXT = b"""# HELP calls_total Calls, "quoted" {so}.
# TYPE calls_total counter
calls_total{alias="a b",outcome="ok"} 2.0
# HELP rows Rows.
# TYPE rows gauge
rows 1.0
"""


def samples(text: bytes) -> dict[tuple[str, str, str], float]:
    found = [sample for family in text_string_to_metric_families(text.decode()) for sample in family.samples]
    return {(sample.name, sample.labels["worker"], sample.labels.get("alias", "")): sample.value for sample in found}


def test_every_sample_names_its_worker_and_every_metric_is_described_once() -> None:
    text = merged([labelled(TEXT, 0), labelled(TEXT.replace(b"2.0", b"5.0"), 1), b""])
    assert samples(text) == {("calls_total", "0", "a b"): 2.0, ("calls_total", "1", "a b"): 5.0, ("rows", "0", ""): 1.0, ("rows", "1", ""): 1.0}
    assert text.count(b"# TYPE") == text.count(b"# HELP") == 2


def test_a_scrape_of_one_worker_brings_those_of_all_that_answer(tmp_path: Path) -> None:
    async def inner() -> None:
        paths = [str(tmp_path / str(number)) for number in range(3)]  # the third is bound, and nobody answers there
        async with AsyncExitStack() as stack:
            asked = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in paths]
            for one, path in zip(asked, paths, strict=True):
                one.bind(path)
                one.listen()
            at: list[Callable[[], asyncio.Future[bytes]]] = []
            for number in range(2):
                others = [path for place, path in enumerate(paths) if place != number]
                all_of_them = await stack.enter_async_context(together(lambda: TEXT, number=number, asked=asked[number], others=others))
                at.append(lambda ask=all_of_them: asyncio.ensure_future(ask()))  # type: ignore[misc]  # a default binds it
            for ask in at:
                assert {worker for _, worker, _ in samples(await ask())} == {"0", "1"}

    asyncio.run(inner())
