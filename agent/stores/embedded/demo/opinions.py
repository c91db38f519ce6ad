"""Reviews: what buyers thought, put together from hand-written sentences by product, mood and aspect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal

from agent.db.orders import Order
from agent.db.people import Review
from agent.stores.embedded.demo.rows import Rows
from agent.stores.embedded.demo.tills import TO_WEAR, Sold

Mood = Literal["good", "mild", "bad"]

FAMILY = {
    "mug": {"Mugs"},
    "ceramic": {"Mugs", "Plates", "Bowls", "Teapots & Jugs", "Vases", "Planters"},
    "clothing": {"Dresses", "Shirts", "Trousers", "Knitwear"},
    "textile": {"Tea Towels", "Table Linen", "Aprons", "Blankets", "Cushions", "Bedding", "Bags"} | TO_WEAR,
    "wool": {"Knitwear", "Beanies", "Scarves", "Socks", "Blankets"},
    "wood": {"Boards"},
    "candle": {"Candles"},
    "bath": {"Soap"},
    "paper": {"Notebooks", "Cards"},
    "glass": {"Glassware"},
}
THINGS = {
    "Mugs": "mug", "Plates": "plate", "Bowls": "bowl", "Teapots & Jugs": "jug", "Vases": "vase", "Planters": "pot", "Tea Towels": "towel",
    "Aprons": "apron", "Blankets": "blanket", "Cushions": "cushion", "Dresses": "dress", "Shirts": "shirt", "Trousers": "trousers",
    "Knitwear": "jumper", "Beanies": "hat", "Scarves": "scarf", "Socks": "pair", "Boards": "board", "Candles": "candle", "Soap": "soap",
    "Notebooks": "notebook", "Glassware": "glass", "Bags": "bag", "Gift Sets": "set",
}  # fmt: skip
ASPECTS = ("quality", "colour", "size", "shipping", "packaging", "price", "service")
GOOD_SHARES = (46, 10, 9, 12, 10, 8, 5)
BAD_SHARES = (38, 8, 11, 16, 10, 10, 7)
TROUBLED: dict[str, tuple[float, str]] = {
    "Travel Mug": (3.1, "quality"),
    "Linen Wrap Dress": (3.5, "size"),
    "Soy Candle Sea Salt": (3.6, "quality"),
    "Blown Glass Vase": (3.3, "packaging"),
    "Chunky Merino Beanie": (3.7, "colour"),
    "Wool Blanket": (3.8, "price"),
}
"""Products with a story: their mean rating and what people complain of."""
STEP_DOWN, CROSS = 0.36, 0.5
"""How often a star is taken off for a product of the usual standing; those who are below four stars already take more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Voice:
    sentences: dict[str, Any]
    dice: Random

    def say(self, aspect: str, mood: Mood, sold: Sold) -> str:
        pools = self.sentences[aspect][mood]
        own = [line for name, pool in pools.items() if name != "any" and _speaks_of(name, sold.item.good.type) for line in pool]
        pool = own if own and self.dice.random() < 0.6 else pools["any"]
        return str(self.dice.choice(pool)).format(thing=_thing(sold), colour=_colour(sold).lower())

    def pick(self, group: str, mood: Mood, sold: Sold) -> str:
        return str(self.dice.choice(self.sentences[group][mood])).format(thing=_thing(sold))


def write_reviews(rows: Rows, sold: Sequence[Sold], count: int, sentences: dict[str, Any], now: datetime, dice: Random) -> None:
    """Ask buyers who have had their parcel for a while, and write down what they say, in the order of time."""
    asked = [one for one in sold if one.person is not None and not one.person.wholesale and now - one.at > timedelta(days=12)]
    voice = _Voice(sentences=sentences, dice=dice)
    written = [
        (one, one.at + timedelta(days=dice.randint(6, 45), minutes=dice.randrange(1440))) for one in dice.sample(asked, min(count, len(asked)))
    ]
    for one, at in sorted(written, key=lambda pair: (min(pair[1], now), pair[0].line["id"])):
        _review(rows, voice, one, min(at, now - timedelta(minutes=dice.randint(5, 2000))))


