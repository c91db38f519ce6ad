"""Whether a change is asked for or only spoken of: "I don't want you to …", "Tom wanted to …", "how do I …", "we discussed whether to …".

The reader hears a verb and its values, and hardly who is to do it. What stands before the verb is a small grammar: a subject, what it is said to
want, do or think, with or without a "not", up to the verb itself. Only words of that grammar are looked at, so what the shop sells says nothing
here. A command has nothing before its verb; "could you", "I'd like you to", "we need to" and "my boss wants you to" ask for it as well.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.planning.clauses.plain_words import Plain, plain_words
from agent.planning.linking.lexicon import DOING

Frame = Literal["asked_for", "denied", "given_up", "spoken_of", "asked_how", "asked_whether", "reminder"]
"""Asked for in so many words; not wanted; wanted once and no more; somebody else's doing, or a thought; a question how, or whether; for later."""

_ACTS = DOING | frozenset(
    [
        "accept",
        "announce",
        "anonymise",
        "answer",
        "apply",
        "approve",
        "assign",
        "block",
        "book",
        "build",
        "buy",
        "categorise",
        "charge",
        "clear",
        "close",
        "complete",
        "correct",
        "credit",
        "decline",
        "decrement",
        "deduct",
        "derive",
        "disable",
        "double",
        "draft",
        "duplicate",
        "email",
        "enable",
        "end",
        "expire",
        "export",
        "extend",
        "file",
        "fill",
        "fix",
        "flag",
        "forget",
        "generate",
        "get",
        "give",
        "halve",
        "import",
        "issue",
        "keep",
        "launch",
        "limit",
        "list",
        "log",
        "mail",
        "merge",
        "message",
        "offer",
        "open",
        "order",
        "pause",
        "populate",
        "post",
        "prepare",
        "price",
        "prune",
        "pull",
        "purge",
        "recategorise",
        "reject",
        "relist",
        "reopen",
        "replace",
        "reply",
        "reprice",
        "reset",
        "respond",
        "restore",
        "resume",
        "return",
        "reverse",
        "reward",
        "rewrite",
        "run",
        "schedule",
        "send",
        "sort",
        "start",
        "stop",
        "strip",
        "swap",
        "switch",
        "tell",
        "text",
        "touch",
        "transfer",
        "translate",
        "trim",
        "turn",
        "undo",
        "unfulfil",
        "void",
        "wipe",
        "withdraw",
        "write",
    ]
)


_LOOKS = frozenset(
    ["analyse", "check", "compare", "count", "display", "fetch", "find", "get", "list", "look", "pull", "report", "review", "search", "see", "show"]
)
"""Verbs of looking: they end what stands before them only where it is asked whether a look is wanted at all."""
_LOOKING = _LOOKS | {f"{verb}ing" for verb in _LOOKS - {"get", "analyse", "compare"}} | {"getting", "analysing", "comparing"}


def _forms() -> Iterator[str]:
    for verb in _ACTS:
        stem = verb.removesuffix("e")
        yield from (f"{stem}{doubled}{end}" for end in ("ing", "ed") for doubled in ("", stem[-1]))


_FORMS = frozenset(_forms()) | {"sent", "gave", "wrote", "written", "made", "took", "withdrew", "withdrawn", "hid", "hidden"}

