"""What is said to one who only greets, thanks, asks who this is, or wants help: none of it asks anything of the shop.

Only whole messages count: "hello, what did we sell yesterday" is a request, and is read as one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.sdk import say

_CALL = r"(?:hi|hello|hey|hiya|howdy|yo|moin|good\s+(?:morning|afternoon|evening|day))(?:\s+(?:there|again|everyone|storehand))?"
_GREETS = re.compile(rf"\W*{_CALL}\W*", re.I)
_BEGINS = re.compile(rf"\W*{_CALL}\W+(?=\w)", re.I)
_THANKED = r"(?:thanks|thank\s+you|thx|ty|cheers|merci|danke)(?:\s+(?:a\s+lot|a\s+bunch|very\s+much|so\s+much|again|for\s+(?:the|your)\s+help))?"
_FINE = r"(?:great|perfect|super|cool|nice|awesome|brilliant|lovely|excellent|wonderful|all\s+good|bye)"
_WELL_DONE = (
    r"(?:(?:that|this|it)(?:['’]s|\s+is|\s+was)|you\s+(?:are|were)|you['’]re)\s+(?:(?:so|really|very|super|just|exactly)\s+)*"
    r"(?:great|good|perfect|helpful|useful|brilliant|lovely|wonderful|fantastic|awesome|amazing|excellent|nice|what\s+i\s+(?:needed|wanted)|all|it|enough|fine)"
    r"(?:\s+(?:for\s+(?:now|today)|help|work|job))?"
)
_LEAVES = (
    r"(?:bye(?:\s+bye)?|goodbye|good\s+night|see\s+you(?:\s+(?:later|tomorrow|soon))?|have\s+a\s+(?:good|nice|great)\s+(?:day|evening|weekend|one))"
)
_THANKS = re.compile(
    rf"\W*(?:(?:great|ok|okay|perfect|super|cool|nice|awesome|brilliant|lovely|alright|no)\W+)*{_THANKED}(?:\W+(?:{_WELL_DONE}|{_FINE}))?(?:\W+{_LEAVES})?\W*",
    re.I,
)
_BYE = re.compile(rf"\W*(?:(?:ok|okay|alright)\W+)?{_LEAVES}\W*", re.I)
_PRAISES = re.compile(
    r"\W*(?:you(?:['’]re|\s+are)\s+(?:so\s+|really\s+|very\s+)?(?:great|awesome|amazing|the\s+best|good|wonderful|helpful|brilliant)"
    r"|(?:good|great|nice)\s+(?:job|work)|well\s+done|i\s+(?:like|love)\s+you)\W*",
    re.I,
)
_HOW_ARE_YOU = re.compile(
    r"\W*(?:(?:so|and)\W+)?(?:how\s+are\s+(?:you|things)(?:\s+doing)?|how['’]?s\s+it\s+going|what['’]?s\s+up|sup)(?:\s+today)?\W*", re.I
)
_LANGUAGES = re.compile(
    r"\W*(?:(?:do|can)\s+you\s+(?:speak|understand|know|read)\s+[^\W\d_]+|(?:which|what)\s+languages?\s+(?:do|can)\s+(?:you|i|we)\b[\w\s]{0,30}"
    r"|can\s+(?:i|we)\s+(?:write|talk|speak|ask)\s+(?:to\s+you\s+)?in\s+[^\W\d_]+)\W*",
    re.I,
)
_WHO = re.compile(
    r"\W*(?:who\s+(?:or\s+what\s+)?(?:are|r)\s+(?:you|u)|what\s+are\s+you|who\s+(?:made|built|created|programmed)\s+you|introduce\s+yourself"
    r"|tell\s+me\s+(?:something\s+)?about\s+yourself|what(?:['’]s|s|\s+is)\s+(?:this|storehand)(?:\s+(?:thing|app|tool|page|bot|assistant|about|for))*"
    r"|(?:are\s+you|is\s+(?:this|it)(?:\s+thing)?)\s+(?:an?\s+)?(?:real\s+)?(?:robot|bot|human|person|ai|machine|computer|chatgpt|real)(?:\s+or\s+.{1,20})?)(?:\s+exactly)?\W*",
    re.I,
)
_HELP = re.compile(
    r"\W*(?:(?:please\s+)?help(?:\s+me)?(?:\s+(?:out|please|pls))?|(?:can|could)\s+you\s+help(?:\s+(?:me|us))?(?:\s+(?:out|please))?|i\s+need\s+(?:some\s+|your\s+)?help"
    r"|(?:i['’]m|im|i\s+am)\s+new(?:\s+here)?|menu|commands|where\s+do\s+i\s+(?:start|begin)|how\s+(?:do|can)\s+i\s+(?:start|begin|get\s+started)"
    r"|get\s+started|let['’]?s\s+(?:start|go|begin)|test(?:ing)?(?:\s+test)?|start)\W*",
    re.I,
)
_UNDOES = re.compile(r"\W*(?:please\s+)?undo(?:\s+(?:that|it|this|(?:my|the)\s+(?:last|latest)\s+(?:change|one)))?(?:\s+please)?\W*", re.I)


def asks_what_this_is(text: str) -> bool:
    """Whether the message only asks who this is, or for help, which is answered with what can be asked for."""
    bare = _bare(text)
    return any(pattern.fullmatch(bare) is not None for pattern in (_WHO, _HELP))


def courtesy(text: str) -> str | None:
    """What is said to a message that asks for nothing; None to anything else."""
    if _GREETS.fullmatch(text):
        return str(say("Hello. Say what you would like to know or change, such as “which products are running low”."))
    bare = _bare(text)
    if _THANKS.fullmatch(bare):
        return str(say("You are welcome."))
    return next((answer for pattern, answer in _answers() if pattern.fullmatch(bare)), None)


def undoes_nothing(text: str, turns: Sequence[object]) -> bool:
    """Whether "undo" is said where nothing was asked for before."""
    return not turns and _UNDOES.fullmatch(text) is not None


def _bare(text: str) -> str:
    """The message without the greeting that it begins with."""
    return _BEGINS.sub("", text, count=1)


def _answers() -> Sequence[tuple[re.Pattern[str], str]]:
    return (
        (_BYE, str(say("Goodbye."))),
        (_PRAISES, str(say("Thank you. Say what you would like to know or change next."))),
        (_HOW_ARE_YOU, str(say("All is well here. Say what you would like to know or change, such as “how many orders today”."))),
        (
            _LANGUAGES,
            str(
                say(
                    "Requests are read in English; with a connected model in other languages too. The panel and its answers are there in English, "
                    "German, French, Spanish, Italian, Portuguese, Japanese and Chinese."
                )
            ),
        ),
    )
