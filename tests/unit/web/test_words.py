"""One catalogue holds every word that people read, and values are written as their locale writes them."""

from __future__ import annotations

import re
from gettext import NullTranslations
from html.parser import HTMLParser
from pathlib import Path

import pytest
from doors import PAGE, World
from spent import ASKED, spend

from agent.languages import Languages
from agent.web.panel.words import Words, visible

SHOWN = ("aria-label", "placeholder", "title", "data-copied")
BLIND = {"script", "style", "textarea", "code"}


class Pseudo(NullTranslations):
    """Every message in brackets: what stands outside them was never given to the catalogue."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


class Texts(HTMLParser):
    """What a page says to people."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value for name, value in attrs if name in SHOWN and value]
        if tag in BLIND:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside and data.strip():
            self.said.append(data.strip())


# What is the shop's, a person's or a record's, and is shown as it is.
DATA = (
    "Fern & Tide", "Anna", "mug", "Mug", "Units", "Net sales", "Product", "Share", "€", "Europe/Berlin", "EUR", "Oct 2026", "Nov 2026", "weather",
    "best customers", "plain code needs no model", "A description made from", "in 3 days", "The weather", "running low", "sold", " ms",
    ASKED, "acme", "frontier", "US$", "sk_sh_", "llm, read", "The same prompt was sent", "overloaded: ",
)  # fmt: skip

MOMENT = re.compile(r"\d{1,2} [A-Z][a-z]{2}( \d{4}, \d\d:\d\d)?|\d+ (second|minute)s? ago")  # as the locale says it


def bare(page: str) -> list[str]:
    texts = Texts()
    texts.feed(page)
    return [
        said
        for said in texts.said
        if len(said) > 1
        and any(c.isalpha() for c in said)
        and "⟦" not in said
        and "⟧" not in said  # the end of a sentence with a command in it
        and not any(known in said for known in DATA)
        and not MOMENT.fullmatch(said)
    ]


def test_no_word_of_the_panel_is_outside_the_catalogue(tmp_path: Path) -> None:
    world = World(tmp_path, catalogue=lambda locale: Pseudo())
    spend(world, who=world.person().id)
    pages = [world.send("GET", "/sign-in").text, world.send("POST", "/sign-in", data={"name": "x", "password": "y"}).text]
    world.sign_in()
    pages.append(world.send("GET", "/", headers=PAGE).text)
    pages.append(world.send("GET", "/approvals", headers=PAGE).text)
    pages.append(world.send("GET", "/changes", headers=PAGE).text)
    for text in ("Put the mugs at 12.50, show me what they sold", "Which mug: which mug?", "Describe the Blue Ceramic Mug", "What is the weather?"):
        world.click("/asks", text=text, thread="t1")
    for path in ("/t/t1", "/approvals"):
        pages.append(world.send("GET", path, headers=PAGE).text)
    digest = next(s.digest for s in world.service._sets.values())
    pages.append(world.click(f"/approvals/{digest}/approve", items=["1", "2"]).text)
    pages.append(world.click("/changes/cs_0001/undo").text)
    for path in ("/usage", "/usage?by=model", "/providers", "/pauses", "/keys"):
        pages.append(world.send("GET", path, headers=PAGE).text)
    made = world.click("/keys", name="Anna", scopes=["read", "llm"], models=["frontier"], days="30").text
    key = world.run(world.accounts.keys.list("shop_a"))[0].id
    pages += [made, world.click(f"/keys/{key}/rotate").text, world.click(f"/keys/{key}/revoke").text, world.click("/providers/check").text]
    pages.append(world.click(f"/pauses/{world.run(world.spend.pauses('shop_a'))[0].id}/raise").text)
    world.close()
    # Sentences of errors come in English from where they are raised; formats are called the same everywhere.
    english = {"The name or the password is not right.", "JSON", "Markdown"}
    assert sorted({found for page in pages for found in bare(page) if found not in english}) == []


@pytest.mark.parametrize(
    ("locale", "value", "written"),
    [
        ("en-GB", {"amount": "1234.50", "currency": "EUR"}, "€1,234.50"),
        ("de-DE", {"amount": "1234.50", "currency": "EUR"}, "1.234,50\xa0€"),
        ("en-US", {"amount": "1234", "currency": "JPY"}, "¥1,234"),
        ("de-DE", 1234567, "1.234.567"),
        ("en-GB", "2026-11-01", "1 Nov 2026"),
        ("en-GB", "2026-11-01T23:30:00+00:00", "2 Nov 2026, 00:30"),
        ("en-GB", True, "yes"),
        ("en-GB", None, "–"),
        ("en-GB", [], "–"),
        ("en-GB", ["new", "sale"], "new, sale"),
        ("en-GB", {"untrusted": "nice", "source": "review"}, "nice"),
        ("xx-nonsense", 1234, "1,234"),
    ],
)
def test_values_are_written_as_the_shops_locale_writes_them(locale: str, value: object, written: str) -> None:
    assert Words(locale, "Europe/Berlin", NullTranslations()).value(value) == written


