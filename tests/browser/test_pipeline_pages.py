"""The pipeline of a student watched in a real browser while `storehand distill` runs beside it, and the steps that bring a version into use."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "unit" / "distill"))  # its small set of texts and its teacher are shared

from conftest import Served, Watched, playwright
from distill_data import TAUGHT, gold, training, write
from label_server import labelling
from test_chat import AXE, NARROW

from agent.db.engine import Database, sqlite_url
from agent.records import ROLE_SCOPES, Principal, Role
from agent.resources import bundled
from agent.service.versions import StudentVersions
from agent.students.encoder import Encoder
from agent.students.journal import journal
from agent.students.makings import FOLDER, Makings, Source
from agent.students.shelf import Shelf

MODELS = bundled() / "models"
HEAD = "review_sentiment"
OWNER = Principal("per_o", "person", "Olga", "shop_a", ROLE_SCOPES[Role.OWNER], Role.OWNER)
_COMMAND = "import sys; from agent.cli import main; main(sys.argv[1:])"
LONG_MS = 120_000
"""A process that imports scikit-learn on a busy machine."""
CONFIG = """[providers.near]
base_url = "{address}"
key = "sk-test"
[providers.near.models."labeller"]
window = 8000
price = {{ input = "10.00", output = "10.00" }}
[aliases.big]
targets = ["near/labeller"]
"""


@dataclass(frozen=True, slots=True)
class School:
    """A panel with students, and a data folder in which students are made."""

    served: Served
    folder: Path
    page: Any
    watched: Watched

    def distilling(self, spec: str, *, address: str) -> subprocess.Popen[bytes]:
        """`storehand distill` of that spec, in a process of its own."""
        write(self.folder / "train.jsonl", training())
        write(self.folder / "gold.jsonl", gold())
        (self.folder / "spec.toml").write_text(spec, encoding="utf-8")
        (self.folder / "storehand.toml").write_text(CONFIG.format(address=address), encoding="utf-8")
        command = [
            sys.executable, "-c", _COMMAND, "--config", self.folder / "storehand.toml", "--data", self.folder,
            "distill", self.folder / "spec.toml", "--out", self.folder / "out", "--cache", self.folder / "cache",
        ]  # fmt: skip
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"})

    def row(self, step: str) -> Any:
        return self.page.locator(f'tr[data-step="{step}"]')


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    folder = tmp_path_factory.mktemp("school")
    shelf, db = Shelf(folder / "students", MODELS), Database(sqlite_url(folder / "web.db"))
    encoder = Encoder(shelf.encoder())
    versions = StudentVersions(db=db, shelf=shelf, encoder=lambda: encoder, makings=Makings(folder / FOLDER))
    with Served(folder, students=versions).running() as made:
        made.world.person("Anna")
        made.world.run(versions.add(_other_version(folder / "made"), OWNER))
        yield made, folder
    db.close()


def _other_version(place: Path) -> Path:
    """The bundled head with another seed."""
    place.mkdir()
    for path in (MODELS / HEAD).glob("*.*"):
        (place / path.name).write_bytes(path.read_bytes())
    manifest = place / "manifest.toml"
    manifest.write_text(re.sub(r"(?m)^seed = \d+", "seed = 4711", manifest.read_text()))
    return place


@pytest.fixture
def school(chromium: Any, served: tuple[Served, Path], request: pytest.FixtureRequest) -> Iterator[School]:
    watched = Watched(chromium, served[0].address, **{"viewport": {"width": 1440, "height": 1000}, **getattr(request, "param", {})})
    yield School(served[0], served[1], watched.sign_in("/students"), watched)
    watched.context.close()
    assert watched.faults == []


@pytest.mark.distill  # and of no browser alone: where that must run, the extra may be absent
def test_a_making_is_followed_as_it_runs_is_stopped_goes_on_and_is_refused(school: School) -> None:
    pytest.importorskip("sklearn", reason="the extra `distill` is not installed")
    expect, page = playwright.expect, school.page
    page.get_by_role("link", name="Pipeline").click()
    expect(page.get_by_text("Nothing was made on this machine yet.")).to_be_visible()
    held = threading.Event()
    with labelling(held) as address:
        first = school.distilling(TAUGHT, address=address)
        expect(page.locator(".rows li")).to_have_count(1, timeout=LONG_MS)  # the page asks by itself
        page.get_by_role("link", name="Mood").click()
        expect(school.row("teach")).to_contain_text("running", timeout=LONG_MS)
        expect(school.row("embed")).to_contain_text("done")
        expect(school.row("fit student")).to_contain_text("waiting")
        first.send_signal(signal.SIGKILL)
        first.wait()
        expect(page.locator('section[data-state="stopped"]')).to_be_visible()
        expect(school.row("teach")).to_contain_text("stopped")

        held.set()
        second = school.distilling(TAUGHT, address=address)
        page.goto("/pipeline")
        expect(page.locator(".rows li")).to_have_count(2, timeout=LONG_MS)
        page.get_by_role("link", name="Mood").first.click()
        expect(page.locator('section[data-state="passed"]')).to_be_visible(timeout=LONG_MS)
        assert second.wait() == 0
        expect(school.row("embed")).to_contain_text("cached")
        expect(school.row("fit student")).to_contain_text("done")
        expect(page.get_by_role("link", name="It goes on from one that stopped.")).to_be_visible()
        expect(page.get_by_role("img", name=re.compile("What is taken for what"))).to_be_visible()
        expect(page.get_by_role("row", name=re.compile("^gold gold.jsonl [0-9a-f]{12} own"))).to_be_visible()
        expect(page.get_by_role("row", name=re.compile("^model mood.report not taken in yet"))).to_be_visible()

        third = school.distilling(TAUGHT.replace("gold = 60", "gold = 60\naccuracy = 0.999"), address=address)
        page.goto("/pipeline")
        expect(page.locator(".rows li .badge", has_text="refused")).to_be_visible(timeout=LONG_MS)
        assert third.wait() == 1
        page.get_by_role("link", name="Mood").first.click()
        expect(page.get_by_text("its interval has to lie above 99.9%")).to_be_visible()
        expect(school.row("model")).to_contain_text("not reached")


@pytest.mark.browser
def test_a_version_goes_through_shadow_and_canary_into_use_and_back(school: School) -> None:
    expect, card = playwright.expect, school.page.locator(f"#student-{HEAD}")
    card.get_by_role("button", name="Run in the shadow").click()
    expect(card.get_by_role("status")).to_have_text("shadow runs")
    card.get_by_role("button", name="End the shadow").click()
    expect(card.get_by_role("status")).to_have_text("in use")
    card.get_by_label("Share of the requests").select_option("25")
    card.get_by_role("button", name="Run as canary").click()
    expect(card.get_by_role("status")).to_have_text("canary: 25%")
    card.get_by_role("button", name="Promote").click()
    expect(card.get_by_role("status")).to_have_text("in use")
    card.get_by_role("button", name="Roll back to the version before").click()
    expect(card.locator("tr", has_text="as shipped").first).to_contain_text("in use")


def _recorded(folder: Path) -> str:
    """A making whose steps stand in every way a step can stand."""
    sources = [Source(use="training", name="train.jsonl", digest="a" * 64, licence="own"), Source(use="encoder", name="encoder", digest="b" * 64)]
    plan = [("embed", ("training", "encoder")), ("apart", ("embed",)), ("train student", ("apart",)), ("fit student", ("train student",))]
    plan += [("judge student on gold", ("fit student",)), ("gate", ("judge student on gold",))]
    curves = {
        "reliability": {"said": [0.4, 0.95], "right": [0.5, 0.9], "n": [4, 40]},
        "by_threshold": {"least": [0.0, 0.5], "kept": [1.0, 0.9], "right": [0.86, 0.9]},
        "confusion": {"labels": ["a rather long label of a class", "b"], "counts": [[20, 3], [1, 20]], "of": 30},
    }
    with journal(folder, head="triage", target="fine_tuned", teacher="labels", spec="c" * 64, sources=sources, plan=plan) as told:
        told.step("embed", "cached", key="d" * 64)
        told.step("apart", "done", key="e" * 64, took_s=2.5)
        told.step("train student", "running", done=1, total=3, figures={"loss": 2.0})
        told.step("train student", "done", took_s=60.0)
        told.step("fit student", "failed")
        told.step("gate", "refused")
        told.log("a line of the log")
        told.ended("refused", why=["recall of `b` is low"], figures={"accuracy": 0.86}, curves=curves)
        return told.id


@pytest.mark.browser
@pytest.mark.parametrize("school", [{}, {**NARROW, "color_scheme": "dark"}], indirect=True)
def test_the_pages_fit_the_screen_and_hinder_no_assistive_technology(school: School) -> None:
    id = _recorded(school.folder / FOLDER)
    for path in ("/students", "/pipeline", f"/pipeline/{id}", f"/students/{HEAD}/bundled"):
        school.page.goto(path)
        school.page.locator("h1").wait_for()
        school.page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
        assert school.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        if AXE is not None:
            school.page.evaluate(AXE.read_text(encoding="utf-8"))
            found = school.page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']})")
            assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found["violations"]] == [], path
