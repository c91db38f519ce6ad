import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from agent.sdk import (
    Answer,
    Args,
    BaseModel,
    Between,
    Cues,
    Field,
    Label,
    Labeller,
    Period,
    Product,
    ProviderError,
    Review,
    ReviewWhere,
    Says,
    Selection,
    Sentence,
    Store,
    Table,
    Untrusted,
    count,
    every,
    evidence,
    only_for,
    task,
)
from agent.sdk.not_kept import OPINION_ELSEWHERE

HEAD = "review_sentiment"
SPEAKS = "review_aspects"
"""Head that says what a sentence speaks of."""
READ = 120
"""Reviews whose text a model reads for one answer: 2,000 took a minute on one busy core, and a merchant does not wait for that."""
QUOTES = 5
TOPICS = 3

ASPECTS: Mapping[str, tuple[str, ...]] = {
    "quality": ("quality", "sturdy", "solid", "flimsy", "cheap", "well made", "well-made", "craftsmanship", "finish", "durable", "falls apart"),
    "damage": ("broken", "broke", "cracked", "chipped", "scratched", "damaged", "shattered", "torn", "defective", "leaks", "leaked"),
    "shipping": ("shipping", "delivery", "delivered", "arrived", "arrive", "courier", "parcel", "postage", "late", "weeks to come"),
    "packaging": ("packaging", "packaged", "packed", "wrapped", "box", "gift wrap"),
    "size": ("size", "sizing", "small", "large", "fits", "fit", "tight", "loose", "smaller", "bigger", "too big", "length"),
    "colour": ("colour", "color", "shade", "faded", "fades", "darker", "lighter", "brighter"),
    "price": ("price", "expensive", "overpriced", "value for money", "worth", "pricey", "bargain", "affordable"),
    "comfort": ("comfortable", "comfy", "soft", "itchy", "scratchy", "cosy", "cozy", "warm"),
    "smell": ("smell", "scent", "smells", "fragrance", "odour", "perfume"),
    "service": ("service", "support", "customer service", "helpful", "refund", "reply", "replied", "staff", "rude"),
    "gift": ("gift", "present", "birthday", "christmas"),
}
"""Words by which a review speaks of something, where no student has read it, and for what it does not know. A review may speak of several."""
NAMED: Mapping[str, str] = {"ease": "ease of use", "taste": "smell or taste"}
"""What the student's labels are called here, where it is not by their own name."""
BY_WORDS_ONLY = ("gift",)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+|;\s+")
MOST_SENTENCES = 600
"""For one answer: each is a pass through the encoder."""


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)


_SPOKEN = {aspect: _pattern(words) for aspect, words in ASPECTS.items()}


class ReviewInsights(Args):
    cannot = (OPINION_ELSEWHERE,)
    unlike = ("customers who", "name of the customers", "names of the customers", "which customers", "who complained", "dissatisfaction with")

    reviews: Selection[Review] | None = Field(None, description="Reviews of an earlier result.")
    products: Selection[Product] | None = Field(None, description="Reviews of which products; of all when left out.")
    period: Annotated[Period | None, Cues("in", "since", "from", "during", "written")] = Field(
        None, description="When they were written; ever when left out."
    )
    topic: Annotated[str | None, Cues("about", "mention", "mentioning", "say about", "complain about", "regarding")] = Field(
        None, description="Only reviews that speak of this: shipping, quality, a word."
    )
    rating: Annotated[Between[int] | None, Cues("stars", "star", "rated", "rating")] = Field(
        None, description="Only reviews with so many stars, 1 to 5."
    )
    sentiment: Annotated[
        Literal["positive", "negative", "neutral"] | None,
        Says(
            positive=["positive", "good", "praise", "like", "love", "happy", "compliments"],
            negative=[
                "negative",
                "bad",
                "complain",
                "complaints",
                "complaining",
                "dissatisfaction",
                "dissatisfied",
                "dislike",
                "unhappy",
                "criticise",
                "hate",
                "problems",
                "moan",
                "moaning",
                "grumble",
                "gripes",
                "annoys",
                "annoyed",
                "angry",
                "upset",
                "not happy",
                "don't like",
                "do not like",
                "doesn't like",
                "not like",
            ],
            neutral=["neutral", "mixed"],
        ),
    ] = Field(None, description="Only what is positive, negative or neutral.")
    status: Annotated[
        Literal["published", "pending", "hidden"] | None,
        Says(published=["published"], pending=["pending", "unmoderated", "waiting", "to moderate"], hidden=["hidden"]),
    ] = Field(None, description="Only published, pending or hidden reviews.")
    top: Annotated[int | None, Cues("top", "main", "most")] = Field(None, ge=1, description="Only so many of the things reviews speak of most.")


