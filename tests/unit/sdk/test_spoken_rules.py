"""Rules, recurring times and segments in plain words: understood to the last word, or asked about, or refused with what can be done."""

from __future__ import annotations

import pytest

from agent.sdk.rules import Rule
from agent.sdk.spoken_edits import edited
from agent.sdk.spoken_names import Names
from agent.sdk.spoken_rules import Cannot, Understood, Unsaid, name_in, rule_in
from agent.sdk.spoken_segments import segment_in
from agent.sdk.spoken_times import moved_to, odd_time, time_in, without
from agent.sdk.store import Mention

NAMES = Names(
    [
        Mention(kind="product", id="p_1", label="Blue Ceramic Mug"), Mention(kind="product", id="p_2", label="Oak Serving Board"),
        Mention(kind="collection", id="col_1", label="Summer"), Mention(kind="product_type", id="Candle", label="Candle"),
        Mention(kind="tag", id="vip", label="vip"), Mention(kind="vendor", id="Acme", label="Acme"),
    ]
)  # fmt: skip


def read(text: str) -> Understood | Unsaid | Cannot:
    return rule_in(text, NAMES, currency="EUR")


def rule(text: str) -> Rule:
    found = read(text)
    assert isinstance(found, Understood), found
    return found.rule


@pytest.mark.parametrize(
    ("said", "reads"),
    [
        ("when an order over 200 euros comes in, tag it vip", "When an order is placed, if its total is more than EUR 200.00: tag the order vip."),
        ("notify me when an order above €500 comes in", "When an order is placed, if its total is more than EUR 500.00: notify you."),
        ("if an order is over 150, mark it as priority", "When an order is placed, if its total is more than EUR 150.00: tag the order priority."),
        ("flag orders above 1,000 euros as check", "When an order is placed, if its total is more than EUR 1000.00: tag the order check."),
        ("when a customer spends over 300, tag them vip", "When an order is placed, if its total is more than EUR 300.00: tag the customer vip."),
        ("tag every order with more than 5 items as bulk", "When an order is placed, if it has more than 5 units: tag the order bulk."),
        ("tag orders from France or Spain with eu-south", "When an order is placed, if the country is FR or ES: tag the order eu-south."),
        ("when a vip customer orders, let me know", "When an order is placed, if the customer is tagged vip: notify you."),
        (
            "tag customers first-order when they place their first order",
            "When an order is placed, if it is the customer's first order: tag the customer first-order.",
        ),
        (
            "remove the tag new from customers when they place their second order",
            "When an order is placed, if the customer has placed 2 orders: take the tag new off the customer.",
        ),
        ("when someone buys from the Summer collection, tag them sun", "When an order is placed, if the product is in Summer: tag the customer sun."),
        (
            "tell me when stock drops under 5, only for: candles",
            "When stock of a product falls below 5, if the product is a Candle: notify you.",
        ),
        ("ping me when stock gets below 4, candles only", "When stock of a product falls below 4, if the product is a Candle: notify you."),
        ("when stock falls below 5, tag it low stock", "When stock of a product falls below 5: tag the product low stock."),
        ("let me know when an order gets paid", "When an order is paid: notify you."),
        ("when an order is refunded, tag the customer refunded", "When an order is refunded: tag the customer refunded."),
        (
            "let me know whenever stock of a product drops below 5 and tag it low-stock",
            "When stock of a product falls below 5: notify you and tag the product low-stock.",
        ),
        ("set a low stock alert for the blue mug at 10", "When stock of a product falls below 11, if the product is Blue Ceramic Mug: notify you."),
        ("when stock of any variant gets to 2 alert me", "When stock of a product falls below 3: notify you."),
        ("let my team know if a product has fewer than 3 units left", "When stock of a product falls below 3: notify you."),
        ("when stock of candles falls below 10, email me", "When stock of a product falls below 10, if the product is a Candle: notify you."),
        ("hide products when they sell out", "When a product is sold out: hide the product."),
        ("create a workflow that hides sold out products", "When a product is sold out: hide the product."),
        ("when an Acme product is sold out, notify me", "When a product is sold out, if the vendor is Acme: notify you."),
        ("publish it again when it is back in stock", "When a product is back in stock: publish the product."),
        ("automatically tag new customers newbie", "When there is a new customer: tag the customer newbie."),
        (
            "if a customer leaves a review with 2 stars or less, draft a reply and notify me",
            "When a review comes in, if it has at most 2 stars: draft a reply to the review and notify you.",
        ),
        ("if a bad review comes in tell me", "When a review comes in, if it has at most 2 stars: notify you."),
        ('when a review mentions "broken" notify me', "When a review comes in, if it says broken: notify you."),
        (
            'if a customer message contains "damaged", draft a reply saying we are sorry',
            "When a customer's message comes in, if it says damaged: draft a reply to the message saying “we are sorry”.",
        ),
        ('every monday at 8 run "find products without images"', "Every Monday at 08:00: run “find products without images”."),
        ("each month tag vip customers as loyal", "Every month on the 1st at 09:00: run “tag vip customers as loyal”."),
    ],
)
def test_a_rule_in_plain_words_reads_back_as_it_was_meant(said: str, reads: str) -> None:
    assert str(rule(said)) == reads


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("as soon as the blue mug is below 3, order more", "order from a supplier"),
        ("create a flow for abandoned carts", "see abandoned carts"),
        ("notify me if sales drop", "watch figures"),
        ("when an order comes in, refund it", "refund by itself"),
        ("when a product is sold out, lower its price", "change prices by itself"),
        ("every two weeks run \"sales\"", "is no rhythm"),
        ("when an order is over 100 usd notify me", "counts in EUR"),
        ("when a product is sold out, tag the customer sad", "has no customer to tag"),
    ],
)  # fmt: skip
def test_what_cannot_be_expressed_is_refused_with_what_can(said: str, why: str) -> None:
    found = read(said)
    assert isinstance(found, Cannot) and why in found.what


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("when an order comes in", "What should be done"),
        ("alert me when the blue mug is low", "Below how many units"),
        ("set up an alert for the blue mug", "Below how many units"),
        ("when the moon is full, tag orders spooky", "when the moon is full"),
        ("when an order over 100 euros containing purple unicorns comes in, tag it magic", "purple unicorns"),
        ("tag it vip", "When should it happen"),
    ],
)
def test_what_is_not_understood_is_asked_about_and_never_dropped(said: str, asks: str) -> None:
    found = read(said)
    assert isinstance(found, Unsaid) and asks in found.question


