"""write_seo, write_post, write_ad, write_faq, write_page and translate_content, and the check of write_description."""

from typing import Any

import pytest
from writing import drafted

from agent.sdk import Draft, Invalid, NotFound, Refusal
from agent.sdk.claims import unsupported

A_TEMPLATE = "It is a template filled with your shop's facts, without a model; edit it before you use it."
WRITERS = ["write_post", "write_ad", "write_faq", "write_page", "write_email", "write_seo"]


@pytest.mark.parametrize("task", WRITERS)
def test_a_template_claims_nothing_that_the_product_does_not_say(task: str, bench: Any) -> None:
    draft = bench.ask(task, products=bench.products("Linen"))
    assert (draft.by, A_TEMPLATE in str(draft.text)) == ("template", True)
    known = {"facts": "Linen Summer Dress Dune Studio Colour Blue Sand Size S M L XL €79.00 €99.00 Dresses Fern & Tide 1 2 pieces"}
    made_by_code = [claim.said for claim in unsupported(draft.content, known) if claim.kind in ("material", "quality", "promise", "price")]
    assert made_by_code == []


@pytest.mark.parametrize("task", WRITERS)
def test_a_text_in_another_language_needs_a_provider(task: str, bench: Any) -> None:
    refused = bench.ask(task, products=bench.products("Linen"), language="German")
    assert isinstance(refused, Refusal) and refused.code == "needs_provider"


@pytest.mark.parametrize("task", ["write_post", "write_faq", "write_page", "write_description"])
def test_a_model_that_invents_is_asked_again_and_then_cut(task: str) -> None:
    text = "The dress is cut loose and comes in blue and sand. It is made of organic silk in Italy, with free shipping."
    made = drafted(task, text, text, products=["Linen"])
    assert made.result.content == "The dress is cut loose and comes in blue and sand."
    assert "organic; silk; free shipping" in made.prompts[1]
    assert "“organic”, “silk”, “free shipping”" in str(made.result.text)


@pytest.mark.parametrize("task", WRITERS)
def test_the_prompt_has_the_merchants_words_and_the_shops_text_as_data(task: str) -> None:
    answer = "Title: A loose dress\nDescription: Cut loose, in blue and sand."
    made = drafted(task, answer, products=["Linen"], ask="something about the dress")
    assert isinstance(made.result, Draft) and made.result.by == "frontier"
    assert '<data source="merchant">\nsomething about the dress\n</data>' in made.prompts[0]
    assert '<data source="product text">\nCut loose, washed soft.\n</data>' in made.prompts[0]


# write_seo


def test_search_texts_are_saved_on_the_products_and_fit(bench: Any) -> None:
    draft = bench.ask("write_seo", products=bench.products("Linen", "Blue"))
    assert [(c.target.label, c.field, c.after) for c in draft.saves] == [
        ("Linen Summer Dress", "seo_title", "Linen Summer Dress | Fern & Tide"),
        (
            "Linen Summer Dress", "seo_description",
            "Linen Summer Dress by Dune Studio. Choose your colour: Blue and Sand. Choose your size: S, M, L and XL. "
                "Find it among our dresses at Fern & Tide.",
        ),
        ("Blue Ceramic Mug", "seo_title", "Blue Ceramic Mug | Fern & Tide"),
        ("Blue Ceramic Mug", "seo_description", "Blue Ceramic Mug by Acme Pottery. Find it among our mugs at Fern & Tide."),
    ]  # fmt: skip


def test_only_the_part_that_was_asked_for_is_saved(bench: Any) -> None:
    assert [c.field for c in bench.ask("write_seo", products=bench.products("Blue"), part="title").saves] == ["seo_title"]


def test_a_model_that_writes_too_much_is_cut_to_what_is_shown() -> None:
    long = "Title: " + "A mug for long mornings and longer evenings " * 3 + "\nDescription: " + "Glazed in our own blue, for every day. " * 9
    saves = drafted("write_seo", long, products=["Blue"]).result.saves
    assert [len(str(change.after)) <= most for change, most in zip(saves, (60, 155), strict=True)] == [True, True]
    assert str(saves[1].after).endswith("for every day.")


def test_an_invented_quality_never_reaches_the_search_texts() -> None:
    text = "Title: Blue Ceramic Mug\nDescription: Glazed in our own blue. Dishwasher-safe and award-winning."
    made = drafted("write_seo", text, text, products=["Blue"])
    assert [change.after for change in made.result.saves] == ["Blue Ceramic Mug", "Glazed in our own blue."]


def test_too_many_and_none_are_refused(bench: Any) -> None:
    with pytest.raises(Invalid, match="21 products are too many"):
        bench.ask("write_seo", products={"ids": [f"p_{n}" for n in range(21)]})
    with pytest.raises(NotFound):
        bench.ask("write_seo", products={"ids": ["p_999"], "label": "moon mug"})


# write_post and write_ad