class Quote(BaseModel):
    model_config = {"arbitrary_types_allowed": True}

    product: str
    rating: int
    text: Untrusted[str]


class Insights(BaseModel):
    model_config = {"arbitrary_types_allowed": True}

    reviews: Selection[Review]
    products: Selection[Product]
    """Products of these reviews, the worst rated first."""
    count: int
    average_rating: Decimal | None
    ratings: dict[str, int]
    sentiments: dict[str, int]
    aspects: dict[str, int]
    quotes: list[Quote]
    table: Table


@dataclass(frozen=True, slots=True)
class _Read:
    review: Review
    label: Label
    aspects: tuple[str, ...]


@task(
    examples=[
        "what do customers say about the blue mug", "what are people complaining about", "summarise the reviews of our dresses since summer",
        "how many reviews mention shipping", "what do the negative reviews of the candles say", "what is our average rating this year",
    ]
)  # fmt: skip
async def review_insights(args: ReviewInsights, store: Store, labeller: Labeller) -> Answer[Insights]:
    """Sum up what reviews say: ratings, sentiment, what they speak of, with quotes."""
    topic = _topic(args.topic)
    found = [review for review in await every(store.reviews, _where(args)) if _says(review, topic)]
    reviews = sorted(found, key=lambda review: review.written_at, reverse=True)
    labels = await _labels(reviews, labeller)
    spoken = await _spoken(reviews, labeller)
    read = [_Read(review, label, about) for review, label, about in zip(reviews, labels, spoken.of, strict=True)]
    chosen = [one for one in read if args.sentiment is None or one.label.label == args.sentiment]
    told = evidence(
        store, args, metric="reviews", rows=len(chosen), period=args.period,
        definition=f"Reviews that meet every condition; sentiment {_how(labels)}, topics {spoken.how}.",
    )  # fmt: skip
    said = only_for(_sentence(chosen), args.products, args.topic) if chosen else _sentence(chosen)
    return Answer(said, data=_insights(chosen, args.top), evidence=told)


@dataclass(frozen=True, slots=True)
class _Spoken:
    of: Sequence[tuple[str, ...]]
    """What each review speaks of."""
    how: str


async def _spoken(reviews: Sequence[Review], labeller: Labeller) -> _Spoken:
    """By the student, sentence by sentence, for as many of the newest as one answer reads; of the others by their words."""
    words = [_aspects(review) for review in reviews]
    sentences = [(at, text) for at, review in enumerate(reviews[:READ]) for text in _sentences(review)][:MOST_SENTENCES]
    last = sentences[-1][0] + 1 if sentences else 0
    try:
        found = await labeller.candidates(SPEAKS, [text for _, text in sentences]) if sentences else []
    except ProviderError:
        return _Spoken(words, "by the words a review uses")
    said: list[dict[str, None]] = [{} for _ in range(last)]
    for (at, _), labels in zip(sentences, found, strict=True):
        said[at] |= dict.fromkeys(NAMED.get(label.label, label.label) for label in labels)
    read = [(*about, *(word for word in BY_WORDS_ONLY if word in words[at] and word not in about)) for at, about in enumerate(said)]
    how = "read from each sentence by a student (of ten things it names about eight are so, and it finds about three in four)"
    return _Spoken([*read, *words[last:]], how if last == len(reviews) else f"of the newest {last} {how}, of the others by their words")


def _sentences(review: Review) -> list[Untrusted[str]]:
    return [
        Untrusted(sentence.strip(), source="review", record=review.id)
        for text in (review.title, review.body) for sentence in _SENTENCE.split(text.value) if any(c.isalpha() for c in sentence)
    ]  # fmt: skip


def _where(args: ReviewInsights) -> ReviewWhere:
    return ReviewWhere(
        ids=args.reviews.ids if args.reviews is not None else None,
        products=args.products.ids if args.products is not None else None,
        written=args.period,
        rating=args.rating,
        status=[args.status] if args.status else None,
    )


async def _labels(reviews: Sequence[Review], labeller: Labeller) -> list[Label]:
    """The sentiment of each review, newest first: of the newest by their text, of the others, and where no model can be asked, by stars."""
    stars = [Label(label=_by_stars(review.rating), confidence=0.5, by="code") for review in reviews]
    try:
        read = await labeller.label(HEAD, [review.body for review in reviews[:READ]]) if reviews else []
    except ProviderError:
        return stars
    return read + stars[len(read) :]


def _by_stars(rating: int) -> str:
    return "positive" if rating >= 4 else "negative" if rating <= 2 else "neutral"


