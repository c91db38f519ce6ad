from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from agent.students import Encoder
from agent.students.encoder import MAX_TOKENS


@pytest.mark.parametrize(
    "text",
    [
        "Put the Blue MUG at 12.50€ 😀 Café",
        "İstanbul ﬁne ŠKODA",
        "zero\u200bwidth \x00control\tcharacters",
        "日本 abc",
        "e\u0301 combining and ß",
        "👩‍👩‍👧‍👦 family 🇩🇪 flag",
    ],
)
def test_token_spans_are_code_points_of_the_text_as_it_came(encoder: Encoder, text: str) -> None:
    tokens = encoder.tokens(text)
    pieces = [text[start:end] for start, end in tokens.spans]
    assert all(pieces)
    assert "".join("".join(pieces).split()) == "".join(text[a:b] for a, b in tokens.spans).replace(" ", "")
    assert all(end <= following for (_, end), (following, _) in zip(tokens.spans[:-1], tokens.spans[1:], strict=True))
    assert tokens.spans[-1, 1] <= len(text)


def test_the_words_of_a_text_lie_where_the_spans_say(encoder: Encoder) -> None:
    text = "😀 Put the BLUE mug"
    tokens = encoder.tokens(text)
    assert [text[start:end] for start, end in tokens.spans] == ["😀", "Put", "the", "BLUE", "mug"]


def test_a_short_text_is_not_padded(encoder: Encoder) -> None:
    assert len(encoder.tokens("hoodies")) < 5


def test_embeddings_have_length_one_and_tell_like_from_unlike(encoder: Encoder) -> None:
    sales, revenue, weather = encoder.embed(["how much did we sell", "our sales figures", "a recipe for soup"])
    assert np.linalg.norm(sales) == pytest.approx(1, abs=1e-5)
    assert sales @ revenue > sales @ weather + 0.1


def test_an_embedding_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    alone = encoder.embed(["the blue mug"])[0]
    among = encoder.embed(["x" * 500, "the blue mug", ""])[1]
    assert (alone == among).all()


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.embed([]).shape == (0, 384)


def test_a_text_beyond_the_limit_is_embedded_by_its_beginning(encoder: Encoder) -> None:
    long = "mug " * (MAX_TOKENS * 2)
    assert (encoder.embed([long]) == encoder.embed(["mug " * (MAX_TOKENS - 2)])).all()


def test_more_tokens_than_fit_a_pass_are_refused(encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="at most 254"):
        encoder.fork(encoder.tokens("mug " * 300).ids)


def test_many_threads_get_the_same_numbers(encoder: Encoder) -> None:
    texts = [f"sell {i} mugs" for i in range(24)]
    one_by_one = encoder.embed(texts)
    with ThreadPoolExecutor(4) as pool:
        together = np.stack(list(pool.map(lambda text: encoder.embed([text])[0], texts)))
    assert (one_by_one == together).all()
