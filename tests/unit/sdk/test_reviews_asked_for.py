"""Which reviews are meant by who wrote them: a change to Tom's is none to Tomas's."""

from datetime import UTC, datetime

import pytest

from agent.sdk import Review, Untrusted
from agent.sdk.reviews import written_by


def by(author: str) -> Review:
    words = {name: Untrusted(text, source="review", record="r_1") for name, text in {"title": "", "body": "Lovely", "author": author}.items()}
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return Review(id="r_1", product_id="p_1", product_title="Mug", rating=5, written_at=at, status="published", **words)


@pytest.mark.parametrize(
    ("said", "author"),
    [
        ("Tom", "Tom Becker"), ("tom's", "Tom Becker"), ("Tom B.", "Tom Becker"), ("Becker", "Tom Becker"), ("Tom Becker", "tom becker"),
        ("Anna", "anna_s"), ("O'Brien", "Mary O’Brien"), ("Tom", "Tom B."), (None, "Tom"), ("", "Tom"), ("★", "★ mug fan ★"),
    ],
)  # fmt: skip
def test_a_name_is_its_authors(said: str | None, author: str) -> None:
    assert written_by(by(author), said)


@pytest.mark.parametrize(
    ("said", "author"), [("Tom", "Tomas Novak"), ("Ann", "Hannah Lee"), ("Tom C.", "Tom Becker"), ("Anna Berg", "Anna Schmidt"), ("★", "Tom")]
)
def test_what_only_begins_or_ends_like_it_is_another_name(said: str, author: str) -> None:
    assert not written_by(by(author), said)
