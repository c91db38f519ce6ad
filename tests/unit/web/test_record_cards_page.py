"""Products, orders and customers beside an answer, and where their photos may come from."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from doors import PAGE, World
from scripted import NOW, eur

from agent.service.record_cards import Card, CustomerCard, OrderCard, ProductCard
from agent.web.framing import may_show
from agent.web.panel.cards import card_ids

HOST = "https://cdn.example"
CARDS: tuple[Card, ...] = (
    ProductCard(id="p1", title="Blue <b> Mug", image=f"{HOST}/a.jpg?v=1", status="active", least=eur("9.00"), most=eur("11.00"), stock=4),
    ProductCard(id="p2", title="Tall Mug", image="https://evil.example/?q=1", status="draft", least=eur("9.00"), most=eur("9.00"), stock=None),
)


@pytest.fixture
def shown(tmp_path: Path) -> tuple[str, str, str]:
    """The answer, its cards and the policy of the page they are on."""
    world = World(tmp_path, image_hosts=[HOST])
    world.person()
    world.sign_in()
    world.service.cards = list(CARDS)
    world.click("/asks", text="cards", thread="t1")
    world.run(world.service.settled())
    page = world.send("GET", "/t/t1", headers=PAGE)
    (path,) = re.findall(r'hx-get="(/runs/[^"]+/cards/[^"]+)"', page.text)
    cards = world.send("GET", path, headers={**PAGE, "hx-request": "true"}).text
    assert world.send("GET", path.rpartition("/")[0] + "/s9", headers=PAGE).status_code == 404
    world.close()
    return page.text, cards, page.headers["content-security-policy"]


def test_there_is_room_for_the_cards_before_they_come(shown: tuple[str, str, str]) -> None:
    assert shown[0].count('class="record-card coming"') == 2


def test_a_photo_is_shown_from_a_host_that_is_allowed_and_from_no_other(shown: tuple[str, str, str]) -> None:
    _, cards, policy = shown
    assert re.findall(r"<img[^>]*>", cards) == [
        f'<img src="{HOST}/a.jpg?v=1" alt="" width="56" height="56" loading="lazy" decoding="async" referrerpolicy="no-referrer">'
    ]
    assert "evil" not in cards and f"img-src 'self' data: {HOST};" in policy and "frame-ancestors 'none'" in policy
    assert "Blue &lt;b&gt; Mug" in cards and "€9.00 – €11.00" in cards and "4 in stock" in cards and "Draft" in cards


def test_a_card_leads_to_a_request_about_its_record(shown: tuple[str, str, str]) -> None:
    assert 'href="/new?context=%7B%22product_id%22%3A%20%22p1%22%7D"' in shown[1]


def test_orders_and_customers_have_cards_too(world: World) -> None:
    world.person()
    world.sign_in()
    world.service.cards = [
        OrderCard(
            id="p1", number="#1042", placed_at=NOW, customer="Anna", total=eur("95.00"), payment="paid", fulfilment="unfulfilled", cancelled=False
        ),
        CustomerCard(id="p2", name="Nina", orders=3, spent=eur("200.00"), last_order_at=NOW - timedelta(days=2)),
    ]
    world.click("/asks", text="cards", thread="t1")
    world.run(world.service.settled())
    (path,) = re.findall(r'hx-get="(/runs/[^"]+/cards/[^"]+)"', world.send("GET", "/t/t1", headers=PAGE).text)
    cards = world.send("GET", path, headers={**PAGE, "hx-request": "true"}).text
    assert "#1042" in cards and "Paid, Unfulfilled" in cards and "3 orders" in cards and "last 2 days ago" in cards and "<img" not in cards


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("https://cdn.example/x.jpg", True), ("HTTPS://CDN.example/x.jpg", True), ("https://a.img.example/x", True), ("https://img.example/x", False),
        ("http://cdn.example/x", False), ("https://cdn.example:444/x", False), ("https://cdn.example.evil.example/x", False),
        ("https://cdn.example@evil.example/x", False), ("data:image/png;base64,x", False), ("javascript:x", False), ("//cdn.example/x", False),
        ("", False), (None, False),
    ],
)  # fmt: skip
def test_only_addresses_at_allowed_hosts_are_shown(address: str | None, may: bool) -> None:
    assert may_show(address, ["https://cdn.example", "https://*.img.example"]) is may


def test_one_record_told_field_by_field_has_no_card_that_says_it_again() -> None:
    facts = {"columns": ["Order", "Total"], "rows": [["#1", "5"]], "numeric": [False, False]}
    assert card_ids({"orders": {"ids": ["o_1"]}, "table": facts}) == {}
    assert card_ids({"products": {"ids": ["p_1"]}, "table": facts}) == {"products": ("p_1",)}
    assert card_ids({"orders": {"ids": ["o_1"]}}) == {"orders": ("o_1",)}