def test_a_variable_in_a_message_is_escaped() -> None:
    words = Words("en", "UTC", NullTranslations())
    assert str(words.gettext("Hello %(name)s", name="<b>")) == "Hello &lt;b&gt;"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("\u200bx\ufeff", "⟨U+200B⟩x⟨U+FEFF⟩"),
        ("\U000e0041", "⟨U+E0041⟩"),
        ("bell\x07", "bell⟨U+0007⟩"),
        ("two\nlines\tand 👩‍🌾", "two\nlines\tand 👩‍🌾"),
        ("שלום", "שלום"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


GERMAN = Words("de-DE", "Europe/Berlin", Languages().catalogue("de"), "de")


@pytest.mark.parametrize(
    ("kind", "label", "shown"),
    [
        ("draft_order", "for Emma Schmidt", "für Emma Schmidt"),
        ("draft_order", "for nobody yet", "noch für niemanden"),
        ("automation", "Notify you: an order is placed", "Sie benachrichtigen: eine Bestellung geht ein"),
        (
            "automation",
            "Tag the order vip and notify you: an order is placed",
            "Die Bestellung mit dem Tag vip versehen und Sie benachrichtigen: eine Bestellung geht ein",
        ),
        ("automation", "VIPs: my rule", "VIPs: my rule"),
        ("product", "for nobody yet", "for nobody yet"),
    ],
)
def test_a_record_is_called_by_its_name_unless_the_name_is_of_our_making(kind: str, label: str, shown: str) -> None:
    assert GERMAN.name(kind, label) == shown


def test_money_in_a_translated_sentence_is_written_as_the_locale_writes_it() -> None:
    said = "Mug would cost less than EUR 1200.50, its floor (setting limits.margin_floor_percent)."
    assert GERMAN.told(said) == "Mug würde weniger als 1.200,50\xa0€ kosten, die Untergrenze (Einstellung limits.margin_floor_percent)."
    assert GERMAN.told("Nobody's sentence of EUR 12.50.") == "Nobody's sentence of EUR 12.50."


@pytest.mark.parametrize(
    ("about", "shown"),
    [
        ("order #1042", "Bestellung #1042"),
        ("Order #1042: pack it: now", "Bestellung #1042: pack it: now"),
        ("The 1-star review of Blue Mug", "Die 1-Stern-Bewertung von Blue Mug"),
        ("the message from Emma Schmidt", "die Nachricht von Emma Schmidt"),
        ("Blue Mug (Large), 4 left", "Blue Mug (Large), noch 4"),
        ("Blue Mug", "Blue Mug"),
    ],
)
def test_what_an_automation_acted_on_reads_in_the_language(about: str, shown: str) -> None:
    assert GERMAN.happening(about) == shown
    assert Words("en-GB", "Europe/London", NullTranslations(), "en").happening(about) == about


@pytest.mark.parametrize(
    ("language", "locale", "shown"),
    [
        ("en", "en-GB", "€19.00 cannot be given back: €7.50 is left of #1005."),
        ("de", "de-DE", "19,00\xa0€ können nicht zurückgegeben werden: Von #1005 sind noch 7,50\xa0€ übrig."),
    ],
)
def test_money_in_a_finished_sentence_is_written_as_the_page_writes_it(language: str, locale: str, shown: str) -> None:
    words = Words(locale, "UTC", Languages().catalogue(language), language)
    assert words.told("EUR 19.00 cannot be given back: EUR 7.50 is left of #1005.") == shown
    assert words.told("Gift card EUR 19.00") == "Gift card EUR 19.00", "somebody's own words"


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (
            "No product of this shop matches “mgu”. Which product do you mean?",
            "Kein Produkt dieses Shops passt zu „mgu“. Welches Produkt ist gemeint?",
        ),
        ("No product matches “a. B”. Did you mean one of these?", "Kein Produkt passt zu „a. B“. Meinten Sie eines von diesen?"),
        ("“x” was not understood. Which product do you mean?", "„x“ wurde nicht verstanden. Welches Produkt ist gemeint?"),
        ("There is no order “9” in this shop. Which order do you mean?", "In diesem Shop gibt es keine Bestellung „9“. Welche ist gemeint?"),
    ],
)
def test_a_question_of_several_sentences_is_told_as_the_message_it_was_made_from(asked: str, shown: str) -> None:
    assert GERMAN.told(asked) == shown