_ROLE = (
    r"(?:colleague|co ?worker|boss|manager|management|partner|wife|husband|team|intern|assistant|accountant|supplier|courier|brother|sister"
    r"|friend|mother|mum|mom"
    r"|father|dad|son|daughter|employee|staff|owner|founder|developer|agency|consultant|lawyer|advis[eo]r|landlord|bank|guy|girl|people"
    r"|person|user|competitor"
    r"|trainee|apprentice|freelancer|bookkeeper|investor|director|ceo|cfo|cto|marketing|sales|support|logistics|finance|accounting|lead|man"
    r"|woman|kid"
    r"|customer|client|buyer|shopper)s?"
)
_OWN = r"(?:my|our|the|his|her|their|your|an?|some|another|that|this|those|these|one of (?:my|our|the))"
_SOMEBODY = (
    rf"(?:he|she|they|(?:some|any|every)(?:one|body)(?: else)?|others|people|NAME(?: (?:and )?NAME)?(?: (?:from|in|at)(?: {_OWN})? ~)?"
    rf"|{_OWN} (?:~ ){{0,2}}?{_ROLE}(?: NAME)?|{_ROLE}|(?:my|his|her) ~(?: NAME)?)"
)
_SUBJECT = r"(?!(?:if|when|once|that|who|which|to|not|and|or|i|we|you|it) )(?:~ ){0,3}?~"
"""Whoever wants or says something: only people do."""
_SELF = r"(?:i|we)"
_WHO = rf"(?:{_SELF}|you|it|one|{_SOMEBODY})"
_MODAL = r"(?:do|does|did|will|would|shall|should|must|can|could|may|might|need|am|are|is|was|were|have|has|had|ought)"
_LINK = (
    rf"(?: (?:to|me|us|him|her|them|that|whether|if|or|not|be|been|being|needs?|wants?|wanted|going|about|of|on|in|for|with|over|any|an?"
    rf"|the|reason|point|sense|idea"
    r"|time|yet|good|great|bad|wise|fine|ok|okay|necessary|needed|better|best|allowed|able|supposed|expected|meant|asked|told|ready|willing"
    r"|prepared|planning|plan"
    r"|thinking|think|thought|like|love|care|wish|mean|intend|ask|expect|believe|feel|see|say|said|agree|agreed|decide|decided|consider"
    r"|considering|there|this"
    rf"|day|moment|looking|keen|happy|glad|interested|comfortable|convinced|sure|certain|wrong|permission|having|try|let|today|tomorrow"
    rf"|longer|more|go ahead and|{_MODAL}|{_WHO}))"
)
_LEARN = (
    r"(?:(?:can|could|would|will) you |do you know |do (?:we|you) have any idea |any idea |no idea |i have no idea |tell (?:me|us) "
    r"|show (?:me|us) |explain (?:to (?:me|us) )?"
    r"|teach (?:me|us) |help (?:me|us) (?:to )?(?:understand|learn|see|figure out) |let (?:me|us) know |describe (?:to (?:me|us) )?"
    r"|walk (?:me|us) through |remind (?:me|us) "
    r"|guide (?:me|us) |find out |figure out |clarify |(?:quick )?question |curious |wondering |i (?:do not|did not) (?:know|understand|see"
    r"|get|remember) "
    r"|i (?:want|need|would like|would love|have) (?:you )?to (?:know|learn|understand|see|find out) |i (?:wonder|forgot|forget|(?:am"
    r"|was) (?:not sure|unsure|curious|wondering)) )*"
)
"""What comes before a question that is told and not asked."""
_BEFORE = (
    r"(?:(?:and|but|or|well|hi|hey|hello|ok|okay|no|yes|yeah|oh|um|uh|look|listen|fyi|btw|sorry|then|because|since|as|though|although|too"
    r"|plus|alright|for once|by the way"
    r"|to be (?:clear|honest|frank)|as (?:i said|you know)|in (?:general|principle|fact)|for (?:now|the moment)|at the moment"
    r"|(?:the )?(?:other|last|this|next) (?:day|week|month|year)"
    r"|today|yesterday|tomorrow|earlier|once|i think|i guess|i am afraid|just so you know|good (?:morning|afternoon|evening)|there|team"
    r"|guys|,|:|-|–|—) )*"
)
_HAVE_TO = r"that (?:i|we) (?:have to|need to|must|should|want to|wanted to)"

