"""Which language a text is in, told by its commonest small words: no model, and None where they do not tell."""

from __future__ import annotations

import re
from collections.abc import Mapping

_WORDS: Mapping[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in {
        "en": "the and to is of my i you for it in that have was on with this not your are be but please can when where what how do did hi hello "
        "thanks thank order any me we they from would could has it's i'm don't isn't an at if "
        "so just all been there a no",
        "de": "der die das und ist nicht ich sie wir mit für auf ein eine einen den dem zu von haben habe war bitte wann wo wie kann können meine "
        "mein mir mich aber noch auch hallo danke guten ihre ihr es im bestellung wurde sehr nur wenn oder bei",
        "fr": "le la les et est pas je vous nous avec pour sur un une des du de que qui ai avez mon ma mes votre bonjour merci quand où comment mais "
        "très ce cette été commande j'ai n'est c'est dans au aux ne suis",
        "es": "el la los las y es no yo usted con para por un una de que qué mi mis su hola gracias cuándo dónde cómo pero muy este esta he ha "
        "está estoy me lo del al se buenos días ya",
        "it": "il lo la gli le e è non io voi con per su un una di che mio mia vostro ciao grazie quando dove come ma molto questo questa ordine ho "
        "sono del della buongiorno mi ancora si alla nel",
        "nl": "de het een en is niet ik u jullie met voor op van dat mijn uw hallo bedankt wanneer waar hoe maar nog ook heb heeft bestelling kan "
        "graag dit te zijn was er naar bij",
        "pt": "o a os as e é não eu você com para por um uma de que meu minha seu olá obrigado obrigada quando onde como mas muito este esta pedido "
        "foi está do da no na ainda me já",
        "sv": "och är inte jag ni med för på en ett det att min mitt hej tack när var hur men mycket den har som av kan till beställning",
        "pl": "i jest nie ja z dla na że moje mój proszę dzień dobry dziękuję kiedy gdzie jak ale bardzo to się zamówienie mam czy do w od",
    }.items()
}
NAMES: Mapping[str, str] = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "nl": "Dutch", "pt": "Portuguese", "sv": "Swedish",
    "pl": "Polish", "other": "another script",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LAST_LATIN = "ɏ"
LEAST = 2
"""Small words that must be there before a language other than English is named: one may be a name, or a word that two languages share."""


def language_of(text: str) -> str | None:
    """ISO 639-1, "other" for letters beyond the Latin ones, or None where the words do not tell."""
    words = _WORD.findall(text.casefold().replace("’", "'"))
    if not words:
        return None
    if 2 * sum(word[0] > _LAST_LATIN for word in words) > len(words):
        return "other"
    found = {code: sum(word in known for word in words) for code, known in _WORDS.items()}
    best = max(found, key=lambda code: found[code])
    if found["en"] >= found[best] > 0:
        return "en"
    return best if found[best] >= LEAST else None
