"""How merchants dress a request: greetings and signatures, apologies, fillers of speech, "could you …", "… when you get a chance".

Only the words themselves; `plainly` says where in a text they count as dress. Each pattern takes whole expressions, so that a word that means
something beside ("just the blue ones", "ships right away") is left.
"""

from __future__ import annotations

import re

_YOU = r"(?:you|u|ya|y'all)(?:\s+guys)?"
_SOFT = (
    r"(?:\s+(?:please|pls|plz|kindly|just|maybe|perhaps|possibly|quickly|be\s+so\s+(?:kind|good)\s+(?:as\s+to|and)|be\s+able\s+to|go\s+ahead\s+and"
    r"|do\s+me\s+a\s+favou?r\s+and|help\s+(?:me|us)(?:\s+to|\s+and)?))*"
)
_FRIENDS = r"(?:there|partner|dear|sir|ma['’]am|boss|all|team|everyone|everybody|folks|guys|again|storehand|assistant|bot|friend|buddy|mate|you)"
_NAMED = r"(?-i:[A-ZÀ-Þ][\w’'.-]*)"
_OFF = r"[\s,.:;!…–—-]*"
_STOP = r"(?:\s*[,.:;!…–—-]+\s*|\s+)"
_MARK = r"\s*[,.:;!…–—-]+\s*"

HANDS = (
    "\U0001f600-\U0001f64f\U0001f910-\U0001f92f\U0001f970-\U0001f97a\U0001f440\U0001f44b-\U0001f450\U0001f4aa\U0001f91a-\U0001f91f"
    "☺☹✌✊✋❤\u2665\u2728\ufe0f\u200d\U0001f3fb-\U0001f3ff"
)
"""Faces and gestures, which are said of nothing in the shop."""

VERBS = (
    "add|adjust|alert|announce|anonymi[sz]e|answer|apologi[sz]e|apply|approve|archive|assign|attach|block|boost|bring|build|bump|calculate|cancel|cap|caption|categori[sz]e"
    "|change|charge|check|clear|clone|close|combine|compare|compile|compose|copy|correct|count|create|cut|deactivate|decline|decrease|delete|describe|disable|discontinue"
    "|discount|dispatch|display|do|download|draft|drop|duplicate|e-?mail|edit|enable|end|erase|estimate|exclude|explain|export|extend|feature|fetch|figure|file|fill|find"
    "|fix|flag|forecast|forget|fulfil|fulfill|generate|get|give|group|hide|hike|identify|import|improve|include|increase|inform|invite|issue|knock|label|launch|let|limit"
    "|list|look|lower|mail|make|mark|merge|message|move|name|notify|open|organi[sz]e|pause|plan|point|post|predict|prepare|print|promote|publish|pull|push|put|raise"
    "|recategori[sz]e|recommend|record|reduce|refill|refund|reimburse|reject|release|remove|rename|reopen|reorder|reply|report|resend|reset|respond|restock|restore|resume"
    "|retire|return|reverse|review|revise|rewrite|round|run|save|schedule|search|segment|send|set|ship|shorten|show|slash|sort|split|start|stop|sum|summari[sz]e|suggest|swap"
    "|switch|tag|take|tell|text|thank|translate|triage|turn|unarchive|unhide|unpublish|untag|update|void|warn|wipe|withdraw|work|write"
)
VERB = re.compile(rf"(?:{VERBS})\b(?!\s*[,:])", re.I)
"""What may be asked for after "could you": a request and no question about us or the shop."""