@pytest.mark.parametrize(
    ("channel", "begins", "ends"),
    [
        ("instagram", "Our Oak Serving Board by Holt, €45.00.", "#FernTide #Boards"),
        ("blog", "Oak Serving Board\n\nOur Oak Serving Board by Holt", "at Fern & Tide."),
        ("tiktok", "Scene 1: Our Oak Serving Board", "Scene 2: You find it at Fern & Tide."),
        ("x", "Our Oak Serving Board by Holt, €45.00. You find it", "at Fern & Tide."),
    ],
)
def test_a_post_is_made_for_its_channel(channel: str, begins: str, ends: str, bench: Any) -> None:
    draft = bench.ask("write_post", products=bench.products("Oak"), channel=channel)
    assert draft.content.startswith(begins) and draft.content.endswith(ends)
    assert "Storehand does not publish there" in str(draft.text) and not draft.saves


def test_a_post_needs_no_product(bench: Any) -> None:
    draft = bench.ask("write_post", topic="our opening night", channel="facebook")
    assert draft.content == "Our opening night. You find us at Fern & Tide.\n\n#FernTide"


def test_an_ad_is_as_long_as_the_platform_shows_and_counts(bench: Any) -> None:
    draft = bench.ask("write_ad", products=bench.products("Linen"), platform="google")
    assert draft.content.split("\n") == [
        "Headline (18/30): Linen Summer Dress", "Headline (26/30): Dune Studio at Fern & Tide", "Headline (6/30): €79.00",
        "Description (57/90): Linen Summer Dress by Dune Studio, €79.00 at Fern & Tide.",
        "Description (50/90): Choose colour Blue or Sand and size S, M, L or XL.",
    ]  # fmt: skip


def test_a_models_ad_is_cut_and_its_invented_line_goes() -> None:
    text = "Headline: The blue ceramic mug for all of your mornings\nHeadline: 50% off today\nDescription: Glazed in our own blue."
    made = drafted("write_ad", text, text, products=["Blue"])
    assert made.result.content == "Headline (29/30): The blue ceramic mug for all\nDescription (23/90): Glazed in our own blue.".replace(
        "29/30", "28/30"
    )


# write_faq and write_page


def test_an_faq_answers_from_the_facts_and_leaves_blanks(bench: Any) -> None:
    draft = bench.ask("write_faq", products=bench.products("Wool"), top=4)
    assert draft.content == (
        "Who makes the Wool Throw?\nIt is by North Loom.\n\nWhat does the Wool Throw cost?\nIt costs €89.00.\n\n"
        "Is the Wool Throw in stock?\nIt is sold out at the moment: [when it comes back].\n\n"
        "How do I care for the Wool Throw?\n[How to clean and keep it.]"
    )


def test_a_page_about_the_shop_is_made_of_what_it_sells(bench: Any) -> None:
    draft = bench.ask("write_page", page="about")
    assert draft.content.startswith("About Fern & Tide\n\nFern & Tide is an online shop for mugs, candles,")
    assert "[Who began it, when, and why.]" in draft.content


@pytest.mark.parametrize("page", ["privacy", "terms", "returns"])
def test_legal_pages_are_to_be_checked(page: str, bench: Any) -> None:
    assert "this is no legal advice" in str(bench.ask("write_page", page=page).text)


def test_a_page_says_what_the_merchant_wants_said(bench: Any) -> None:
    draft = bench.ask("write_page", page="shipping", content="we ship on Mondays")
    assert draft.content.startswith("Shipping\n\nWe ship on Mondays.\n\nWhere we ship to\n[Countries.]")


# translate_content


def test_translating_without_a_provider_is_refused(bench: Any) -> None:
    refused = bench.ask("translate_content", products=bench.products("Blue"), into=["German"])
    assert isinstance(refused, Refusal)
    assert (refused.code, str(refused.text)) == ("needs_provider", "Translating into German needs a model; connect a provider in the settings.")


def test_a_translation_keeps_its_numbers_and_is_to_copy() -> None:
    text = "Title: Blaue Keramiktasse\nDescription: In unserem eigenen Blau glasiert. Fasst 300 ml."
    made = drafted("translate_content", text, products=["Blue"], into=["German"])
    assert made.result.content == text and not made.result.saves
    assert str(made.result.text) == "Blue Ceramic Mug in German, to copy: this shop keeps one language."
    assert '<data source="product text">\nGlazed in our own blue. Holds 300 ml.\n</data>' in made.prompts[0]


def test_a_translation_that_changes_a_number_or_adds_a_claim_is_caught() -> None:
    wrong = "Title: Blaue Keramiktasse\nDescription: In unserem eigenen Blau glasiert. Fasst 350 ml. Spülmaschinenfest."
    made = drafted("translate_content", wrong, wrong, products=["Blue"], into=["German"])
    assert made.result.content == "Title: Blaue Keramiktasse\nDescription: In unserem eigenen Blau glasiert."
    assert "Check it: 300 ml of the original is missing." in str(made.result.text)
    assert "“350 ml”, “Spülmaschinenfest”" in str(made.result.text)


def test_several_languages_are_told_apart() -> None:
    made = drafted("translate_content", "Title: Tasse", "Title: Tazza", products=["Blue"], into=["French", "Italian"], parts=["title"])
    assert made.result.content == "## Blue Ceramic Mug, French\n\nTitle: Tasse\n\n## Blue Ceramic Mug, Italian\n\nTitle: Tazza"
