"""Texts of a file as values of a product: formulas are refused, markup becomes text, and nothing that cannot be shown gets in."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from agent.sdk import Sentence, say
from agent.sheets.headings import Field
from agent.stores.embedded.importers.html_text import plain_text

LONGEST = 255
LONGEST_TEXT = 50_000
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>")
_STATES = {"active": "active", "draft": "draft", "archived": "archived", "aktiv": "active", "entwurf": "draft", "archiviert": "archived"}


class Faulty(Exception):
    """A cell that cannot be taken; its text says why."""

    def __init__(self, why: Sentence | str) -> None:
        super().__init__(str(why))


def text_for(field: Field, text: str) -> Any:
    """What a cell of this field gives the product.

    Raises:
        Faulty: It cannot be that.
    """
    if text.startswith("="):
        raise Faulty(say("this is a formula and not a text; save the file with the values"))
    plain = plain_text(text) if field == "description" and _MARKUP.search(text) else text.strip()
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") and c not in "\n\t\r\u200d\u00ad" for c in plain):
        raise Faulty(say("this has characters that cannot be shown"))
    if field == "description":
        return _checked(plain.replace("\r\n", "\n").replace("\r", "\n"), LONGEST_TEXT)
    if field == "status":
        if (state := _STATES.get(plain.casefold())) is None:
            raise Faulty(say("a status is active, draft or archived"))
        return state
    if field == "tags":
        tags: dict[str, str] = {}
        for tag in (" ".join(part.split()) for part in plain.split(",")):
            if tag:
                tags.setdefault(tag.casefold(), _checked(tag, LONGEST))
        return list(tags.values())
    return _checked(" ".join(plain.split()), LONGEST)


def _checked(text: str, most: int) -> str:
    if len(text) > most:
        raise Faulty(say("this has more than {most} characters", most=most))
    return text
