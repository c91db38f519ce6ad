"""What each page of the panel loads, read from its template: everything it wears, and little enough for a slow line."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from agent.web.panel.pages import HERE, STATIC, sent_as

TEMPLATES = HERE / "templates"
FRAMES = ("base.html", "shell.html")
PAGES = sorted(path.name for path in TEMPLATES.glob("*.html") if path.name not in FRAMES)
SHEETS = {path.name: path.read_text(encoding="utf-8") for path in STATIC.glob("*.css")}


def source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def block(name: str, called: str) -> str:
    """What stands in a page's block: its own, or what it extends has there."""
    text = source(name)
    own = re.search(rf"{{% block {called} %}}(.*?){{% endblock %}}", text, re.DOTALL)
    extended = re.match(r'{% extends "([^"]+)" %}', text)
    above = block(extended[1], called) if extended else ""
    return above if own is None else own[1].replace("{{ super() }}", above)


def parts(name: str, seen: set[str]) -> set[str]:
    if name not in seen:
        seen.add(name)
        for other in re.findall(r'{%-? (?:include|extends) "([^"]+)"', source(name)):
            parts(other, seen)
    return seen


def loaded(page: str) -> set[str]:
    head = re.sub(r"{% block (style|stream) %}.*?{% endblock %}", lambda found: block(page, found[1]), source("base.html"), flags=re.DOTALL)
    text = head + "".join(source(part) for part in parts(page, set()) if part not in FRAMES and "data-later" in source(part))
    text += "".join(source(each) for each in re.findall(r'{% include "([^"]+)" %}', head))
    return set(re.findall(r"static\('([^']+\.(?:css|js))'\)", text))


def worn(page: str) -> Iterator[str]:
    """Classes that stand written out in a page's templates; those made of a value are passed over."""
    for part in parts(page, set()):
        for classes in re.findall(r'\bclass="([^"]*)"', re.sub(r"{{.*?}}|{%.*?%}", " ", source(part))):
            yield from classes.split()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_under_a_hundred_kilobytes_of_script_and_style(page: str) -> None:
    files = {name: len(sent_as(STATIC / name)) for name in loaded(page)}
    assert len(files) >= 3 and sum(files.values()) < 100_000, files


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_the_sheet_that_dresses_what_stands_on_it(page: str) -> None:
    has = loaded(page)
    assert "panel.css" in has
    assert {each: sheets for each in worn(page) if (sheets := dressing(each)) and not sheets & has} == {}


def dressing(name: str) -> set[str]:
    """The sheets in which a class has a rule."""
    return {sheet for sheet, text in SHEETS.items() if re.search(rf"\.{re.escape(name)}(?![\w-])", text)}


def test_no_sheet_is_loaded_by_nobody() -> None:
    assert {name for page in PAGES for name in loaded(page) if name.endswith(".css")} == set(SHEETS)
