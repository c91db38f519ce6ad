"""What the page to ask on loads for attaching tables, early and late."""

from __future__ import annotations

import re

import pytest
from doors import PAGE, World


@pytest.fixture
def signed_in(world: World) -> World:
    world.person()
    world.sign_in()
    return world


def test_all_that_the_page_to_ask_on_loads_is_under_a_hundred_kilobytes(signed_in: World) -> None:
    page = signed_in.send("GET", "/new", headers=PAGE).text
    files = set(re.findall(r'(?:src|href|data-later)="(/static/[^"]+\.(?:js|css)\?v=[^"]+)"', page))
    assert any("attach.js" in file for file in files)
    assert sum(len(signed_in.send("GET", file).content) for file in files) < 100_000


@pytest.mark.parametrize("start", ["/", "/new"])
def test_the_box_takes_a_file_by_a_labelled_field_without_any_script(signed_in: World, start: str) -> None:
    page = signed_in.send("GET", start, headers=PAGE).text
    form = page[page.index('<form id="composer"') : page.index("</form>", page.index('<form id="composer"'))]
    assert 'enctype="multipart/form-data"' in form and '<label class="clip quiet" for="upload"' in form and 'id="upload"' in form
