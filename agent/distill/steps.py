"""What recipes do alike, each as a step that is done once: looking at words, embedding texts, keeping training from gold, a linear fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.distill import linear
from agent.distill.cache import Arrays, Says
from agent.distill.fitting import Once
from agent.distill.folder import digest
from agent.distill.linear import Matrix
from agent.distill.marked import Marked
from agent.distill.overlap import near_any
from agent.errors import SettingsError
from agent.students.encoder import Encoder

Plan = Sequence[tuple[str, Sequence[str]]]
"""Names of steps, each with those it comes after."""
PLANS: Mapping[str, Plan] = {
    "encoder": [("export lower", ()), ("export upper", ())],
    "personal_data": [("embed", ("encoder",)), ("apart", ("embed",)), ("look", ("apart",)), ("fit", ("look",))],
    "product_attributes": [
        ("embed", ("encoder",)), ("apart", ("embed",)), ("look", ("apart",)), ("fit apart", ("look",)), ("fit", ("look",)),
    ],
    "product_category": [("embed", ("encoder",)), ("apart", ("embed",)), ("fit apart", ("apart",)), ("fit", ("apart",))],
    "review_aspects": [("embed", ("encoder",)), ("apart", ("embed",)), ("fit student", ("apart",)), ("fit baseline", ("apart",))],
    "reader": [("train", ("encoder",)), ("export", ("train",)), ("phrases", ("encoder",))],
}  # fmt: skip
"""Of each recipe; what they measure themselves by follows all of them."""
_LOOKING = ("agent.students.encoder", "agent.students.decode", "agent.students.spans", "agent.students.goods_spans")
_EMBEDDING = ("agent.students.encoder", "agent.students.features")
_COMPARING = ("agent.distill.overlap",)

Rows = Sequence[tuple[Matrix, NDArray[np.int64]]]
"""Of each text what is looked at of its words, and their tags' places."""


def looked(texts: Sequence[Marked], encoder: Encoder, row: Callable[[Marked], tuple[Any, Any]], once: Once, **more: Any) -> Rows:
    """
    Args:
        row: What is looked at of one text's words, and their tags.
        more: What that hangs on besides the texts and the encoder.
    """

    def look(says: Says) -> Arrays:
        rows = []
        for n, one in enumerate(texts, 1):
            rows.append(row(one))
            says(n, len(texts))
        ends = np.cumsum([len(y) for _, y in rows])
        return {"x": np.concatenate([x for x, _ in rows]), "y": np.concatenate([y for _, y in rows]), "ends": ends}

    inputs = {"texts": digest("\n".join(map(repr, texts)).encode()), "encoder": encoder.manifest.identity, **more}
    found = once("look", inputs, look, (*_LOOKING, row.__module__))
    return list(zip(np.split(found["x"], found["ends"][:-1]), np.split(found["y"], found["ends"][:-1]), strict=True))


def embedded(texts: Sequence[str], encoder: Encoder, vector: Callable[[str], Matrix], once: Once) -> Mapping[str, Matrix]:
    """Each text's vector, looked up by the text."""
    kept = list(dict.fromkeys(texts))

    def embed(says: Says) -> Arrays:
        rows = []
        for n, text in enumerate(kept, 1):
            rows.append(vector(text))
            says(n, len(kept))
        return {"x": np.stack(rows)}

    inputs = {"texts": digest("\0".join(kept).encode()), "encoder": encoder.manifest.identity, "vector": vector.__qualname__}
    return dict(zip(kept, once("embed", inputs, embed, _EMBEDDING)["x"], strict=True))


def near_gold(texts: Sequence[str], gold: Sequence[str], meant: Mapping[str, Matrix], once: Once) -> frozenset[str]:
    """Those of the texts that nearly say what a gold text says: no recipe learns from them, and nobody needs to read them.

    Args:
        meant: Each text's sentence embedding.

    Raises:
        SettingsError: There is no gold.
    """
    if not gold:
        raise SettingsError("gold holds no text, so nothing could be said of a student; fill its file.")
    asked = list(dict.fromkeys(texts))
    rows, known = (np.stack([meant[text] for text in some]) for some in (asked, gold))

    def compare(_: Says) -> Arrays:
        return {"near": near_any(rows, known)}

    inputs = {"texts": digest(rows.tobytes()), "gold": digest(known.tobytes())}
    found = once("apart", inputs, compare, _COMPARING)["near"]
    return frozenset(text for text, is_near in zip(asked, found, strict=True) if is_near)


def fitted(x: Matrix, y: NDArray[np.int64], *, classes: int, strength: float, once: Once, name: str = "fit") -> tuple[Matrix, Matrix]:
    """Weights (in, classes) and bias."""

    def fit(_: Says) -> Arrays:
        weight, bias = linear.fit(x, y, classes=classes, strength=strength)
        return {"weight": weight, "bias": bias}

    inputs = {"x": digest(np.ascontiguousarray(x).tobytes()), "y": digest(y.tobytes()), "classes": classes, "strength": strength}
    found = once(name, inputs, fit, ("agent.distill.linear",))
    return found["weight"], found["bias"]
