"""Markdown to HTML that can do nothing: no raw HTML, no pictures, and links only where the text is our own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from agent.web.panel.words import visible

_TAGS = {
    "a",
    "blockquote",
    "br",
    "code",
    "em",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
}
_DEEPER = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}
"""Headings of a text within a page stand below the page's own."""
_NO_HEADINGS = dict.fromkeys(_DEEPER, "strong")
"""What somebody said is no part of the page's outline."""


def rendered(text: str) -> Markup:
    """A text of our own, such as the card of a model: its links lead where they say."""
    return _html(_parser(links=True), text, _DEEPER, _TAGS)


def said(text: str) -> Markup:
    """What a model or a record of the shop says: set as it is meant, and inert. A link stands there as it was written, with nothing to
    click, so that nothing a stranger wrote leads anywhere from our page; what cannot be seen is written out."""
    return _html(_parser(links=False), visible(text), _NO_HEADINGS, _TAGS - {"a"})


def _html(parser: MarkdownIt, text: str, headings: Mapping[str, str], tags: set[str]) -> Markup:
    tokens = parser.parse(text)
    for token in tokens:
        token.tag = headings.get(token.tag, token.tag)
    return Markup(
        nh3.clean(
            parser.renderer.render(tokens, parser.options, {}), tags=tags, attributes={"a": {"href"}, "ol": {"start"}}, url_schemes={"http", "https"}
        )
    )


@cache
def _parser(*, links: bool) -> MarkdownIt:
    """Indented lines are no code: people and templates indent for other reasons. Without links a bracket is a bracket."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    return parser if links else parser.disable(["link", "autolink", "image", "reference", "code", "lheading", "entity"])