def test_a_name_is_taken_from_the_words() -> None:
    assert name_in('create an automation called "Big spenders" that tags big orders') == ("Big spenders", "create an automation that tags big orders")


@pytest.mark.parametrize(
    ("said", "rhythm", "rest"),
    [
        ("email me the sales report every monday at 9", "every Monday at 09:00", "email me the sales report"),
        ("send me sales daily at 7", "every day at 07:00", "send me sales"),
        ("on the last day of every month", "every month on the last day at 09:00", ""),
        ("every Friday evening", "every Friday at 18:00", ""),
        ("Mondays and Thursdays at 8:30am", "every Monday and Thursday at 08:30", ""),
        ("at the end of each week", "every Friday at 09:00", ""),
        ("every weekday at 6pm", "every working day at 18:00", ""),
        ("every month on the 15th at noon", "every month on the 15th at 12:00", ""),
        ("every quarter", "every quarter on the 1st at 09:00", ""),
    ],
)
def test_a_recurring_time_is_read_and_what_recurs_is_left(said: str, rhythm: str, rest: str) -> None:
    found = time_in(said)
    assert found is not None
    assert (str(found.rhythm), without(said, found.spans)) == (rhythm, rest)


@pytest.mark.parametrize("said", ["every two weeks", "fortnightly", "every other day", "every 15 minutes"])
def test_a_rhythm_that_cannot_be_kept_is_named(said: str) -> None:
    assert odd_time(said) is not None and time_in(said) is None


