"""The page Students: what answers, its cards, and the steps an owner takes on it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from doors import PAGE, World
from scripted import NOW

from agent.db.engine import Database, sqlite_url
from agent.db.students import StudentDisagreementRow, StudentWindowRow
from agent.db.tables import AuditRow
from agent.records import ROLE_SCOPES, Principal, Role
from agent.resources import bundled
from agent.service.versions import StudentVersions
from agent.students.encoder import Encoder
from agent.students.shelf import Shelf
from agent.web.panel.markdown import rendered

HEAD = "review_sentiment"
MODELS = bundled() / "models"
OWNER = Principal("per_o", "person", "Olga", "shop_a", ROLE_SCOPES[Role.OWNER], Role.OWNER)


@dataclass(slots=True)
class Taught:
    """An application with students, one version of which was taken in."""

    world: World
    version: str
    problems: dict[str, str] = field(default_factory=dict)

    def text(self, path: str = "/students") -> str:
        reply = self.world.send("GET", path, headers=PAGE)
        assert reply.status_code == 200, reply.text
        return " ".join(re.sub(r"<[^>]+>", " ", reply.text).split())


@pytest.fixture
def taught(tmp_path: Path) -> Iterator[Taught]:
    shelf, problems = Shelf(tmp_path / "students", MODELS), dict[str, str]()
    encoder, db = Encoder(shelf.encoder()), Database(sqlite_url(tmp_path / "web.db"))
    versions = StudentVersions(db=db, shelf=shelf, encoder=lambda: encoder, now=lambda: NOW, problems=lambda: problems)
    world = World(tmp_path, students=versions)
    added = world.run(versions.add(_folder(tmp_path / "made"), OWNER))
    world.person()
    world.sign_in()
    yield Taught(world, added.id, problems)
    world.close()
    db.close()


def _folder(place: Path) -> Path:
    """The bundled head with another seed, and a card that tries things."""
    folder = shutil.copytree(MODELS / HEAD, place)
    manifest = folder / "manifest.toml"
    manifest.write_text(re.sub(r"(?m)^seed = \d+", "seed = 4711", manifest.read_text()))
    card = "# Mood\n\nGood at <script>alert(1)</script> *joy*, see [us](javascript:alert(2)).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    (folder / "CARD.md").write_text(card)
    return folder


def test_every_head_and_version_is_shown_and_the_menu_leads_there(taught: Taught) -> None:
    shown = taught.text()
    assert "Reader" in shown and "Review sentiment" in shown and taught.version[:12] in shown
    assert "Too little was seen since it came into use" in shown
    assert 'href="/students"' in taught.world.send("GET", "/", headers=PAGE).text


def test_a_version_goes_to_production_and_back_by_buttons(taught: Taught) -> None:
    world, at = taught.world, f"/students/{HEAD}"
    assert "shadow runs" in world.click(f"{at}/shadow", on="/students", version=taught.version).text
    assert "canary: 25%" in world.click(f"{at}/canary", on="/students", version=taught.version, share="25").text
    assert "Roll back" in world.click(f"{at}/promote", on="/students", version=taught.version).text
    assert "Roll back" not in world.click(f"{at}/rollback", on="/students").text


def test_each_step_of_the_page_is_in_the_audit_with_who_took_it(taught: Taught) -> None:
    taught.world.click(f"/students/{HEAD}/promote", on="/students", version=taught.version)
    rows = taught.world.run(taught.world.db.read(lambda session: list(session.query(AuditRow))))
    assert [(row.kind, row.ref) for row in rows if row.principal_id != OWNER.id] == [("student_promoted", f"{HEAD} 1")]


def test_who_owns_no_shop_sees_the_page_and_no_buttons(taught: Taught) -> None:
    taught.world.person("Viv", role=Role.VIEWER)
    taught.world.sign_in("Viv")
    assert "Promote" not in taught.text()
    reply = taught.world.click(f"/students/{HEAD}/promote", on="/students", version=taught.version)
    assert reply.status_code == 403


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        (f"/students/{HEAD}/dance", {}, 404),
        (f"/students/{HEAD}/promote", {"version": "0123456789ab"}, 404),
        ("/students/nobody/promote", {"version": "bundled"}, 404),
        (f"/students/{HEAD}/promote", {"version": "bundled"}, 409),
        (f"/students/{HEAD}/rollback", {}, 409),
        (f"/students/{HEAD}/canary", {"version": "bundled", "share": "99"}, 422),
    ],
)
def test_a_step_that_cannot_be_is_told(path: str, form: dict[str, str], status: int, taught: Taught) -> None:
    assert taught.world.click(path, on="/students", **form).status_code == status


def test_a_step_without_the_pages_own_token_is_refused(taught: Taught) -> None:
    reply = taught.world.send("POST", f"/students/{HEAD}/promote", data={"version": taught.version}, headers=PAGE)
    assert reply.status_code == 403
    assert "Roll back" not in taught.text()


def test_the_card_is_shown_and_can_do_nothing(taught: Taught) -> None:
    html = taught.world.send("GET", f"/students/{HEAD}/{taught.version[:12]}", headers=PAGE).text
    assert "<em>joy</em>" in html and "<td>1</td>" in html
    assert "<script>alert" not in html and 'href="javascript' not in html
    assert "gold: accuracy" in html and ">4711<" in html


def test_drift_and_trouble_are_on_the_page(taught: Taught) -> None:
    for hours, labels, confidence in ((20, {"positive": 400, "negative": 200}, {"95": 600}), (1, {"positive": 90, "negative": 510}, {"60": 600})):
        row = StudentWindowRow(
            head=HEAD, version="bundled", role="in_use", hour=NOW - timedelta(hours=hours), seen=600, labels=json.dumps(labels),
            confidence=json.dumps(confidence),
        )  # fmt: skip
        taught.world.run(taught.world.db.write(lambda session, row=row: session.add(row)))  # type: ignore[misc]  # a default binds it
    told = taught.text()
    assert "no longer as sure of its answers" in told and "mixed otherwise than when it came into use" in told
    taught.problems["reader"] = "`reader` stays as it was, since version 0123 cannot be used: it is damaged."
    assert "stays as it was" in taught.text()


def test_disagreements_are_shown_without_text_where_none_was_kept(taught: Taught) -> None:
    row = StudentDisagreementRow(
        id="dis_1", head=HEAD, version=taught.version, against="bundled", shop_id="shop_a", run_id="run_1", said="positive", confidence=0.71,
        shadow_said="negative", shadow_confidence=0.92, at=NOW,
    )  # fmt: skip
    taught.world.run(taught.world.db.write(lambda session: session.add(row)))
    assert "positive (71%) negative (92%) not kept" in taught.text()


def test_markdown_keeps_its_headings_below_the_pages_own() -> None:
    assert rendered("# One\n\n### Three") == "<h3>One</h3>\n<h5>Three</h5>\n"
    assert "<img" not in rendered("![x](https://example.org/x.png)")
