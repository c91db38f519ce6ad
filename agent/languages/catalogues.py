"""Catalogue files as gettext reads them: one `<language>.po` each, compiled when the language is first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from agent.languages.patterns import Pattern, patterns_of

HERE = Path(__file__).parent
ENGLISH = "en"

Catalogue = Callable[[str], NullTranslations]
"""Locale tag to its translations."""


def in_english(locale: str) -> NullTranslations:
    """No translations: every message is its own."""
    return NullTranslations()


class Translated(GNUTranslations):
    """One language. Where a singular goes with several plurals, the further ones are messages of their own."""

    def __init__(self, catalog: Catalog) -> None:
        compiled = BytesIO()
        write_mo(compiled, catalog)
        compiled.seek(0)
        super().__init__(compiled)
        self.patterns: Mapping[str, Sequence[Pattern]] = patterns_of(catalog)
        """By what a sentence begins with, see `agent.languages.patterns`."""

    def gettext(self, message: str) -> str:
        return super().gettext(message) if message else ""  # of nothing gettext has the file's header

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        alone = self.gettext(msgid2)
        return alone if n != 1 and alone != msgid2 else super().ngettext(msgid1, msgid2, n)


class Languages:
    """The catalogues of one folder."""

    def __init__(self, folder: Path = HERE) -> None:
        self._folder = folder
        self._read: dict[str, Translated] = {}
        self._lock = threading.Lock()
        self.known: Sequence[str] = (ENGLISH, *sorted(path.stem for path in folder.glob("*.po")))
        """Tags of the languages there are words in, English first."""

    def catalogue(self, locale: str) -> NullTranslations:
        """The translations for a locale tag such as "de-AT": those of its language, or none."""
        language = language_of(locale)
        if language == ENGLISH or language not in self.known:
            return NullTranslations()
        with self._lock:
            if language not in self._read:
                with (self._folder / f"{language}.po").open("rb") as file:
                    self._read[language] = Translated(read_po(file, locale=language))
            return self._read[language]


def language_of(locale: str) -> str:
    """ "de" of "de-AT"."""
    return locale.replace("_", "-").partition("-")[0].lower()


def name_of(language: str) -> str:
    """What a language calls itself: "Deutsch"."""
    return (Locale.parse(language).get_display_name() or language).capitalize()
