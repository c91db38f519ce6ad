"""Makes a head in a test."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from agent.distill.cache import Cache, StepEvent
from agent.distill.head import Bench, make_head
from agent.distill.scorecard import HeadScore
from agent.distill.spec import read_spec
from agent.prompts import Prompts
from agent.resources import Resources

MODELS = Path(__file__).parents[3] / "models"


def make(folder: Path, cache: Path, *, events: list[StepEvent] | None = None, **more: Any) -> HeadScore:
    """The head of the folder's spec, written to `out` in it."""
    kept = Cache(cache, events.append if events is not None else lambda event: None)
    bench = Bench(models=more.pop("models", MODELS), data=folder, out=folder / "out", cache=kept, prompts=Prompts(Resources()), **more)
    return asyncio.run(make_head(read_spec(folder / "spec.toml"), bench))
