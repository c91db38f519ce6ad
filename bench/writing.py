"""What it costs to tell a text while it is written: the same thousand tokens from a provider on loopback, in one piece and followed.

python bench/writing.py [--texts 40] [--words 1000]

It prints the processor time of this process, which a busy machine hardly blurs; the provider runs in another one.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import tempfile
import time
from multiprocessing.queues import Queue
from pathlib import Path

from agent.dispatch.classifier import Classifier
from agent.dispatch.doors import RoutedWriter, Routes
from agent.dispatch.growing import Texts, Watched
from agent.gateway import gateway_from
from agent.prompts import Prompts
from agent.records import TextDelta
from agent.registry import discover
from agent.resources import Resources
from agent.settings import Settings
from agent.testing.fake_provider import FakeProvider


def alone() -> Watched:
    return "nobody"


def followed() -> Watched:
    return "here"


SIDES = (alone, followed)


def provider(words: int, address: Queue[str]) -> None:
    async def serve() -> None:
        async with FakeProvider(text="word " * words) as fake:
            address.put(fake.url)
            await asyncio.Event().wait()

    asyncio.run(serve())


async def measured(url: str, folder: Path, texts: int) -> None:
    prompts = folder / "prompts" / "tasks"
    prompts.mkdir(parents=True)
    (prompts / "write_faq.jinja").write_text("Write about {{ what }}.")
    settings = Settings.model_validate(
        {"providers": {"acme": {"dialect": "openai", "base_url": f"{url}/v1", "key": "sk"}}, "aliases": {"writer": {"targets": ["acme/good"]}}}
    )
    gateway = gateway_from(settings, record=lambda attempt: None)
    parts = discover(plugins=False).task("write_faq"), Classifier(gateway=gateway), Prompts(Resources(folder))
    for _ in range(3):
        for watched in SIDES:
            told = list[TextDelta]()
            began = time.process_time()
            for nth in range(texts):
                writer = RoutedWriter(*parts, Routes(), Texts(emit=told.append, watched=watched))
                if (await writer.write(what=f"mug {nth}")).by != "frontier":
                    raise SystemExit("the provider did not answer")
            taken_ms = (time.process_time() - began) * 1000 / texts
            print(f"{watched.__name__:>8}: {taken_ms:5.1f} ms of processor time a text, {len(told) / texts:.1f} events")
    await gateway.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=40)
    parser.add_argument("--words", type=int, default=1000)
    asked = parser.parse_args()
    address: Queue[str] = multiprocessing.Queue()
    other = multiprocessing.Process(target=provider, args=(asked.words, address), daemon=True)
    other.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(measured(address.get(), Path(folder), asked.texts))
    finally:
        other.terminate()


if __name__ == "__main__":
    main()