def test_moving_a_rhythm_keeps_what_is_not_said() -> None:
    monday = time_in("every Monday at 7")
    assert monday is not None
    assert str(moved_to(monday.rhythm, "to Friday")) == "every Friday at 07:00"
    assert str(moved_to(monday.rhythm, "to 10 am")) == "every Monday at 10:00"
    assert moved_to(monday.rhythm, "make it shorter") is None


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        ("let me know when stock falls below 5", "set it to 10 units", "When stock of a product falls below 10: notify you."),
        (
            "when an order over 200 comes in, tag it vip", "start at 300 instead",
            "When an order is placed, if its total is more than EUR 300.00: tag the order vip.",
        ),
        (
            "when an order over 200 comes in, tag it vip", "use the tag gold",
            "When an order is placed, if its total is more than EUR 200.00: tag the order gold.",
        ),
        ("when an order is refunded, tag it back", "so that it also notifies me", "When an order is refunded: tag the order back and notify you."),
        (
            "when an order is refunded, tag it back", "only orders from Germany",
            "When an order is refunded, if the country is DE: tag the order back.",
        ),
        ("when an order is refunded, tag it back and notify me", "stop notifying me", "When an order is refunded: tag the order back."),
    ],
)  # fmt: skip
def test_an_edit_changes_what_it_says_and_nothing_else(before: str, said: str, after: str) -> None:
    found = edited(rule(before), said, NAMES, currency="EUR")
    assert isinstance(found, Understood) and str(found.rule) == after


def test_an_edit_that_says_nothing_of_the_rule_is_asked_about() -> None:
    assert isinstance(edited(rule("when an order is refunded, tag it back"), "make it nicer", NAMES, currency="EUR"), Unsaid)


@pytest.mark.parametrize(
    ("said", "syntax"),
    [
        ("create a segment of customers who spent more than 500", "amount_spent > 500.00"),
        ("customers who haven't ordered for 90 days", "(last_order_date < -90d OR last_order_date IS NULL)"),
        ("save vip customers in Germany as a segment", "customer_countries CONTAINS 'DE' AND customer_tags CONTAINS 'vip'"),
        ("build an audience of customers who bought the blue mug", "products_purchased(id: (1)) = true"),
        ("repeat customers who accept marketing", "number_of_orders >= 2 AND email_subscription_status = 'SUBSCRIBED'"),
        ("customers with at least 3 orders in the last 6 months", "number_of_orders >= 3 AND last_order_date >= -180d"),
        ("customers who never ordered", "number_of_orders <= 0"),
        ("French and German customers", "(customer_countries CONTAINS 'FR' OR customer_countries CONTAINS 'DE')"),
        ("vip customers outside Germany", "customer_tags CONTAINS 'vip' AND customer_countries NOT CONTAINS 'DE'"),
        ("customers in Germany except Berlin", "customer_countries CONTAINS 'DE' AND customer_cities NOT CONTAINS 'Berlin'"),
        ("customers not tagged vip", "customer_tags NOT CONTAINS 'vip'"),
        ("new customers in Austria", "customer_countries CONTAINS 'AT' AND first_order_date >= -30d"),
        ("lapsed customers", "number_of_orders >= 1 AND (last_order_date < -180d OR last_order_date IS NULL)"),
        ("customers who spent between 100 and 300 euros", "amount_spent >= 100.00 AND amount_spent <= 300.00"),
        ("customers who bought the blue mug but not the oak board", "products_purchased(id: (1)) = true AND products_purchased(id: (2)) = false"),
        ("customers who have never bought the blue mug", "products_purchased(id: (1)) = false"),
        ("customers who bought candles", "products_purchased(id: (7)) = true"),
    ],
)
def test_a_segment_in_plain_words_is_a_typed_query(said: str, syntax: str) -> None:
    found = segment_in(said, NAMES, currency="EUR", groups={("product_types", "Candle"): {"p_7": "Soy Candle"}})
    assert isinstance(found, tuple) and found[1].shopify() == syntax


def test_a_segment_has_no_first_so_many() -> None:
    assert isinstance(segment_in("our best customers", NAMES, currency="EUR"), Cannot)


def test_a_segment_of_what_nobody_knows_is_asked_about() -> None:
    assert isinstance(segment_in("create a segment of customers who love jazz", NAMES, currency="EUR"), Unsaid)
