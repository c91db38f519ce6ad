"""Automations, schedules and segments are changed by approval, undone and audited as a shop's records are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from agent.db.tables import AuditRow
from agent.errors import StoreRefused
from agent.sdk import Change, Proposal, say
from agent.sdk.rhythms import Rhythm
from agent.sdk.rules import Act, Condition, Rule, Trigger
from agent.sdk.segments import SegmentQuery
from agent.testing.playground import Playground, playground

RULE = Rule(when=Trigger(on="stock_below", stock=5), then=[Act(do="tag", to="product", tags=["low-stock"])])


@pytest.fixture
def ground() -> Iterator[Playground]:
    with playground() as made:
        yield made


def low_stock(rule: Rule = RULE) -> Proposal:
    return Proposal(say("New automation"), changes=[Change.create("automation", "Low stock", {"name": "Low stock", "rule": rule.json_()})])


def test_an_approved_automation_is_kept_with_whoever_stands_behind_it(ground: Playground) -> None:
    applied = asyncio.run(ground.apply(low_stock()))
    (kept,) = asyncio.run(ground.own.automations())
    assert applied.state == "applied"
    assert (kept.name, kept.rule, kept.state, kept.approved_by, kept.fired) == ("Low stock", RULE, "active", ground.person.id, 0)


def test_making_one_is_undone_by_taking_it_away_and_both_are_audited(ground: Playground) -> None:
    applied = asyncio.run(ground.apply(low_stock()))
    undone = asyncio.run(ground.undo(applied))
    assert undone.state == "applied"
    assert asyncio.run(ground.own.automations()) == []
    kinds = ground.db.read_now(lambda s: [row.kind for row in s.scalars(select(AuditRow).order_by(AuditRow.seq))])  # type: ignore[arg-type]
    assert kinds.count("write") == 2


def test_pausing_is_a_change_that_is_undone(ground: Playground) -> None:
    asyncio.run(ground.apply(low_stock()))
    (kept,) = asyncio.run(ground.own.automations())
    paused = asyncio.run(ground.apply(Proposal(say("Pause"), changes=kept.set(state="paused"))))
    assert [a.state for a in asyncio.run(ground.own.automations())] == ["paused"]
    asyncio.run(ground.undo(paused))
    assert [a.state for a in asyncio.run(ground.own.automations())] == ["active"]


def test_a_rule_that_changed_meanwhile_is_left_alone(ground: Playground) -> None:
    asyncio.run(ground.apply(low_stock()))
    (kept,) = asyncio.run(ground.own.automations())
    ten = Rule(when=Trigger(on="stock_below", stock=10), then=RULE.then)
    asyncio.run(ground.apply(Proposal(say("Ten"), changes=kept.set(rule=ten))))
    late = asyncio.run(ground.apply(Proposal(say("Twenty"), changes=kept.set(rule=RULE.model_copy(update={"when": Trigger(on="sold_out")})))))
    assert late.items[0].state == "skipped"
    assert [a.rule for a in asyncio.run(ground.own.automations())] == [ten]


def test_a_schedule_knows_when_it_is_due_in_the_shops_time_zone(ground: Playground) -> None:
    monday = Rhythm(every="week", weekdays=(0,), at="09:00")
    fields = {"name": "Weekly sales", "request": "sales last week", "rhythm": monday.model_dump(mode="json")}
    asyncio.run(ground.apply(Proposal(say("New schedule"), changes=[Change.create("schedule", "Weekly sales", fields)])))
    (kept,) = asyncio.run(ground.own.schedules())
    assert kept.next_at == monday.after(ground.clock.at, ground.store.shop.time_zone)
    assert kept.rhythm == monday


def test_a_segment_keeps_its_query(ground: Playground) -> None:
    query = SegmentQuery(tags=["vip"], no_order_for_days=90)
    fields = {"name": "Lost VIPs", "query": query.model_dump(mode="json")}
    asyncio.run(ground.apply(Proposal(say("New segment"), changes=[Change.create("segment", "Lost VIPs", fields)])))
    (kept,) = asyncio.run(ground.own.segments())
    assert (kept.name, kept.query) == ("Lost VIPs", query)


def test_a_rule_that_nothing_can_carry_out_is_refused_by_the_records_too(ground: Playground) -> None:
    bad = {"name": "Odd", "rule": {"when": {"on": "sold_out"}, "then": [{"do": "tag", "to": "customer", "tags": ["x"]}]}}
    made = asyncio.run(ground.apply(Proposal(say("Odd"), changes=[Change.create("automation", "Odd", bad)])))
    assert made.items[0].state == "failed"
    assert "has no customer to tag" in str(made.items[0].note)


def test_nothing_is_written_that_nobody_approved(ground: Playground) -> None:
    with pytest.raises(StoreRefused, match="Nobody approved"):
        asyncio.run(ground.own.write(low_stock().changes[0], key="a-key-of-nobody"))


def test_a_write_repeated_with_its_key_answers_as_the_first_time(ground: Playground) -> None:
    segment = Change.create("segment", "VIP", {"name": "VIP", "query": {"tags": ["vip"]}})
    first = asyncio.run(ground.own.write(segment, key="k"))
    again = asyncio.run(ground.own.write(segment, key="k"))
    assert (again.target_id, again.replayed) == (first.target_id, True)
    assert len(asyncio.run(ground.own.segments())) == 1


def test_a_rule_reads_as_a_sentence() -> None:
    rule = Rule(
        when=Trigger(on="order_placed"), only=Condition(customer_tags=["vip"], countries=["DE"]),
        then=[Act(do="tag", to="order", tags=["gift"]), Act(do="notify")],
    )  # fmt: skip
    assert str(rule) == "When an order is placed, if the customer is tagged vip and the country is DE: tag the order gift and notify you."


@pytest.mark.parametrize(
    ("rhythm", "reads", "next_at"),
    [
        (Rhythm(every="day", at="08:30"), "every day at 08:30", datetime(2026, 3, 29, 6, 30, tzinfo=UTC)),
        (Rhythm(every="week", weekdays=(4,), at="09:00"), "every Friday at 09:00", datetime(2026, 4, 3, 7, tzinfo=UTC)),
        (Rhythm(every="month", day=31, at="06:00"), "every month on the last day at 06:00", datetime(2026, 3, 31, 4, tzinfo=UTC)),
        (Rhythm(every="hour", at="00:15"), "every hour at 15 past", datetime(2026, 3, 28, 12, 15, tzinfo=UTC)),
        (Rhythm(every="month", months=3, at="07:00"), "every quarter on the 1st at 07:00", datetime(2026, 4, 1, 5, tzinfo=UTC)),
    ],
)
def test_a_rhythm_keeps_the_shops_wall_clock_over_a_clock_change(rhythm: Rhythm, reads: str, next_at: datetime) -> None:
    """Berlin's clocks go forward in the night to 29 March 2026."""
    assert str(rhythm) == reads
    assert rhythm.after(datetime(2026, 3, 28, 12, tzinfo=UTC), "Europe/Berlin") == next_at


def test_a_segment_is_shown_in_shopifys_syntax() -> None:
    query = SegmentQuery(tags=["vip"], countries=["DE", "AT"], no_order_for_days=90, bought={"p_7": "Blue mug"}, accepts_marketing=True)
    assert query.shopify() == (
        "(last_order_date < -90d OR last_order_date IS NULL) AND (customer_countries CONTAINS 'DE' OR customer_countries CONTAINS 'AT') "
        "AND customer_tags CONTAINS 'vip' AND products_purchased(id: (7)) = true AND email_subscription_status = 'SUBSCRIBED'"
    )
