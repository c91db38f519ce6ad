"""moderate_reviews: which reviews are meant, and that undo puts each back."""

import asyncio
from typing import Any

import pytest
from said import moved

from agent.sdk import NotFound


def states(bench: Any) -> dict[str, str]:
    return {review.id: review.status for review in asyncio.run(bench.ground.store.reviews()).items}


def test_publishing_the_pending_ones_changes_those_alone_and_undo_puts_them_back(bench: Any) -> None:
    before = states(bench)
    proposal = bench.ask("moderate_reviews", decision="publish", status="pending")
    assert {c.target.id for c in proposal.changes} == {id for id, status in before.items() if status == "pending"}
    done = asyncio.run(bench.ground.apply(proposal))
    assert "pending" not in states(bench).values()
    asyncio.run(bench.ground.undo(done))
    assert states(bench) == before


def test_bad_ones_have_one_or_two_stars(bench: Any) -> None:
    proposal = bench.ask("moderate_reviews", decision="hide", group="bad")
    stars = {r.id: r.rating for r in asyncio.run(bench.ground.store.reviews()).items}
    assert proposal.changes and all(stars[c.target.id] <= 2 and c.after == "hidden" for c in proposal.changes)


def test_what_is_marked_as_spam_is_kept_and_not_published_with_the_others(bench: Any) -> None:
    [first, *_] = asyncio.run(bench.ground.store.reviews()).items
    asyncio.run(bench.ground.apply(bench.ask("moderate_reviews", decision="spam", reviews={"ids": [first.id], "label": "it"})))
    assert states(bench)[first.id] == "spam"
    try:
        proposal = bench.ask("moderate_reviews", decision="publish", products={"ids": [first.product_id], "label": "its product"})
    except NotFound:
        return
    assert first.id not in {c.target.id for c in proposal.changes}


def test_what_is_so_already_changes_nothing_and_says_so(bench: Any) -> None:
    proposal = bench.ask("moderate_reviews", decision="publish", status="published")
    assert not proposal.changes and "already" in proposal.summary.msgid


def test_no_review_of_that_name_is_not_found(bench: Any) -> None:
    with pytest.raises(NotFound):
        bench.ask("moderate_reviews", decision="hide", author="Zebedee")


def test_only_so_many_of_the_newest_are_taken(bench: Any) -> None:
    newest = asyncio.run(bench.ground.store.reviews()).items[0]
    proposal = bench.ask("moderate_reviews", decision="spam", top=1)
    assert list(moved(proposal.changes, "status")) == [newest.label]