GREETING = re.compile(
    rf"(?:(?:storehand|(?:ok(?:ay)?|hey)\s+storehand)(?=\s*[,:!])|(?:hi|hello|hey|hiya|howdy|yo|heya|greetings|good\s+(?:morning|afternoon|evening|day)|morning|evening)(?:\s+(?:{_FRIENDS}|{_NAMED}))*"
    rf"|dear\s+(?:{_FRIENDS}|(?-i:[A-ZÀ-Þ][\w’'.-]*(?:\s+[A-ZÀ-Þ][\w’'.-]*)?)))(?:\s*[,.:!…–—-]+\s*|\s*\n\s*|\s*(?=[{HANDS}]))"
    r"|(?:hi|hello|hey|hiya)(?:\s+(?:there|again|team|storehand|all|everyone|guys))?\s+(?=\w)",
    re.I,
)
WISH = re.compile(
    r"(?:i\s+)?(?:hope|trust)\s+(?:you|all|everything|this|that|things|your)\b[^.,!\n]{0,60}\b(?:well|good|fine|great|nice|ok|okay|day|week|weekend|morning)\b"
    r"[^.,!\n?]{0,20}[.,!\n]+\s*",
    re.I,
)
LIST_MARK = re.compile(r"\s*[-–*•>]\s+(?=\S)")
FILLER = re.compile(
    rf"(?:u+h*m+|u+h+|uhm+|erm+|er|hm+|mm+|ah+m?)\b{_OFF}|(?:like|you\s+know(?:\s+what)?|let\s+me\s+(?:see|think)|basically|honestly|so\s+yeah|listen|look|see)(?=\s*[,…]){_MARK}",
    re.I,
)
OPENING = re.compile(
    rf"(?:i\s+mean{_MARK}|(?:ok|okay|oh|alright|all\s+right|well|right|great|now|so|anyway|anyways|hey)(?=\s*,){_MARK}|(?:ok|okay|alright|right)\s+(?:so|then){_STOP}|so\s+yeah{_STOP}"
    rf"|so\s+(?!(?:far|many|much|long|few|that|little|soon)\b)|(?:sorry|apologies|excuse\s+me|pardon(?:\s+me)?)(?:{_MARK}(?:but\s+)?|\s+but\s+))",
    re.I,
)
"""What opens a request, and in a conversation takes up what was said before: "ok, …", "sorry, …"."""
APOLOGY = re.compile(
    r"(?:(?:i['’]?m\s+|i\s+am\s+|so\s+|very\s+|really\s+)*sorry\s+(?:again\s+)?(?:to|for|about)\s+(?:(?:be|being)\s+(?:a\s+)?\w+|(?:the\s+)?(?:bother|trouble|disturb|interrupt|pester|bug|keep|ask|nag|hassle|rush|short\s+notice|late\s+notice|inconvenience|messag|writ)\w*)"
    rf"[^,.!:;\n–—-]{{0,30}}?(?:{_MARK}(?:but\s+)?|\s+but\s+)|(?:my\s+)?apologies\s+for\s+[^,.!:;\n]{{3,40}}(?:{_MARK}(?:but\s+)?|\s+but\s+)"
    rf"|(?:excuse|pardon|forgive)\s+(?:me|the\s+\w+)(?:\s+for\s+[^,.!\n]{{3,30}})?{_MARK}(?:but\s+)?|i\s+(?:know|realise|realize|appreciate|understand)\s+(?:it|this|that|you)(?:['’]s|['’]re|\s+is|\s+are|\s+have)\s+[^,.!?\n\d]{{2,40}}?(?:{_MARK}(?:but\s+)?|\s+but\s+))",
    re.I,
)
_TASK = r"(?:to-?do|question|questions|thing|things|request|favou?r|ask|task|job|matter)"
HEAD = re.compile(
    r"(?:(?:very\s+|super\s+|really\s+)?urgent(?:ly)?(?:\s+(?:request|one))?|asap|important"
    rf"|(?:i\s+have\s+|just\s+|only\s+)*(?:(?:an?|one|another|my|the|your|next|last|first|final|today['’]s|small|little|tiny|quick|simple|short|more|other)\s+)+(?:{_TASK}|(?<=quick\s)one)"
    rf"(?:\s+(?:for\s+(?:you|today|now|me|us)|from\s+(?:me|us)|today|please|left|first))?|{_TASK}|(?:i(?:['’]?m|\s+am|\s+was)\s+)?(?:just\s+)?(?:wondering|curious)|out\s+of\s+curiosity"
    r"|(?:thanks|thank\s+you)\s+in\s+advance|happy\s+(?:mon|tues|wednes|thurs|fri|satur|sun)day|next\s+up|first\s+(?:of\s+all|things\s+first|off)|to\s+(?:begin|start)\s+with|by\s+the\s+way|btw|fyi|listen\s+up|heads\s+up)\s*[,.:!…–—-]+\s*",
    re.I,
)
_LEISURE = (
    rf"(?:when(?:ever)?|once|if)\s+{_YOU}(?:['’]ve)?\s+(?:ever\s+)?(?:get|got|have|find)\s+(?:got\s+)?(?:a\s+|the\s+|some\s+)?(?:free\s+|spare\s+|quiet\s+)?(?:sec(?:ond)?|min(?:ute)?|moment|chance|time)s?"
    r"(?:\s+(?:free|today|to\s+spare|or\s+two))?|(?:when(?:ever)?)\s+(?:you\s+can|(?:it['’]?s\s+|it\s+is\s+)?convenient)"
    r"|if\s+(?:you\s+(?:can|could|would|will|don['’]?t\s+mind|do\s+not\s+mind|wouldn['’]?t\s+mind|please)|(?:at\s+all\s+)?possible|(?:that|it)(?:['’]?s|\s+is)\s+(?:ok(?:ay)?|alright|all\s+right|fine|possible|no\s+trouble|not\s+too\s+much(?:\s+(?:trouble|bother|to\s+ask))?)(?:\s+(?:with|for|by)\s+you)?)"
    r"|at\s+your\s+(?:earliest\s+)?convenience|as\s+soon\s+as\s+(?:possible|you\s+(?:can|could)|you\s+get\s+(?:a|the)\s+chance)"
)
LEISURE = re.compile(rf"(?:{_LEISURE})\s*,\s*(?:then\s+)?", re.I)
FRAME = re.compile(
    rf"(?:(?:can|could|would|will)\s+{_YOU}{_SOFT}\s+|(?:would|will|can|could)\s+{_YOU}\s+be\s+(?:so\s+(?:kind|good)\s+(?:as\s+to|and)|able\s+to|willing\s+to|kind\s+enough\s+to)\s+"
    rf"|(?:please|pls|plz|kindly)(?:\s+just)?{_STOP}|just\s+|(?:(?:can|could|may|might)\s+(?:i|we)\s+(?:please\s+)?(?:ask|get|trouble|bother)\s+{_YOU}\s+to|might\s+{_YOU}\s+(?:be\s+able\s+to|please)|how\s+about\s+{_YOU}(?:\s+just)?|(?:i|we)(?:['’]m|['’]re|\s+am|\s+are)\s+asking\s+{_YOU}\s+to|(?:would|['’]d)\s+like\s+{_YOU}\s+to|(?:could|can)\s+we\s+please|simply|quickly)\s+"
    rf"|(?:(?:please\s+)?(?:make\s+sure|be\s+sure|remember|don['’]?t\s+forget|do\s+not\s+forget|try)\s+to|help\s+(?:me|us)(?:\s+to)?)\s+|(?:what|all)(?:\s+that)?\s+(?:i|we)(?:['’]d\s+like|\s+(?:really\s+|now\s+)?(?:need|want))(?:\s+now)?\s+is(?:\s+for)?(?:\s+{_YOU})?(?:\s+to)?\s+|(?:please\s+)?(?:go\s+(?:ahead|on)\s+and|do\s+me\s+a\s+favou?r\s+and|be\s+a\s+(?:dear|star|love)\s+and|be\s+so\s+(?:kind|good)\s+(?:as\s+to|and))\s+"
    rf"|(?:(?:i|we)\s+(?:really\s+|just\s+)?need\s+|need\s+|(?:i|we)(?:['’]d|\s+would)?\s+(?:just\s+)?(?:like|want|love)\s+(?:for\s+)?|want\s+){_YOU}\s+to(?:\s+(?:please|just|kindly))*\s+"
    rf"|(?:(?:i|we)(?:['’]d|\s+would)\s+(?:really\s+|very\s+much\s+)?(?:appreciate(?:\s+it)?|love(?:\s+it)?|like\s+it|be\s+(?:very\s+|so\s+|really\s+)?(?:grateful|glad|happy|thankful))\s+if"
    rf"|(?:i|we)(?:['’]m|\s+am|['’]re|\s+are|\s+was|\s+were)\s+(?:just\s+)?wondering\s+(?:if|whether)|(?:just\s+)?wondering\s+(?:if|whether)"
    rf"|(?:it|that)(?:['’]d|\s+would)\s+be\s+(?:really\s+|very\s+|so\s+|super\s+)?(?:\w+|a\s+(?:great\s+|big\s+)?help)\s+if|(?:is\s+there\s+)?any\s+(?:chance|way)(?:\s+that)?)\s+{_YOU}(?:['’]d|\s+(?:can|could|would|might))?{_SOFT}\s*(?<=\s)"
    rf"|(?:would|is)\s+it\s+(?:be\s+)?possible\s+(?:for\s+{_YOU}\s+)?to\s+)",
    re.I,
)
ASKED = re.compile(
    rf"(?:do\s+{_YOU}\s+(?:happen\s+to\s+|by\s+any\s+chance\s+)?(?:know|remember)|would\s+{_YOU}\s+(?:happen\s+to\s+)?know|(?:(?:do|would)\s+{_YOU}\s+have\s+)?any\s+(?:idea|clue)"
    rf"|(?:can|could|would)\s+{_YOU}{_SOFT}\s+(?:tell|remind)\s+(?:me|us)|remind\s+me(?:\s+again)?|(?:i|we)(?:['’]d|\s+would)\s+(?:like|love)\s+to\s+know|(?:i|we)\s+(?:want|need)\s+to\s+know"
    r"|(?:i|we)(?:['’]m|\s+am|['’]re|\s+was)\s+(?:just\s+)?(?:wondering|curious)|(?:just\s+)?(?:wondering|curious))\s+(?=(?:what|which|who|whose|how(?!\s+(?:to|(?:do|can|would|could|should)\s+(?:i|we|you)))|where)\b)",
    re.I,
)
"""Before a question that would be asked as well without: "do you know how many …"."""
WISHED = re.compile(
    r"(?:(?:i|we)\s+(?:(?:wanna|gotta|must|have\s+got\s+to)|(?:need|want)\s+to)|(?:you|u)\s+(?:should|must|(?:need|have)\s+to)(?:\s+(?:now|please|just))?|(?:i|we)(?:\s+(?:really|just|also))?\s+(?:want|need|have|wish)\s+to(?:\s+just)?|(?:i|we)(?:['’]d|\s+would)\s+(?:really\s+|also\s+)?(?:like|love)\s+to(?:\s+just)?"
    r"|let['’]?s(?:\s+(?:just|please))?|let\s+us|(?:it['’]?s\s+|it\s+is\s+)?(?:high\s+)?time\s+to)\s+",
    re.I,
)
"""A wish, which is asked for only where nothing is asked about it."""
IF_FRAME = re.compile(rf"if\s+{_YOU}\s+(?:can|could|would){_SOFT}\s+", re.I)
IF_THEN = re.compile(
    r"\s*,?\s*(?:then\s+)?(?:(?:that|it|this)(?:['’]d|\s+would)\s+be\s+[^,.;!?\n]{3,40}|(?:i|we)(?:['’]d|\s+would)\s+(?:really\s+|very\s+much\s+)?(?:appreciate\s+(?:it|that)|be\s+[^,.;!?\n]{3,40})|(?:i|we)(?:['’]d|\s+would)\s+love\s+(?:it|that|you))\W*$",
    re.I,
)
MIND = re.compile(rf"(?:(?:would|do)\s+{_YOU}\s+mind|mind)\s+(?:just\s+|please\s+)?(?P<doing>[a-z]{{2,}}ing)\b", re.I)

