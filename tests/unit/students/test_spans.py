"""Personal data in free text: what has a form, what the student learned, and the scrubbing that uses both."""

from pathlib import Path

import pytest

from agent.errors import ManifestError
from agent.resources import bundled
from agent.students import patterns
from agent.students.encoder import Encoder
from agent.students.manifest import read_manifest
from agent.students.scrub import scrubbed
from agent.students.spans import SpanTagger

MODELS = bundled() / "models"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(read_manifest(MODELS / "encoder"))


@pytest.fixture(scope="module")
def tagger(encoder: Encoder) -> SpanTagger:
    return SpanTagger(read_manifest(MODELS / "personal_data"), encoder)


@pytest.mark.parametrize(
    ("text", "kind", "what"),
    [
        ("card 4539 1488 0343 6467 please", "card", "4539 1488 0343 6467"),
        ("to DE89 3704 0044 0532 0130 00 today", "iban", "DE89 3704 0044 0532 0130 00"),
        ("mail a.b+c@shop.example now", "email", "a.b+c@shop.example"), ("ring +44 7700 900431", "phone", "+44 7700 900431"),
        ("order #4417 is late", "order", "#4417"), ("order number 88-1203", "order", "88-1203"), ("in LS9 8AG", "postcode", "LS9 8AG"),
        ("born 12/03/1986", "birth", "12/03/1986"),
        ("at 14 Quarry Lane", "address", "14 Quarry Lane"), ("Lindenstraße 27", "address", "Lindenstraße 27"),
    ],
)  # fmt: skip
def test_what_has_a_form_is_found_by_it(text: str, kind: str, what: str) -> None:
    assert [(span.kind, text[span.start : span.end]) for span in patterns.found(text)] == [(kind, what)]


@pytest.mark.parametrize(
    "text", ["card 4539 1488 0343 6468", "to DE89 3704 0044 0532 0130 01", "0000 0000 0000 0000", "it costs 49.90 for 3", "since 2015"]
)
def test_a_number_whose_check_digits_are_wrong_is_no_card_and_no_account(text: str) -> None:
    assert not [span for span in patterns.found(text) if span.kind in ("card", "iban")]


def test_long_runs_of_letters_and_digits_take_no_time() -> None:
    for text in ("a" * 50_000, "1 " * 25_000, "A1" * 25_000, "Aa " * 15_000, "a." * 25_000):
        assert len(list(patterns.found(text))) >= 0


def test_names_and_addresses_are_found_by_the_student(tagger: SpanTagger) -> None:
    text = "Hello, I am Beatrix Malone, please send it to Rosenweg 12 in Köln."
    assert [(span.kind, text[span.start : span.end]) for span in tagger.tag(text)] == [("name", "Beatrix Malone"), ("address", "Rosenweg 12")]


def test_spans_never_overlap_and_come_in_reading_order(tagger: SpanTagger) -> None:
    text = "Anna Weiss <anna.weiss@mail.example>, 14 Quarry Lane, LS9 8AG, +44 7700 900431, order #4417"
    spans = tagger.tag(text)
    assert all(a.end <= b.start for a, b in zip(spans, spans[1:], strict=False))
    assert {span.kind for span in spans} >= {"name", "email", "address", "phone", "order"}


def test_a_long_text_is_read_to_its_end(tagger: SpanTagger) -> None:
    filler = "the parcel was late and the box was wet and nobody answered the phone. " * 40
    text = filler + "Kind regards, Harriet Brown"
    assert any(text[span.start : span.end] == "Harriet Brown" for span in tagger.tag(text))


@pytest.mark.parametrize("text", ["", "   ", "🙂🙂", "\n\n"])
def test_a_text_without_words_holds_nothing(text: str, tagger: SpanTagger) -> None:
    assert tagger.tag(text) == []


def test_scrubbing_leaves_the_kind_in_the_place_of_each_span(tagger: SpanTagger) -> None:
    text = "I'm Greta Lindqvist, order #4417, mail greta@post.example"
    assert scrubbed(text, tagger.tag) == "I'm [name], order [order], mail [email]"


def test_without_the_student_names_stay_and_the_rest_goes() -> None:
    assert scrubbed("Greta, #4417, g@post.example", lambda text: list(patterns.found(text))) == "Greta, [order], [email]"


def test_a_tagger_of_another_encoder_is_refused(encoder: Encoder, tmp_path: Path) -> None:
    for name in ("head.npz", "manifest.toml"):
        (tmp_path / name).write_bytes((MODELS / "personal_data" / name).read_bytes())
    manifest = tmp_path / "manifest.toml"
    manifest.write_text(manifest.read_text().replace(encoder.manifest.identity, "0" * 64))
    with pytest.raises(ManifestError, match="another encoder"):
        SpanTagger(read_manifest(tmp_path), encoder)
