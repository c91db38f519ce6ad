import asyncio
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from agent.sdk import (
    Ask,
    Between,
    Cues,
    Draft,
    Field,
    NotFound,
    Period,
    Product,
    Refusal,
    Review,
    ReviewWhere,
    Says,
    Selection,
    Sentence,
    Store,
    Writer,
    count,
    every,
    say,
    task,
)
from agent.sdk.drafting import (
    Composed,
    Wished,
    addressed,
    by_of,
    compose,
    shop_facts,
    template_speaks,
    told,
    unspoken,
)
from agent.sdk.reviews import phrase_of, stars_of, written_by

MOST = 10
"""Replies in one draft, the newest reviews first; each is to be read before it is public."""
_NAME = re.compile(r"[^\W\d_][\w'’-]{0,29}")


class ReplyToReview(Wished):
    reviews: Selection[Review] | None = Field(None, description="Reviews of an earlier result.")
    products: Annotated[Selection[Product] | None, Cues("of", "for", "about", "on")] = Field(None, description="Only reviews of these products.")
    rating: Annotated[Between[int] | None, Cues("stars", "star", "rated", "rating")] = Field(None, description="Only reviews with so many stars.")
    group: Annotated[
        Literal["bad", "good"] | None,
        Says(
            bad=["bad", "negative", "critical", "unhappy", "angry", "poor", "worst", "complaints", "nasty", "rude"],
            good=["good", "positive", "glowing", "happy", "best", "nice reviews", "lovely"],
        ),
    ] = Field(None, description="Bad ones have 1 or 2 stars, good ones 4 or 5; only where no number of stars is said.")
    author: Annotated[str | None, Cues("from", "by", "written by")] = Field(None, description="Who wrote it, such as Tom.")
    topic: Annotated[str | None, Cues("mentions", "that mentions", "complaining about", "complains about", "about")] = Field(
        None, description="Only reviews in which this word or phrase stands."
    )
    period: Annotated[Period | None, Cues("in", "since", "written", "left", "during")] = Field(None, description="When they were written.")
    top: Annotated[int | None, Cues("last", "latest", "newest", "top")] = Field(None, ge=1, description="Only so many, the newest first.")
    answer: Annotated[
        str | None, Cues("saying", "say that", "say", "telling them", "tell them", "explaining", "explain that", "offer", "offering", "and promise")
    ] = Field(None, description="What the reply should say, in the merchant's words.")


@task(
    examples=[
        "reply to the latest review", "write a reply to the 1-star review of the blue mug", "answer the bad reviews from last week",
        "draft a response to Tom's review and offer a replacement", "thank the customers who left 5-star reviews",
        "reply to the review about the chipped rim, saying that we are sorry", "respond to those reviews",
    ]
)  # fmt: skip
async def reply_to_review(args: ReplyToReview, store: Store, writer: Writer, ask: Ask) -> Draft | Refusal:
    """Write public replies to reviews, to edit and save.

    Reviews that have a reply are left alone, unless they are named.

    Raises:
        NotFound: No review is meant by it, or all have a reply.
    """
    if "reviews" not in store.capabilities:
        return Refusal(say("This shop's reviews are not kept where Storehand can read them, so there is none to reply to."))
    found = [review for review in await every(store.reviews, _where(args)) if _is_meant(review, args)]
    chosen = found[: min(MOST, args.top) if args.top else MOST if _says_which(args) else 1]
    if not chosen:
        raise NotFound("review without a reply", args.topic or args.author or "")
    shop = await shop_facts(store)
    written = await asyncio.gather(*(compose(writer, **_facts(review, args, ask), **shop) for review in chosen))
    if by_of(written) == "template" and not template_speaks(args.language):
        return unspoken(args.language)
    texts = [addressed(one.text, _author(review)) for one, review in zip(written, chosen, strict=True)]
    return Draft(
        _sentence(chosen, len(found), written), content=_content(chosen, texts), by=by_of(written),
        saves=[change for review, text in zip(chosen, texts, strict=True) for change in review.set(reply=text)],
    )  # fmt: skip


def _where(args: ReplyToReview) -> ReviewWhere:
    return ReviewWhere(
        ids=args.reviews.ids if args.reviews is not None else None, products=args.products.ids if args.products is not None else None,
        written=args.period, rating=args.rating or stars_of(args.group), text=phrase_of(args.topic),
    )  # fmt: skip


def _is_meant(review: Review, args: ReplyToReview) -> bool:
    return (args.reviews is not None or not review.reply) and written_by(review, args.author)


def _says_which(args: ReplyToReview) -> bool:
    return any(value is not None for value in (args.reviews, args.products, args.rating, args.group, args.author, args.topic, args.period))


def _facts(review: Review, args: ReplyToReview, ask: Ask) -> dict[str, Any]:
    return {
        "product": review.product_title, "rating": review.rating, "title": review.title, "review": review.body, "answer": args.answer or "",
        "request": ask.text, **args.wishes(),
    }  # fmt: skip


def _author(review: Review) -> str | None:
    """The first name, where it is a name: anyone can call themselves anything."""
    first = review.author.value.strip().split(" ")[0]
    return first if _NAME.fullmatch(first) else None


def _content(reviews: Sequence[Review], texts: Sequence[str]) -> str:
    if len(reviews) == 1:
        return texts[0]
    return "\n\n".join(f"## {review.label}\n\n{text}" for review, text in zip(reviews, texts, strict=True))


def _sentence(reviews: Sequence[Review], found: int, written: Sequence[Composed]) -> Sentence:
    what = count(
        "A reply to the review of {product} with {stars} stars, to edit and save.", "Replies to {n} reviews, to edit and save.", len(reviews),
        product=reviews[0].product_title, stars=reviews[0].rating,
    )  # fmt: skip
    if found > len(reviews) and len(reviews) > 1:
        what = say("{what} They are the newest of {found}.", what=what, found=found)
    return told(what, *written)
