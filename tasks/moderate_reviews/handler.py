from collections.abc import Sequence
from typing import Annotated, Literal

from agent.sdk import (
    Args,
    AskedAs,
    Between,
    Cues,
    Field,
    NotFound,
    Period,
    Product,
    Proposal,
    Refusal,
    Review,
    ReviewWhere,
    Says,
    Selection,
    Sentence,
    Store,
    count,
    every,
    say,
    task,
)
from agent.sdk.reviews import phrase_of, stars_of, written_by

AFTER = {"publish": "published", "hide": "hidden", "spam": "spam"}
FROM = {"publish": ("pending", "hidden"), "hide": ("published", "pending"), "spam": ("published", "pending", "hidden")}
"""What is taken where no status was said: publishing everything of a product does not bring its spam back."""


class ModerateReviews(Args):
    decision: Annotated[
        Literal["publish", "hide", "spam"],
        AskedAs("What should become of them: publish, hide, or mark as spam?"),
        Says(
            publish=[
                "publish",
                "approve",
                "release",
                "show on the site",
                "make public",
                "make visible",
                "put live",
                "accept",
                "unhide",
                "let … through",
                "wave … through",
            ],
            hide=["hide", "unpublish", "take down", "take offline", "reject", "withhold", "remove from the site"],
            spam=["spam", "as spam", "fake", "as fake", "junk"],
        ),
    ] = Field(description="Publish them, hide them, or mark them as spam.")
    reviews: Annotated[Selection[Review] | None, AskedAs("Which reviews? Of a product, with so many stars, from a time, or the pending ones.")] = (
        Field(None, description="Reviews of an earlier result.")
    )
    products: Annotated[Selection[Product] | None, Cues("of", "for", "about", "on")] = Field(None, description="Only reviews of these products.")
    rating: Annotated[Between[int] | None, Cues("stars", "star", "rated", "rating")] = Field(
        None, description="Only reviews with so many stars, 1 to 5."
    )
    group: Annotated[
        Literal["bad", "good"] | None,
        Says(bad=["bad", "negative", "critical", "nasty", "worst"], good=["good", "positive", "glowing", "best", "nice"]),
    ] = Field(None, description="Bad ones have 1 or 2 stars, good ones 4 or 5; only where no number of stars is said.")
    status: Annotated[
        Literal["published", "pending", "hidden"] | None,
        Says(
            published=["published", "visible", "live"],
            pending=["pending", "unmoderated", "waiting", "awaiting approval", "unpublished", "in the queue"],
            hidden=["hidden"],
        ),
    ] = Field(None, description="Only reviews that are published, pending or hidden now.")
    author: Annotated[str | None, Cues("from", "by", "written by", "of")] = Field(None, description="The person who wrote it, such as Tom.")
    topic: Annotated[
        str | None,
        Cues(
            "mention",
            "mentioning",
            "that mention",
            "that mentions",
            "containing",
            "contain",
            "contains",
            "contain the word",
            "with the word",
            "saying",
            "about",
        ),
    ] = Field(None, description="Only reviews in which this word or phrase stands.")
    period: Annotated[Period | None, Cues("in", "since", "written", "left", "during")] = Field(None, description="When they were written.")
    top: Annotated[int | None, Cues("last", "latest", "newest", "top")] = Field(None, ge=1, description="Only so many, the newest first.")

    one_of = (("reviews", "products", "rating", "group", "status", "author", "topic", "period", "top"),)


@task(
    examples=[
        "publish all pending reviews", "approve the pending reviews of the blue mug", "hide the 1-star review of the blue mug",
        "mark the review that mentions casino as spam", "take down the bad reviews from last week", "publish the last 3 reviews",
        "hide Tom's review", "unhide the hidden reviews of the merino scarf", "reject the pending reviews with 1 star",
    ]
)  # fmt: skip
async def moderate_reviews(args: ModerateReviews, store: Store) -> Proposal | Refusal:
    """Publish, hide or mark as spam what customers reviewed: one review, many, or all that fit.

    Raises:
        NotFound: No review is meant by it.
    """
    if "reviews" not in store.capabilities:
        return Refusal(say("This shop's reviews are not kept where Storehand can moderate them."))
    found = [review for review in await every(store.reviews, _where(args)) if written_by(review, args.author)]
    if not found:
        raise NotFound("review", args.topic or args.author or "")
    chosen = found[: args.top]
    changes = [change for review in chosen for change in review.set(status=AFTER[args.decision])]
    return Proposal(_sentence(chosen, len(changes), args.decision), changes=changes)


def _where(args: ModerateReviews) -> ReviewWhere:
    chosen = args.reviews is not None
    return ReviewWhere(
        ids=args.reviews.ids if args.reviews is not None else None, products=args.products.ids if args.products is not None else None,
        written=args.period, rating=args.rating or stars_of(args.group), text=phrase_of(args.topic),
        status=[args.status] if args.status else None if chosen else (*FROM[args.decision], AFTER[args.decision]),
    )  # fmt: skip


def _sentence(reviews: Sequence[Review], changed: int, decision: str) -> Sentence:
    if not changed:
        told = {"publish": "published", "hide": "hidden", "spam": "marked as spam"}
        return count("That review is {status} already.", "All {n} reviews are {status} already.", len(reviews), status=told[decision])
    match decision:
        case "publish":
            return count("Publish {n} review.", "Publish {n} reviews.", changed)
        case "hide":
            return count("Hide {n} review; it is kept.", "Hide {n} reviews; they are kept.", changed)
        case _:
            return count("Mark {n} review as spam; it is kept, unseen.", "Mark {n} reviews as spam; they are kept, unseen.", changed)
