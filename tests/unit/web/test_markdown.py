"""Text as markdown: what is meant is set, and nothing in it can do anything."""

from __future__ import annotations

import re

import pytest

from agent.web.panel.markdown import rendered, said

HARMLESS = re.compile(r"</?(?:blockquote|br|code|em|hr|li|ol|p|pre|strong|table|tbody|td|th|thead|tr|ul)>|<ol start=\"\d+\">")

HOSTILE = (
    "<script>x</script>", "<img src=x onerror=x>", "![x](https://evil.example/?q=1)", "[x](javascript:x)", "[x](https://evil.example/?q=1)",
    "<https://evil.example>", "[x]\n\n[x]: https://evil.example", "[x][y]\n\n[y]: javascript:x", '**<a href="//e">x</a>**', "`</code><script>x`",
    "> <iframe src=//e>", "| <b onclick=x> |\n|--|\n| <style>*{}</style> |", "&lt;script&gt;", "\\<script>", "<div hx-get=/sign-out hx-trigger=load>",
    "# <svg onload=x>", "- <meta http-equiv=refresh>", "```html\n<script>x</script>\n```", "<!-- --><base href=//e>", "<p style=x>",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_somebody_said_has_no_tag_but_harmless_ones_without_attributes(text: str) -> None:
    assert "<" not in HARMLESS.sub("", said(text)) and "href" not in re.sub(r"&lt;.*?&gt;", "", said(text))


def test_what_is_meant_is_set() -> None:
    made = said("# Title\n\n**bold** *soft* `code`\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    for expected in ("<strong>Title</strong>", "<strong>bold</strong>", "<em>soft</em>", "<code>code</code>", "<li>one</li>", "<td>2</td>"):
        assert expected in made


@pytest.mark.parametrize("text", ["#1042 was sent", "WW_101_RED is gone", "5 * 3 * 2", "    Anna, Berlin", "a\nb", "Tom & Jerry's <3", "50% (-2)"])
def test_plain_sentences_stay_as_they_are(text: str) -> None:
    plain = re.sub(r"<[^>]*>", "", said(text)).strip().replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    assert plain == text.strip()


def test_a_list_begins_with_the_number_it_was_given() -> None:
    assert '<ol start="1042">' in said("1042. Mug")


def test_what_cannot_be_seen_is_written_out() -> None:
    assert said("pass\u200bword \u202etxt.exe") == "<p>pass⟨U+200B⟩word ⟨U+202E⟩txt.exe</p>\n"


def test_our_own_text_keeps_its_links_to_the_web_alone() -> None:
    assert 'href="https://example.org"' in rendered("[x](https://example.org)")
    assert "href" not in rendered("[x](javascript:x) [y](data:text/html,x)")