_REMINDERS = (
    rf"(?:(?:can|could|would) you |i (?:want|need|would like) you to )?remind (?:me|us|myself)(?: ~){{0,4}}? (?:to|about|{_HAVE_TO})",
    r"do not let (?:me|us) forget (?:to|about)",
    rf"(?:(?:can|could) you )?(?:i (?:want|need|would like)|set|create|make|add|give|send|put|schedule|leave)(?: (?:me|us|up|in|an?|the"
    rf"|another|myself))*(?: ~)? (?:reminder|alarm|to do|appointment)"
    rf"(?: (?:for|in|on|my|me|us|calendar|tomorrow|today|~)){{0,5}}? (?:to|for|about|{_HAVE_TO})",
    r"note to (?:self|myself|me|us)(?: [:,-])?(?: to)?",
    rf"(?:put|add|write|keep|place|note|stick)(?: (?:it|this|that|down))?(?: (?:on|to|in|onto|into))? (?:my|our|the|a)(?: ~| -"
    rf"| to do){{0,4}}? (?:list|calendar|agenda|diary|planner|backlog)(?: ~){{0,2}}? (?:to|{_HAVE_TO})",
    rf"(?:make|take) a (?:mental )?note(?: for me)? (?:to|{_HAVE_TO})",
    rf"(?:(?:make sure|ensure)(?: that)? {_SELF} (?:do not forget|remember)|{_SELF} (?:must|should|have to|need to) (?:not forget|remember)) to",
)
_ASKED = (
    r"(?:it|that) (?:would|will) be(?: ~){1,3} (?:if|when) you(?: (?:can|could|would|might))?",
    r"(?:is there )?any (?:chance|way|possibility)(?: that)? (?:you|we) (?:can|could)",
    r"(?:can|could|might) we",
    r"why (?:do|can|could) not (?:you|we)|do not (?:forget|hesitate|be afraid) to|(?:can|could|will|would|may) (?:not )?you|are you able to",
    rf"{_SELF} (?:want|need|expect) you to",
    rf"{_SELF} (?:do|would) not mind if you|{_SELF} (?:do|would) (?:want|need|like|wish|ask|insist|appreciate|love){_LINK}*",
    rf"{_SELF} (?:was|were|am|are|have been) (?:wondering|hoping|asking|thinking|going to ask|curious)(?: (?:that|if|whether|you"
    rf"|to))* you (?:can|could|would|might|may)",
    rf"{_SELF} (?:wanted|was going|were going|meant|had hoped|was hoping|would like|want) to (?:ask|tell|request|beg)(?: you)? (?:to|if|whether)",
)
_HOW = (
    rf"{_LEARN}how(?: (?:best|easily|else|exactly|{_OWN}|possible|want|go|about|{_MODAL}|{_WHO})|{_LINK})+",
    rf"{_LEARN}what (?:it|this|that|an?|would|will|does|do|happens?|is|are|if|needs|must|has|have|was|exactly|should|it would)(?: (?:means?"
    rf"|takes?|costs?|involves?|implies|happens?|involved|steps|consequences|effects?|difference|risks?|needed|required|done)|{_LINK}){{0,7}}?"
    rf" (?:to|when|if|for|of|before|by|in|{_WHO})(?: {_WHO}| {_MODAL})*",
    rf"{_LEARN}(?:(?:what|which) (?:is|are|would be|was) )?(?:(?:the|an?|any|some) )?(?:~ ){{0,2}}?(?:ways?|steps?|procedures?|process"
    rf"|commands?|instructions?|guide|tutorial|manual|trick|method|recipe)(?: for {_WHO})? (?:to|for|of|on|about)",
    rf"{_LEARN}(?:is|was|are|were|would) there (?:~ ){{0,3}}?(?:ways?|options?|buttons?|settings?|possibility|possibilities|tricks?"
    rf"|commands?|methods?|shortcuts?|means|features?|functions?)(?: (?:for )?{_WHO})? (?:to|for|of|that|can|could)(?: (?:let"
    rf"|allows?) (?:me|us))?",
    rf"{_LEARN}where (?:{_MODAL}|to|is it possible)(?: {_WHO})?(?: {_MODAL})?{_LINK}*",
    rf"{_LEARN}(?:who(?:m|ever)?(?: else)?|which (?:of us|one|ones|users?|roles?|person|people|colleagues?))(?: (?:decides|gets|knows"
    rf"|has the right|is the one))?{_LINK}*",
    rf"{_SELF} can not (?:figure out|find out|see|find|work out|remember|understand) (?:how|where|the way|a way){_LINK}*",
    rf"(?:can|could|may|might|are|is|do|does|would|should) (?!(?:i|we|you|it) )(?:only )?{_SOMEBODY}(?: know how)?{_LINK}*",
)
_WHETHER = (
    rf"{_LEARN}(?:what|when|why|which|whether|since when|how about|what about)(?: (?:exactly|time|day|date|point|{_MODAL}"
    rf"|not))* {_WHO}{_LINK}*",
    rf"(?:how|what) about(?: {_WHO})?",
    rf"{_LEARN}whether(?: or not)?{_LINK}+",
    rf"(?:tell (?:me|us)|let (?:me|us) know|do you know|can you (?:say|tell)|i (?:wonder"
    rf"|do not know|am (?:not sure|unsure|wondering))|see|check) if{_LINK}+",
    r"(?:should|shall|must|ought) (?!(?:i|we|you) )(?:[\w'#%]+ ){1,6}?(?:to )?(?:be|get)",
    rf"(?:can|could) i{_LINK}*|(?:should|shall|must|ought|dare|need|do|does|did|has|have|had|am|are|is|was|were|will)(?: not)?"
    rf" (?:i|we|{_SOMEBODY}){_LINK}*|(?:may|might|would) {_SOMEBODY}{_LINK}*",
    rf"(?:did|have|had|were|do|should) you{_LINK}*",
    rf"{_LEARN}(?:is|was|would|will|might|could|does|did|do) (?:it|that|this|there)(?: ~){{0,6}}? (?:to|if|in|of|for|when|whether"
    rf"|about)(?: (?:me|us|{_WHO}|{_MODAL}))*(?: to)?",
)
_DENIED = (
    rf"(?:do not|never|not|by no means|under no circumstances|on no account|in no case|at no point|no longer)(?: (?:ever|you|,|any"
    rf"|circumstances|try|go|start|dare)|{_LINK})*?",
    rf"(?:{_WHO} (?:see|sees|can see|have|has|had) |there (?:is|was|will be|would be) )?(?:no|little|hardly any|zero|not (?:much|an?|any"
    rf"|the))(?: (?:~|such))? (?:need|reason|point|sense|use|cause|rush|hurry|plans?|intentions?|wish|desire|interest|necessity|benefit"
    rf"|grounds?|justification|excuse|permission)"
    rf"(?: (?:for|on) (?:me|us|{_WHO}))?(?: (?:to|in|of|for))?{_LINK}*?",
    r"let us (?:not|never|hold off|wait with|skip|avoid|refrain|leave off|postpone|delay)(?: (?:from|on|with|about|to))?",
    r"(?:(?:i want to|i would like to|let us|we (?:should|want to|need to|have to|must)|you (?:should|must)|(?:can|could) (?:you"
    r"|we)) )?(?:hold(?:ing)? (?:off|back)|refrain|abstain|desist|stay away|steer clear|avoid|skip|forget about|put off"
    r"|think twice)(?: (?:on|from|with|of|about|before))*",
    rf"{_WHO} (?:(?:had|have|has) )?(?:(?:{_MODAL}|better|had better) )?(?:not|never|no longer)(?: {_MODAL})?{_LINK}*?",
    rf"(?:nobody|no one|none of (?:us|you|them)|neither of us)(?: (?:ordered|requested|wants|thinks|suggested|needs))?{_LINK}*?",
    rf"(?:it|that|this) (?:is|was|would be|will be|would|will|does|did|makes|would make|seems|feels) (?:not|no|never|too ~|wrong|pointless"
    rf"|unnecessary|unwise|a mistake|a bad idea|forbidden|silly|premature|dangerous|risky|stupid|out of the question)(?: ~){{0,4}}? (?:to"
    rf"|if|that|in|for)(?: {_WHO})?{_LINK}*?",
    r"(?:that|this|it)? ?not (?:necessary|needed|required|a good idea|the time|yet time) to",
    r"(?:(?:never mind|forget)(?: about)?)(?= \+\w+ing\b)",
    rf"(?:{_SELF}|{_SOMEBODY}) (?:am |are |is |was |were |have been )?(?:against|opposed to|refuse to|refused to|refuses to|oppose"
    rf"|object to|objected to|decline to|declined to|hesitate to|hate to|hesitant to|reluctant to|afraid to|decided against|ruled out"
    rf"|advised against|warned against)(?: the idea of)?",
)
_NOT_YOU = (
    rf"{_SELF} (?:prefer|ask|beg|want|wish|would|decided|chose|agreed|tell|told|said|instruct)(?: (?:you|prefer|we|that|to|like|decided"
    rf"|better|rather|did|do))* not{_LINK}*?",
    r"(?:can|could|will|would) you (?:please )?not|would you mind not|(?:better|best) not(?: to)?",
)
_GIVEN_UP = (
    rf"{_SELF} (?:was|were|had been) (?:going|about|planning|thinking|supposed|tempted|inclined|ready|close|meaning|intending"
    rf"|on the (?:point|verge)|set|due|looking|prepared|considering){_LINK}*",
    rf"{_SELF} (?:had |have |once |briefly )?(?:planned|intended|considered|contemplated|nearly|almost|thought|toyed|dreamt|tried|failed"
    rf"|forgot|forgotten|attempted|hoped|used|flirted)(?: (?:made|got|gave|let|had)|{_LINK})*",
    rf"{_SELF} had (?:wanted|hoped|decided|agreed|asked|told|meant){_LINK}+",
)
_SPOKEN_OF = (
    rf"{_SELF}(?: (?:have|had))?"
    r"(?= \+(?:cancell?ed|refunded|archived|tagged|renamed|raised|lowered|reduced|increased|hid|published|unpublished|deleted)\b)",
    rf"{_SELF} (?:have |had )?(?:forgot|forgotten|tried|failed|attempted|managed){_LINK}*",
    rf"{_SELF} (?:(?:am|are|have been|had been|keep|kept|will be|might be|have|had|was|were) )?(?:discuss|discuss(?:ed|ing)|talk|talk(?:ed"
    rf"|ing)|debat(?:e|ed|ing)|consider|considering|thinking|wonder|wonder(?:ed|ing)|argu(?:ed|ing)|contemplating|toying|weighing"
    r"|deliberating|looking into|undecided|unsure|torn|spoke|speaking|chatted|playing with|planning|plan|intending|intend|hoping|hope"
    r"|dreaming|tempted|inclined|leaning towards|going|about|set|due|scheduled|supposed|expected|allowed|doubt|heard|read|saw|learned"
    rf"|gather|believe|feel|suspect|guess|assume|suppose|imagine|noticed)(?: (?:up|it|possibility|option|question|a bit|a lot|who|when|how"
    rf"|why|what|where|long|hard|last|week|month|~ (?=whether|about|if)))*{_LINK}*",
    rf"{_SELF} (?:will|would|may|might|could){_LINK}*",
    rf"(?:imagine|suppose|supposing|say|assume|assuming|hypothetically|let us (?:say|assume|suppose|imagine)|in theory|if only"
    rf"|pretend)(?: (?:,|that))* {_WHO}{_LINK}*",
    rf"(?:it|there) (?:was|is|has been|were|are)(?: ~){{0,2}}? (?:suggested|decided|discussed|proposed|agreed|planned|rumoured|talks?"
    rf"|discussions?|ideas?|plans?|proposals?|suggestions?|thoughts|debate|rumours?)(?: ~){{0,4}}? (?:to|of|about|that|whether|if){_LINK}*",
    rf"(?:{_OWN}|NAME) (?:~ )?(?:plan|idea|suggestion|proposal|thought|question|intention|advice|recommendation|proposition|option|dream"
    rf"|hope|aim|goal)(?: (?:came up|of))?{_LINK}+",
)
_BY_OTHERS_ASKED = (
    rf"{_SUBJECT} (?:wants?|needs?|asks?|asked|tells?|told|would like|requires?|required|expects?|requested?|requests|wanted|begs|begged"
    rf"|instructed|wishes|insists|says?|said|(?:has|have|is|are) (?:asked|asking|told)|demands?)(?: that)? (?:you|me|us)(?: (?:should|must"
    rf"|have|need|can|could|to))*",
    r"(?:(?:the|an?|one|another|our|this|my|some) )?(?:~ )?(?:customer|client|buyer|shopper|guest)s?(?: ~){0,3}? (?:wants?|would like"
    r"|wishes|needs?|asks?|asked|requested|requests?)(?: (?:to|us|for|me))*",
)
_BY_OTHERS = (
    rf"{_SUBJECT} (?:has |have |had |is |are |was |were )?(?:wants?|wanted|wished|wishes|would (?:like|love|prefer)|hopes?|hoped|plans?"
    rf"|planned|planning|intends?|intended|suggests?|suggested|suggesting|proposes?|proposed|proposing|recommends?|recommended"
    r"|advises?|advised|thinks?|thought|thinking|believes?|feels?|argues|argued|insisted|mentioned|claims?|claimed|considers?|considered"
    r"|considering|heard|told|asked|said|says?|decided|promised|offered|threatened|tried|managed|failed|forgot|refused|agreed"
    rf"|wondered|loves|likes|wanting|keen|eager|tempted|talked|talks){_LINK}*",
    rf"{_SOMEBODY} (?:usually |always |normally |often |sometimes )?(?:{_MODAL}|needs)(?: (?:planning|responsible for|in charge of|busy"
    rf"|working on|the one who|off|later|then|needs))*{_LINK}*",
    rf"(?:tell|ask|have|let|get|order|instruct|remind|advise|invite|allow|make|(?:leave|leaving) (?:it|that) to|email|message|text|ping"
    rf"|inform|wait for|permit|persuade|convince|trust|expect) (?!(?:it|you|me|us|every ?one|everybody|people|them"
    rf"|they) )(?:the )?(?:{_SOMEBODY})(?: (?:that|to|whether|if|he|she|they|please)|{_LINK})*",
)
_ORDER: tuple[tuple[Frame, Sequence[str]], ...] = (
    ("reminder", _REMINDERS), ("denied", _NOT_YOU), ("asked_for", _ASKED), ("asked_how", _HOW), ("asked_whether", _WHETHER),
    ("denied", _DENIED), ("given_up", _GIVEN_UP), ("spoken_of", _SPOKEN_OF), ("asked_for", _BY_OTHERS_ASKED), ("spoken_of", _BY_OTHERS),
)  # fmt: skip
"""The first that matches is meant."""