_THANKS = (
    r"(?:(?:many|big|huge|a\s+thousand)\s+)?(?:thanks|thank\s+(?:you|u)|thx|thanx|tysm|tyvm|ty|cheers|ta|merci|danke|much\s+(?:appreciated|obliged)|(?:(?:i|we)(?:['’]d|\s+would)?\s+)?(?:really\s+|very\s+much\s+)?appreciate\s+(?:it|that|your\s+help)|appreciated|(?:i|we)(?:['’]d|\s+would)\s+be\s+(?:very\s+|so\s+|most\s+)?grateful)"
    r"(?:\s+(?:so\s+much|very\s+much|a\s+(?:lot|bunch|million|ton)|tons|loads|in\s+advance|again|mate|guys|all|team|everyone|storehand|for\s+(?:your|the|all\s+(?:your|the))\s+(?:help|time|support|work)))*"
)
_GREAT = (
    r"(?:really\s+|so\s+|super\s+|very\s+)?(?:great|lovely|nice|perfect|awesome|helpful|super|brilliant|wonderful|amazing|fantastic|ideal|good|appreciated"
    r"|a\s+(?:great|big|huge|real)?\s*help)"
)
THANKS = re.compile(
    rf"(?:(?:\s+(?:k|ok))?\s*[,.;!?\n–—]+\s*|\s+-+\s*|\s+(?:(?:and|k|ok|kk|n)\s+)?(?=thx|thanx|tysm|ty\b|thanks|thank|cheers)){_THANKS}(?:[\s,]+{_NAMED})?\W*$",
    re.I,
)
ENDING = re.compile(
    rf"(?:\s*[,.;!\n–—]+\s*|\s+-+\s*|\s+)(?:(?:please|pls|plz)\s+)?(?:{_LEISURE}|(?:real(?:ly)?|super|very)\s+(?:quick(?:ly)?|fast)|no\s+(?:rush|hurry|stress|pressure|worries)(?:\s+(?:though|at\s+all))?|take\s+your\s+time"
    rf"|(?:that|it|this)(?:['’]d|\s+would)\s+be\s+{_GREAT}|would\s+be\s+{_GREAT}|(?:that|it|this)(?:['’]d|\s+would)\s+(?:really\s+)?help(?:\s+(?:me|us))?(?:\s+(?:a\s+lot|a\s+ton|out|loads))?|pretty\s+please|you\s+know)\W*$"
    r"|(?:\s*[,.;!\n–—]+\s*|\s+-+\s*)(?:(?:can|could|would|will)\s+you(?:\s+(?:please\s+)?(?:help|do\s+(?:it|that|this))(?:\s+(?:me|us))?(?:\s+with\s+(?:it|that|this))?)?|bless\s+you|have\s+a\s+(?:good|nice|great|lovely)\s+(?:day|evening|weekend|week|one)|see\s+you|(?:you(?:['’]?re|\s+are)\s+(?:(?:the|a|an)\s+)?(?:best|star|legend|lifesaver|angel|treasure|great|awesome|amazing)|you\s+rock|sent\s+from\s+my\s+\w+(?:\s+\w+)?)|ok(?:ay)?|sorry(?:\s+(?:for|about)\s+(?:the|all\s+the)\s+\w+)?|sorry\s+to\s+\w+(?:\s+you)?|(?:it['’]?s|this\s+is)\s+(?:really\s+|very\s+|kind\s+of\s+|pretty\s+|quite\s+)?urgent|urgent(?:ly)?|quick(?:ly)?|um+|uh+)\W*$",
    re.I,
)
HASTE = re.compile(
    r"(?:\s*[,;–—]+\s*|\s+)(?:(?:please|pls|plz)\s+)?(?P<word>asap|a\.s\.a\.p\.?|right\s+away|straight\s+away|quickly(?=\s+(?:please|pls|plz)\b)|urgently)(?:\s+(?:please|pls|plz))?\W*$",
    re.I,
)
FOR_ME = re.compile(r"\s+for\s+(?:me|us)(?:\s*,?\s*(?:please|pls|plz))?\W*$", re.I)
PLEASE = re.compile(r"\s*,?\s*\b(?:please|pls|plz)\W*$", re.I)
GLUED = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)?(?=(?:euros?|eur|usd|gbp|chf|dollars?|pounds?|bucks|percent|pct)\b)", re.I)
"""An amount and what it is of, typed without a blank."""
HELD = re.compile(
    r"\b(?:as|with|to|of|by|a|an|the|and|or|our|my|your|their|called|named|labell?ed|titled|tagged|say|says|saying|add|note|code|tag|label|emoji|it|is|are|not)\s*$",
    re.I,
)
"""Before a word that is then no dress, but what is said, set or named: "tag it as urgent", "a note of thanks"."""
WHEN_OF_IT = re.compile(
    r"\b(?:starts?|starting|begins?|beginning|effective|valid|ships|shipped|leaves?|arrives?|available|priority)\b[^,.;]*$"
    r"|\b(?:tag|label|mark|flag)\b(?!.*\b(?:as|with)\b)[^,.;]*$",
    re.I,
)
""" "Valid right away" says from when, and "tag order 1037 asap" may say as what."""
_NAME = r"[A-ZÀ-Þ][\w’'.-]*(?:\s+[A-ZÀ-Þ][\w’'.-]*){0,2}"
SIGNED = re.compile(
    r"(?:(?<=[.!?])\s+|\s*\n\s*|\s*,\s*(?=(?i:thanks|cheers|thank)))(?:[-–—~]+\s*)?(?:(?i:(?:(?:with|my)\s+)*(?:(?:best|kind|kindest|warm|warmest|many|all\s+the|lots\s+of)\s+)*(?:regards|wishes|best|greetings|love)"
    rf"|yours(?:\s+(?:sincerely|truly|faithfully))?|sincerely|cheers|(?:many\s+)?thanks|thank\s+you|ta|xo+|x+|br|kr|vg|rgds|cordially|respectfully|take\s+care))\s*(?:[,.!–—-]+\s*|\n\s*|\s+)(?:{_NAME})?(?:\s*\n\s*(?!(?i:{VERBS})\b)[A-ZÀ-Þ][^\n]{{1,40}})?\W*$"
    r"|\s*\n\s*(?i:(?:(?:best|kind|kindest|warm|many)\s+)*(?:regards|wishes|best|cheers|thanks|sincerely|br|kr|xo+xo+))\W*$"
    r"|\s*\n\s*(?i:(?:many\s+)?thanks|cheers|thx|ta|thank\s+you|best|regards)[,.!]?\s*\n\s*[a-z]{2,15}\W*$"
    rf"|\s*\n\s*[-–—~]+\s*{_NAME}\W*$"
)
NAME_BELOW = re.compile(rf"\s*\n\s*{_NAME}\s*$")
FACES_BEHIND = re.compile(rf"\s*(?:[{HANDS}]\s*|(?<=[\s.!?])(?:[:;]-?[)(DP]|<3|\^\^|xx+)\s*)+$")
FACES_BEFORE = re.compile(rf"\s*(?:[{HANDS}]\s*)+")
UM = re.compile(r"(?:\s*,)?\s+(?:u+h*m+|u+h+|uhm+|erm+|hm+)(?=[\s,.…])(?:\s*[,…]|\.\.+)?|\s*,\s*(?:like|you\s+know)\s*,(?=\s)")
BLANKS = re.compile(r"(?<=[^\s\n])[ \t\u00a0\u2009\u202f\u2003]{2,}(?=\S)|(?<!\d)[\u00a0\u2009\u202f\u2003]|[\u00a0\u2009\u202f\u2003](?!\d)")
_TIES = "of|than|to|by|as|into|until"
_LEADS_ON = "the|an?|of|to|from|in|by|with|for|at|on|than|as|our|my|is|are|does|did|which|who|what|how|between|over|under|that"
WRAPPED = re.compile(rf"(?:(?<=\s)|^)(?:{_LEADS_ON})(?P<a>[ \t]*\n[ \t]*)(?=[\w#])|(?<=[\w%€])(?P<b>[ \t]*\n[ \t]*)(?=(?:{_TIES})\s)", re.I)
"""A line that was broken off within a phrase."""
QUOTED = re.compile(r"(?<!\w)(?:“[^\"“”„«»\n]{2,80}”|„[^\"“”„«»\n]{2,80}[“”]|«[^\"“”„«»\n]{2,80}»|‘[^‘’\n]{2,80}’)(?!\w)")
"""A name in other than straight quotes, which the reader knows best."""