def _how(labels: Sequence[Label]) -> str:
    by_stars = "by stars (4 and 5 positive, 3 neutral)"
    read = sum(label.by != "code" for label in labels)
    if not read and labels:
        return f"{by_stars}, no model being there"
    return f"read from the text of the newest {read}, of the others {by_stars}" if read < len(labels) else "read from each text"


def _topic(topic: str | None) -> re.Pattern[str] | None:
    """What a review has to say to be about the topic: any word of a known aspect, else the words themselves."""
    wanted = (topic or "").strip(" \t'\"“”‘’.").casefold()
    wanted = re.sub(r"^(?:the|our|my|its|their)\s+", "", wanted)
    if not wanted:
        return None
    return next((_SPOKEN[aspect] for aspect, words in ASPECTS.items() if wanted == aspect or wanted in words), _pattern([wanted]))


def _says(review: Review, pattern: re.Pattern[str] | None) -> bool:
    return pattern is None or any(pattern.search(text.value) for text in (review.title, review.body))


def _aspects(review: Review) -> tuple[str, ...]:
    return tuple(aspect for aspect, pattern in _SPOKEN.items() if _says(review, pattern))


def _insights(found: Sequence[_Read], top: int | None) -> Insights:
    ratings = Counter(one.review.rating for one in found)
    sentiments = Counter(one.label.label for one in found)
    aspects = Counter(aspect for one in found for aspect in one.aspects)
    return Insights(
        reviews=Selection[Review](ids=tuple(one.review.id for one in found), label="these reviews"),
        products=Selection[Product](ids=_worst_first(found), label="the products of these reviews"),
        count=len(found),
        average_rating=_average([one.review.rating for one in found]),
        ratings={str(stars): ratings[stars] for stars in range(5, 0, -1)},
        sentiments=dict(sentiments.most_common()),
        aspects=dict(aspects.most_common(top)),
        quotes=_quotes(found),
        table=_table(found, aspects.most_common(top)),
    )


def _average(ratings: Sequence[int]) -> Decimal | None:
    return (Decimal(sum(ratings)) / len(ratings)).quantize(Decimal("0.1")) if ratings else None


def _worst_first(found: Sequence[_Read]) -> tuple[str, ...]:
    stars: dict[str, list[int]] = {}
    for one in found:
        stars.setdefault(one.review.product_id, []).append(one.review.rating)
    return tuple(sorted(stars, key=lambda id: (Decimal(sum(stars[id])) / len(stars[id]), id)))


def _quotes(found: Sequence[_Read]) -> list[Quote]:
    """The surest readings, each sentiment in turn, so that five quotes are not five times the same."""
    by_label: dict[str, list[_Read]] = {}
    for one in sorted(found, key=lambda one: (-one.label.confidence, one.review.id)):
        by_label.setdefault(one.label.label, []).append(one)
    turns = [one for n in range(QUOTES) for label in sorted(by_label) for one in by_label[label][n : n + 1]]
    return [Quote(product=one.review.product_title, rating=one.review.rating, text=one.review.body) for one in turns[:QUOTES]]


def _table(found: Sequence[_Read], aspects: Sequence[tuple[str, int]]) -> Table:
    rows = []
    for aspect, n in aspects:
        about = [one for one in found if aspect in one.aspects]
        labels = Counter(one.label.label for one in about)
        since, last = (pick(one.review.written_at for one in about).date() for pick in (min, max))
        rows.append([aspect, n, labels["positive"], labels["negative"], _average([one.review.rating for one in about]), since, last])
    columns = ["About", "Reviews", "Positive", "Negative", "Stars", "Since", "Last"]
    return Table(columns=columns, rows=rows, numeric=[False, True, True, True, True, False, False])


def _sentence(found: Sequence[_Read]) -> Sentence:
    if not found:
        return count("No review matches.", "No reviews match.", 0)
    labels, aspects = Counter(one.label.label for one in found), Counter(aspect for one in found for aspect in one.aspects)
    facts = {"stars": _average([one.review.rating for one in found]), "positive": labels["positive"], "negative": labels["negative"]}
    if not aspects:
        return count(
            "{n} review, {stars} stars: {positive} positive, {negative} negative.",
            "{n} reviews, {stars} stars on average: {positive} positive, {negative} negative.",
            len(found), **facts,
        )  # fmt: skip
    return count(
        "{n} review, {stars} stars: {positive} positive, {negative} negative. It speaks of {topics}.",
        "{n} reviews, {stars} stars on average: {positive} positive, {negative} negative. They speak most of {topics}.",
        len(found), **facts, topics=[aspect for aspect, _ in aspects.most_common(TOPICS)],
    )  # fmt: skip
