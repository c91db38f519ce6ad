"""Searches the guide by meaning, with the encoder that every head shares. Passages are embedded once, when somebody first asks."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from agent.sdk.guide import Passage
from agent.sdk.task import Task
from agent.students.encoder import Encoder, Floats

TASKS = "tasks"
_HELP = ("how_to", "what_can_you_do")
"""Tasks that explain others: their examples are questions, and would be found for every one."""
_FOR_AUTHORS = frozenset({"sdk"})
"""Pages that list what a program imports: no merchant asks for them, and "refunding" there tells of a class."""
_HEADING = re.compile(r"^#{1,3} +(.+)$", re.MULTILINE)
_CODE = re.compile(r"```.*?```", re.DOTALL)
_SPACE = re.compile(r"\s+")
_ASKING = re.compile(
    r"^(?:please )?(?:can you )?(?:tell me |explain |show me )?"
    r"(?:how (?:do|can|would|should|to|does) ?(?:i|we|you|one)? ?|where (?:do|can) (?:i|we) )",
    re.IGNORECASE,
)


def passages(folder: Path | None, tasks: Iterable[Task]) -> list[Passage]:
    """Sections of the guide's pages, and what each task says of itself with its examples."""
    pages = sorted(folder.glob("*.md")) if folder is not None and folder.is_dir() else []
    found = [passage for page in pages if page.stem not in _FOR_AUTHORS for passage in _sections(page)]
    told = [one for one in tasks if one.name not in _HELP]
    return found + [Passage(page=TASKS, section=one.name, text=text) for one in told for text in (one.summary, *one.examples)]


def _sections(page: Path) -> list[Passage]:
    parts = _HEADING.split(_CODE.sub(" ", page.read_text(encoding="utf-8")))
    title = parts[1] if len(parts) > 1 else page.stem
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return [Passage(page=title, section=heading, text=_prose(body)) for heading, body in pairs if _prose(body)]


def _prose(body: str) -> str:
    lines = [line for line in body.splitlines() if not line.lstrip().startswith("|")]
    return _SPACE.sub(" ", re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", " ".join(lines)).replace("`", "").replace("**", "")).strip()


class EncodedGuide:
    """`Guide` over passages that are there from the beginning."""

    def __init__(self, encoder: Encoder, known: Sequence[Passage]) -> None:
        self._encoder, self._known = encoder, known
        self._rows: Floats | None = None
        self._owners: list[int] = []
        self._making = threading.Lock()

    async def search(self, question: str, *, limit: int = 3) -> list[Passage]:
        return await asyncio.to_thread(self._search, question, limit)

    def _search(self, question: str, limit: int) -> list[Passage]:
        rows = self._embedded()
        if not len(rows):
            return []
        asked = self._encoder.embed([_ASKING.sub("", question.strip().rstrip("?")) or question])[0]
        best: dict[tuple[str, str], Passage] = {}
        for owner, likeness in zip(self._owners, (rows @ asked).tolist(), strict=True):
            one = self._known[owner]
            before = best.get((one.page, one.section))
            if before is None or likeness > before.likeness:
                best[one.page, one.section] = replace(one, likeness=likeness)
        return sorted(best.values(), key=lambda one: -one.likeness)[:limit]

    def _embedded(self) -> Floats:
        """A section is found by its heading as well as by what it says; a task by each of its examples."""
        with self._making:
            if self._rows is None:
                texts = [(at, text) for at, one in enumerate(self._known) for text in ([one.text] if one.page == TASKS else [one.section, one.text])]
                self._rows, self._owners = self._encoder.embed([text for _, text in texts]), [at for at, _ in texts]
            return self._rows