def _compiled(pattern: str) -> re.Pattern[str]:
    """A verb of doing is marked "+" in what is matched: it may stand where it is named, and ends what stands before it."""
    marked = rf"{_BEFORE}\+?(?:{pattern})".replace("~", r"(?<!\+)[\w']+").replace(" ", r" \+?")
    return re.compile(rf"{marked}(?<!\ba)(?<!\ban)(?<!\bthe)(?<!\bany)(?<!\bno)(?<!\bfor) (?P<verb>\+)(?!order (?:#|\d|number|no\b))")


# One expression for all patterns of a frame: what may stand before them is tried once, not sixty times for each clause.
_COMPILED = tuple((frame, _compiled("|".join(patterns))) for frame, patterns in _ORDER)
_MAY_BEGIN = re.compile(r"(?:[,;:.!?\n()–—]|\s-\s|\b(?:and|but|so|because|since|though|although)\b)\s*", re.I)
_MOST = 24
"""Words looked at from where a frame may begin."""
_NO_NAMES = frozenset(re.findall(r"[a-z']+", " ".join([_LINK, _LEARN, _BEFORE, *(p for _, ps in _ORDER for p in ps)])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """How a clause speaks of its change, in which words, and where its verb stands."""

    frame: Frame
    span: tuple[int, int]
    verb: int
    of_look: bool = False
    """It speaks of a look, by the verb of that look: "don't ‖ show me the drafts"."""


def frame_of(text: str, start: int, end: int, *, looks: bool = False) -> tuple[Frame, int, int] | None:
    """How a change is spoken of, where that begins, and where its verb stands; None where nothing is told before it.

    Args:
        start: Where what no clause before has taken begins.
        end: Where the clause ends.
        looks: Whether a verb of looking is one of doing, too.
    """
    said = plain_words(text, start, end)
    places = [word.start for word in said]
    first_act = next((word.start for word in said if _is_verb(word.word, looks)), end)
    for begun in (start, *(m.end() for m in _MAY_BEGIN.finditer(text, start, end))):
        if begun > max(start, first_act):
            return None
        at = bisect_left(places, begun)
        words = said[at : at + _MOST]
        if words and (found := _framed(words, looks)) is not None:
            return None if _is_reason(text, found[1], end) else (found[0], begun, found[1])
    return None


_COMPLAINS = re.compile(r"(?:^|.*[ ,:;])(?:i|we|you|he|she|it|they|one|\w+s)(?: \w+)? (?:not|never)(?: (?:yet|been|able|to))*$")
""" "I don't see the teapot" wants it looked for all the more."""
_MAY_ASK = re.compile(r"(?:.*[ ,])?(?:can|could|may|might|would|do) (?:i|we|you|NAME|\w+)(?: \w+){0,2}$")
""" "Could somebody check", "do we see": asks for the look, whoever makes it."""
_ASKS_OF = re.compile(r"(?:.*[ ,])?(?:what|which|when|who|how (?:many|much|often|long))\b(?! if\b)")
""" "What did they ‖ make last month" is answered by the look, and asks about no making."""
_WISHES = re.compile(r"\b(?:wants?|wanted|needs?|needed|likes?|would like|asks?|asked|wish(?:es)?|loves?|insists?|see|hear|look)\b")


_SENDS = frozenset({"send", "sending", "mail", "email", "tell", "telling", "give", "giving", "run", "running", "make", "making", "prepare", "export"})
"""Verbs that an answer is asked for with as well."""
_BUT_LOOKS = re.compile(rf"[,;:–-]\s*(?:\w+\s+){{0,2}}?(?:{'|'.join(sorted(_LOOKS))})\b", re.I)


def look_not_asked_for(text: str, start: int, end: int) -> tuple[Frame, int, int] | None:
    """How a look is spoken of that nobody asks for, as `frame_of` tells it of a change; a question that the look itself answers is none."""
    if (found := frame_of(text, start, end, looks=True)) is None or found[0] in ("asked_for", "reminder"):
        return None
    frame, begun, verb = found
    led = " ".join(word.word for word in plain_words(text, begun, verb))
    word = next(word.word for word in plain_words(text, verb, end))
    if frame == "denied":
        if word not in _LOOKING | _SENDS:
            return None  # "orders that are paid, not ‖ fulfilled" says which ones
        return None if _COMPLAINS.match(led) or _BUT_LOOKS.search(text, verb, end) else found
    if (_MAY_ASK if word in _LOOKING else _ASKS_OF).match(led):
        return None
    return None if frame == "spoken_of" and _WISHES.search(f"{led} {word}") else found


_SO = re.compile(r"\b(?:so|therefore|hence|thus)\s+(?:(?:please|just|now|can\s+you|could\s+you)\s+)*(?P<verb>[a-z]+)\b", re.I)


def _is_reason(text: str, start: int, end: int) -> bool:
    """Whether a command follows that this is the reason for: "we plan to discontinue the scarf, so ‖ archive it"."""
    return any(found["verb"].lower() in _ACTS for found in _SO.finditer(text, start, end))


_COMMANDS = re.compile(r"\s*[,;:–—]\s*(?:(?:but|and|just|only|please|instead|rather|simply|now|better)\s+)*(?P<verb>[a-z]+)\b", re.I)
_NO_COMMANDS = frozenset({"get", "keep", "give", "text", "order", "message", "limit", "price", "discount", "label", "post", "list", "stop", "open"})
"""Nouns as well, or words that go on with what is not wanted."""
_OR = re.compile(r"\bn?or\b", re.I)


def command_after(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where a clause ends that only speaks of a change, and where a command after it begins: "don't cancel 20999, ‖ refund it"."""
    found = frame_of(text, start, end)
    if found is None or found[0] in ("asked_for", "asked_how", "asked_whether") or _OR.search(text, found[2], end):
        return None
    for joint in _COMMANDS.finditer(text, found[2], end):
        object_said = len(plain_words(text, found[2], joint.start())) > 1
        if object_said and joint["verb"].lower() in _ACTS - _NO_COMMANDS and text[joint.end() : end].strip():
            return joint.start(), joint.start("verb")
    return None


_NOT_THEN = (
    r"(?:(?:do|does|did|will|would|can|could|should|shall|am|is|are|was|were|have|had)(?:\s+not|n[’']?t)|never(?:\s+did)?|cannot|can[’']?t"
    r"|won[’']?t|refused?|refuses|disagree[ds]?|declined?|doubt(?:\s+it)?|hesitate)"
    r"(?:\s+(?:want|think|agree|like|believe|feel|see|know|do|sure|convinced|certain|going|to|so|it|that|this|yet|with|if|whether|why|we"
    r"|should|should\s+not|him|her|them|right|about|happy|done|i|in|the|end|now|any\s*more|a|good|idea))*"
)
_BUT = r"(?:(?:but|though|although|yet|only|until|and\s+then|then)\s+)+"
_ON_REFLECTION = r"(?:(?:then|now|later|on\s+reflection|in\s+the\s+end|i\s+think|actually|maybe|in\s+fact|today)[\s,]+)*"
_CHANGED_MIND = re.compile(
    rf"[\s,.;!?–—-]*\b{_BUT}{_ON_REFLECTION}(?:(?:i|we|he|she|they)(?:[’']ve|\s+have|\s+had|\s+has)?\s+(?:since\s+|then\s+|just\s+"
    rf"|now\s+)?(?:changed\s+(?:my|our|his|her|their)\s+minds?"
    r"|decided\s+(?:against|not\s+to|otherwise|differently)|thought\s+better|took\s+it\s+back|dropped\s+(?:it|the\s+idea))[^,.;!?]{0,40}"
    r"|(?:changed\s+(?:my|our|his|her|their)\s+minds?|decided\s+(?:against|not\s+to|otherwise)|thought\s+better)[^,.;!?]{0,40}"
    rf"|(?:i|we|he|she|they)\s+{_NOT_THEN}|(?:i|we)(?:[’']?m|[’']re)\s+not\s+(?:(?:so\s+)?sure|convinced|certain|going\s+to"
    rf"|happy)[^,.;!?]{{0,30}}"
    r"|(?:it|that|this)(?:[’']?s|\s+is|\s+was)?\s+(?:(?:no\s+longer|not|isn[’']t)\s+(?:needed|necessary|wanted|required|happening"
    r"|the\s+plan)|off\s+the\s+table|cancelled|called\s+off|obsolete|unnecessary)[^,.;!?]{0,20}"
    r"|no\s+longer[^,.;!?]{0,20})\W*$"
    rf"|[\s,.;!?–—-]*\b(?:and\s+)?{_ON_REFLECTION}(?:i|we)(?:[’']ve|\s+have)?\s+(?:just\s+|since\s+)?(?:changed\s+(?:my|our)\s+minds?"
    rf"|decided\s+(?:against|not\s+to)|took\s+it\s+back|take\s+it\s+back)[^,.;!?]{{0,20}}\W*$"
    r"|[\s,.;!?–—-]*\b(?:(?:but|actually|oh|ah|no|ok|okay|sorry|hmm|hm|wait|and|then|so)[\s,.!–—-]+)*(?:(?:never\s*mind|forget\s+(?:it|that"
    r"|about\s+(?:it|that)|i\s+asked)|scratch\s+that|strike\s+that|no\s+wait|wait\s+no|wait|on\s+second\s+thoughts?"
    r"|changed\s+my\s+mind|i\s+take\s+(?:it|that)\s+back|(?:disregard|ignore)\s+(?:that|this|it)"
    r"|(?:please\s+)?do\s*n[o’']?t(?:\s+do\s+(?:it|that))?|(?:please\s+)?do\s+not(?:\s+do\s+(?:it|that))?|(?:better|rather)\s+not|no\s+need"
    r"|stop|just\s+kidding|kidding|jk)[\s,.!]*)+$",
    re.I,
)
_LONGEST_TAIL = 300
"""Characters: what takes a change back is never said in more."""
_LATER = re.compile(r"(?<=[\w%€$£\"”’')])\s*(?=[,.;:!?–—]|\s-\s|\bbut\b|\bthough\b|\buntil\b|\bthen\b|\bonly\b)")
_WONDERS = re.compile(
    r"[\s,.;!?–—-]+(?:(?:so|and|or|but|hmm)[\s,]+)*(?:what\s+do\s+you\s+(?:think|say|reckon|suggest)|what\s+would\s+you\s+(?:say|do|advise)"
    r"|(?:any\s+)?(?:thoughts|opinions?|objections?)|your\s+(?:opinion|thoughts?|view|take)|do\s+you\s+agree|agreed?"
    r"|(?:is|was|would|does|do|sounds?)\s+(?:that|this|it|you\s+think|like)(?:\s+(?:that|this|it|be|like|seem|sound|is|an?))*\s+(?:good|bad"
    r"|ok|okay|fine|right|wise|smart|sensible|allowed|wrong|too|possible|make|reasonable|clever|worth|idea|crazy|stupid"
    r"|risky)\b[^.?!]{0,40}|(?:good|bad|smart|right)\s+(?:idea|move|decision|call)|makes?\s+sense|yes\s+or\s+no|or\s+(?:not|should\s+(?:i"
    r"|we)\b[^.?!]{0,40}|better\s+not|rather\s+not)|should\s+(?:i|we))\s*\?+\s*$"
    r"|[\s,.;!?–—-]+(?:what\s+do\s+you\s+think|your\s+(?:opinion|thoughts?)|thoughts)\W*$",
    re.I,
)


def taken_back(text: str, start: int, end: int) -> tuple[Frame, int] | None:
    """What the words after a change make of it, and where they end: "… but changed my mind", "… no wait, don't", "… thoughts?", "…: do it".

    Args:
        start: Where the clause begins.
        end: Where its sentence ends.
    """
    found = tail_of(text, start, end)
    if found is not None:
        return found[0], found[2]
    after = _NEXT.match(text, end)
    if after is not None and (frame := _of_tail(text[max(start, end - 1) : after.end()].rstrip())) is not None:
        return frame, after.end()
    return None


def tail_of(text: str, start: int, end: int) -> tuple[Frame, int, int] | None:
    """The same within one sentence, and where these words begin and end."""
    said = text[start:end].rstrip()
    for joint in _LATER.finditer(said, max(0, len(said) - _LONGEST_TAIL)):
        if (frame := _of_tail(said[joint.start() :])) is not None:
            return frame, start + joint.start(), start + len(said)
    return None


_NEXT = re.compile(r"\s*[^.!?\n;]+[.!?]*")
_DO_IT = re.compile(
    r"[\s,.;:!–—-]+(?:(?:so|and|then|please|now|ok|yes)[\s,]+)*(?:please\s+)?(?:(?:do|make|get)\s+(?:it|that|this)(?:\s+(?:so|done|happen))?|go\s+ahead|please\s+do|do\s+so)(?:\s+please)?\W*$",
    re.I,
)


def _of_tail(said: str) -> Frame | None:
    tails: tuple[tuple[Frame, re.Pattern[str]], ...] = (("asked_for", _DO_IT), ("given_up", _CHANGED_MIND), ("asked_whether", _WONDERS))
    return next((frame for frame, pattern in tails if pattern.match(said) is not None), None)


def acts(word: str) -> bool:
    """Whether it is a verb of doing, in any of its forms: "cancel", "cancelling", "tagged"."""
    return word in _ACTS or word in _FORMS


def _is_verb(word: str, looks: bool) -> bool:
    return acts(word) or (looks and word in _LOOKING)


def _framed(words: Sequence[Plain], looks: bool = False) -> tuple[Frame, int] | None:
    said = " ".join(_marked(words, looks))
    if " +" not in said:  # nothing stands before a verb of doing
        return None
    for frame, pattern in _COMPILED:
        if (found := pattern.match(said)) is not None and not _is_passive(words, at := said.count(" ", 0, found.start("verb")), frame):
            return frame, words[at].start
    return None


_HAVE = frozenset({"have", "has", "had", "i", "we", "he", "she", "never", "not", "nobody", "anyone", "anybody", "someone", "somebody"})


def _is_passive(words: Sequence[Plain], at: int, frame: Frame) -> bool:
    """ "She wants her data ‖ deleted" asks for it, and says what is to be done in its own way; "should it be ‖ deleted?" wonders."""
    verb = words[at].word
    if frame == "asked_whether" and words[at - 1].word == "be":
        return False
    return verb.endswith("ed") and verb not in _ACTS and words[at - 1].word not in _HAVE


_BEFORE_DO = frozenset({"to", "not", "i", "we", "you", "he", "she", "they", "should", "could", "would", "might", "never"})
_AFTER_DO = frozenset({"it", "that", "the", "those", "them", "these", "all", "same", "another"})


def _does(words: Sequence[Plain], at: int) -> bool:
    """Whether "do" is the verb itself, and helps no other: "should we ‖ do the scarf too?"."""
    if words[at].word not in ("do", "doing") or not 0 < at < len(words) - 1:
        return False
    return (words[at].word == "doing" or words[at - 1].word in _BEFORE_DO) and (words[at + 1].word in _AFTER_DO or words[at + 1].word.isdigit())


def _marked(words: Sequence[Plain], looks: bool) -> Iterator[str]:
    for at, word in enumerate(words):
        is_name = word.capital and not word.shouted and word.word not in _NO_NAMES and word.word.isalpha() and len(word.word) > 1
        yield f"+{word.word}" if _is_verb(word.word, looks) or _does(words, at) else "NAME" if is_name else word.word
