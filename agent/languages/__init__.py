"""The languages Storehand speaks besides English: one catalogue file each, in the format of GNU gettext (docs/guide/languages.md).

Two kinds of sentences are looked up. What the panel and the tasks say has a msgid and its values apart, so a catalogue is
asked for the msgid. What planning and the errors say comes as a finished English sentence: `told` finds the msgid it was made
from and puts its values into the translation, so that a reply stored months ago is read in the reader's language too.
"""

from agent.languages.catalogues import Catalogue, Languages, Translated, in_english
from agent.languages.choice import Choice, chosen
from agent.languages.telling import ours, told

__all__ = ["Catalogue", "Choice", "Languages", "Translated", "chosen", "in_english", "ours", "told"]
