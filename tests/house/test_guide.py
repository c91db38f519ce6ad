"""The guide says what there is: the page of the sdk is the source's, every code of an error is explained, and no link leads nowhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import agent.sdk as sdk
from agent.cli.sdk_page import sdk_page
from agent.errors import StorehandError

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guide"
WRITTEN = [ROOT / "README.md", ROOT / "clients" / "python" / "README.md", *sorted(GUIDE.glob("*.md"))]


def below(kind: type[StorehandError]) -> list[type[StorehandError]]:
    return [kind, *(grand for child in kind.__subclasses__() for grand in below(child))]


def test_the_page_of_the_sdk_is_what_the_source_says() -> None:
    assert (GUIDE / "sdk.md").read_text(encoding="utf-8") == sdk_page(), "run `storehand tasks sdk > docs/guide/sdk.md` and commit what it writes"


def test_the_page_of_the_sdk_leaves_out_nothing_that_a_task_can_call_or_raise() -> None:
    offered = {name for name in sdk.__all__ if getattr(getattr(sdk, name), "__module__", "").startswith("agent.") and callable(getattr(sdk, name))}
    told = set(re.findall(r"\w+", sdk_page()))
    made_elsewhere = {"Abilities", "Slot"}  # by Storehand, of what is declared
    assert offered - told == made_elsewhere


def test_every_code_of_an_error_has_its_line_on_the_page_of_errors() -> None:
    raised = {kind.code for kind in below(StorehandError) if kind.__module__ == "agent.errors"}
    doors = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "agent" / "web").glob("*.py"))
    raised |= set(re.findall(r'BadRequest\(\s*\d+, "(\w+)"', doors)) | set(re.findall(r'\d{3}: "([a-z]+_[a-z_]+)"', doors))
    told = set(re.findall(r"`(\w+)`", (GUIDE / "errors.md").read_text(encoding="utf-8")))
    assert len(raised) > 45
    assert raised <= told, f"docs/guide/errors.md says nothing of {sorted(raised - told)}"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_a_link_of_the_guide_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_the_pythons_of_a_page_are_python(page: Path) -> None:
    for code in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        compile(code, page.name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
