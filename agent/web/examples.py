"""What real calls to the demo shop were sent and answered (`agent.testing.api_examples` takes them down), for the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

_FILE = Path(__file__).with_name("examples.json")


@dataclass(frozen=True, slots=True)
class Examples:
    """By operation: `request`, and replies by their status. Operations that nobody called have none."""

    kept: Mapping[str, Mapping[str, Any]]

    def request(self, operation: str) -> Any:
        return self.kept.get(operation, {}).get("request")

    def reply(self, operation: str, status: int) -> Any:
        return self.kept.get(operation, {}).get(str(status))

    def args(self, task: str) -> Any:
        """What the task can be called with."""
        return self.kept.get("tasks", {}).get(task)


def examples() -> Examples:
    return Examples(msgspec.json.decode(_FILE.read_bytes()))
