"""Takes personal data out of a text before it is kept to learn from: the one place that does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.sdk.model import Tagged

Tags = Callable[[str], Sequence[Tagged]]


def scrubbed(text: str, tags: Tags) -> str:
    """The text with each span's kind in its place: "[name] wants [order] sent to [address]".

    Args:
        tags: `SpanTagger.tag`, or `patterns.found` where there is no student: then names stay.
    """
    out, at = [], 0
    for span in sorted(tags(text), key=lambda one: one.start):
        if span.start >= at:
            out += [text[at : span.start], f"[{span.kind}]"]
            at = span.end
    return "".join([*out, text[at:]])
