"""The page of saved prompts over HTTP, and a request that begins with the name of one."""

from __future__ import annotations

import re

import pytest
from doors import PAGE, World

from agent.records import Role


@pytest.fixture
def owner(world: World) -> World:
    world.person("Anna")
    world.sign_in()
    return world


def ask(world: World, text: str) -> int:
    return world.click("/asks", text=text, thread="t1").status_code


def test_a_prompt_is_kept_called_changed_and_removed(owner: World) -> None:
    page = owner.click("/prompts", on="/prompts", name="Weekly", text="How did sales go?")
    assert page.status_code == 200 and "/weekly" in page.text and "yours" in page.text
    assert ask(owner, "/weekly by day") == 200
    assert owner.service.asked[-1].text == "How did sales go? by day"
    (kept,) = re.findall(r'id="prompt-(prm_\w+)"', page.text)
    owner.click(f"/prompts/{kept}", on="/prompts", name="weekly", text="How did orders go?", shared="1")
    assert ask(owner, "/weekly") == 200 and owner.service.asked[-1].text == "How did orders go?"
    assert "Nothing is kept yet" in owner.click(f"/prompts/{kept}/remove", on="/prompts").text
    assert ask(owner, "/weekly") == 422 and len(owner.service.asked) == 2


def test_what_was_asked_is_kept_from_its_run(owner: World) -> None:
    ask(owner, "How did <b>sales</b> go?")
    page = owner.send("GET", "/t/t1", headers=PAGE).text
    (link,) = re.findall(r'href="(/prompts\?run=[^"]+)"', page)
    assert "How did &lt;b&gt;sales&lt;/b&gt; go?</textarea>" in owner.send("GET", link, headers=PAGE).text
    assert "</textarea>" in owner.send("GET", "/prompts?run=run_nothing", headers=PAGE).text


def test_text_of_a_prompt_does_nothing_where_it_is_offered(owner: World) -> None:
    owner.click("/prompts", on="/prompts", name="bad", text='"><script>alert(1)</script>\u202e')
    for path in ("/", "/new", "/prompts"):
        page = owner.send("GET", path, headers=PAGE).text
        assert "<script>alert" not in page and "alert(1)" in page
        assert "⟨U+202E⟩" in page


def test_others_see_only_what_is_shared_and_have_no_button_to_change_it(owner: World) -> None:
    owner.click("/prompts", on="/prompts", name="own", text="Mine alone")
    owner.click("/prompts", on="/prompts", name="late", text="Which orders are late?", shared="1")
    owner.person("Vera", role=Role.VIEWER)
    owner.sign_in("Vera")
    page = owner.send("GET", "/prompts", headers=PAGE).text
    assert "Which orders are late?" in page and "Mine alone" not in page and "Shared by Anna" in page
    assert "Remove for good" not in page and 'name="shared"' not in page
    assert owner.click("/prompts", on="/prompts", name="x", text="y", shared="1").status_code == 403


def test_without_proof_that_it_comes_from_our_page_nothing_is_kept(owner: World) -> None:
    assert owner.send("POST", "/prompts", data={"name": "x", "text": "y"}, headers=PAGE).status_code == 403