def _review(rows: Rows, voice: _Voice, sold: Sold, at: datetime) -> None:
    dice = voice.dice
    rating = _rating(sold, at, dice)
    mood: Mood = "good" if rating > 3 else "bad" if rating < 3 else "mild"
    body = _style(_body(voice, sold, rating, at), dice)
    person = sold.person
    assert person is not None  # those who bought without a name were not asked
    waits = _days_old(rows, at) < 6 and dice.random() < 0.25
    rows.add(
        Review, product_id=sold.item.row["id"], customer_id=person.row["id"], rating=rating, title=voice.pick("titles", mood, sold), body=body,
        author=_signed(person.row["name"], dice), written_at=at,
        status="pending" if waits else "hidden" if rating < 3 and dice.random() < 0.02 else "published",
    )  # fmt: skip


def _days_old(rows: Rows, at: datetime) -> int:
    """Age beside the newest order; new reviews wait for the merchant's eye."""
    return int((rows.of[Order][-1]["placed_at"] - at).days)


def _rating(sold: Sold, at: datetime, dice: Random) -> int:
    mean = TROUBLED.get(sold.item.good.title, (4.35, ""))[0] - (0.25 if at.month == 12 else 0.0)
    down = STEP_DOWN + (4.35 - mean) * 0.28
    rating = 5
    while rating > 1 and dice.random() < (down if rating > 3 else CROSS):
        rating -= 1
    return rating


def _body(voice: _Voice, sold: Sold, rating: int, at: datetime) -> str:
    dice = voice.dice
    mood: Mood = "good" if rating > 3 else "bad" if rating < 3 else "mild"
    parts = [voice.pick("open", mood, sold)]
    parts += _about(voice, sold, mood, dice.choices((1, 2, 3), (45, 40, 15))[0], at)
    if (rating == 4 and dice.random() < 0.55) or (rating == 3 and dice.random() < 0.5):
        parts += [str(dice.choice(voice.sentences["turn"]["words"])), *_about(voice, sold, "mild" if rating == 4 else "bad", 1, at)]
    elif (rating == 3) or (rating == 2 and dice.random() < 0.45):
        parts += _about(voice, sold, "good", 1, at)
    parts.append(voice.pick("close", mood, sold))
    return _joined([part for part in parts if part])


def _about(voice: _Voice, sold: Sold, mood: Mood, count: int, at: datetime) -> list[str]:
    """Sentences on as many aspects, no aspect twice. Those who are cross about a troubled product mostly say the same."""
    dice = voice.dice
    weights = list(GOOD_SHARES if mood == "good" else BAD_SHARES)
    if not _colour(sold):
        weights[1] = 0
    if mood != "good" and (sore := TROUBLED.get(sold.item.good.title, (0, ""))[1]):
        weights[ASPECTS.index(sore)] *= 9
    if mood != "good" and at.month in (12, 1):
        weights[ASPECTS.index("shipping")] *= 3
    said: list[str] = []
    for _ in range(count):
        at_index = dice.choices(range(len(ASPECTS)), weights)[0]
        weights[at_index] = 0
        said.append(voice.say(ASPECTS[at_index], mood, sold))
    return said


def _joined(parts: Sequence[str]) -> str:
    text = ""
    for part in parts:
        text = f"{text} {_after(text, part)}" if text else part
    return text


def _after(text: str, part: str) -> str:
    return part[0].lower() + part[1:] if text.endswith(":") and not part.startswith(("I ", "I’", "I'")) else part


def _style(text: str, dice: Random) -> str:
    """Not everyone types alike."""
    way = dice.random()
    if way < 0.08:
        return text.lower().rstrip(".")
    if way < 0.13:
        return text.replace(".", "!", 1)
    return text.rstrip(".") if way < 0.2 else text


def _signed(name: str, dice: Random) -> str:
    first, _, last = name.partition(" ")
    return dice.choices((f"{first} {last[:1]}.", first, name, "Anonymous"), (50, 25, 20, 5))[0]


def _speaks_of(family: str, product_type: str) -> bool:
    return product_type in FAMILY[family]


def _thing(sold: Sold) -> str:
    return THINGS.get(sold.item.good.type, "piece")


def _colour(sold: Sold) -> str:
    names = [name for name, _ in sold.item.good.options]
    return str(sold.variant[f"option{names.index('Colour') + 1}"]) if "Colour" in names else ""
