"""The words a rule is said in: what starts it, on what conditions, what it does, and what no rule may do.

Patterns only; `agent.sdk.spoken_rules` tries them in turn. `NUMBER` has the group `n`.
"""

from __future__ import annotations

import re

from agent.sdk.rules import On

NUMBER = r"(?P<n>\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|fifty|a hundred|hundred)"
ARTICLE = r"(?:(?:a|an|any|the|some|each|every|new|my|our|his|her|their|another|incoming)\s+)*"
REPORTED = (
    r"(?:comes?\s+in|is\s+(?:placed|made|created|received|submitted|posted|left|written"
    r"|published)|shows?\s+up|arrives?|gets\s+(?:placed|posted|left)|lands?|appears?|was\s+(?:placed"
    r"|left))"
)

WATCHED = (
    r"\b(?:tell|ping|warn|notify|alert|e ?mail|mail|text) (?:me|us) (?:when|whenever|if|once|as soon as) .{0,60}"
    r"\b(?:low|short|under|below|fewer|less than)\b"
)
"""What is to be told when it comes to that, and not looked up or foretold now."""

FALLING = r"\b(?:falls?|drops?|goes|gets?|dips?|runs?|sinks?|slips?)"
"""What stock does before it is told how far."""
TRIGGERS: tuple[tuple[On, str], ...] = (
    ("back_in_stock", (
        r"(?:(?:comes?|is|are|gets?|goes)\s+)?(?:back|available\s+again)\s*(?:in\s+stock|on\s+the\s+shelf"
        r"|in)?\b(?<!go back)|\b(?:is|are|gets?)\s+restocked|\bavailable\s+again"
        )),
    ("sold_out", (
        r"(?:(?:is|are|goes|go|gets?|runs?|being)\s+)?(?:completely\s+)?(?:out\s+of\s+stock"
        r"|sold[\s-]out)|sells?\s+out|runs?\s+out(?:\s+of\s+stock)?|(?:stock|inventory)\s+(?:is"
        r"|hits|reaches|drops\s+to|falls\s+to|runs)\s+(?:0|zero|nothing|out)|(?:hits|reaches)\s+zero"
        )),
    ("stock_below", (
        rf"(?:(?:stock|inventory|units?|quantity|levels?|count)\s+)?(?:on\s+hand\s+)?(?:is|are"
        rf"|falls?|drops?|goes|go|gets?|dips?|runs?|sinks?|has|have|there\s+(?:is|are))?\s*(?:only\s+)?(?P<how>at\s+or\s+below"
        rf"|below|under|less\s+than|fewer\s+than|beneath|down\s+to|to|at\s+most|at|hits?|reach(?:es)?)\s+{NUMBER}(?:\s+(?:units?"
        rf"|pieces?|items?|pcs))?(?:\s+(?:left|remaining|in\s+stock|on\s+hand|or\s+(?:less|fewer"
        rf"|below)))*"
        )),
    ("order_refunded", (
        rf"(?:{ARTICLE}orders?\s+)?(?:is|are|gets?|being)\s+(?:partly\s+|partially\s+|fully\s+)?refunded"
        rf"|{ARTICLE}refunds?(?:\s+(?:is|are|gets?)\s+(?:issued|made|given|processed)|\s+(?:comes?"
        rf"|goes)\s+(?:in|out|through))"
        rf"|(?:some(?:one|body)|any(?:one|body)|{ARTICLE}(?:customers?|buyers?|shoppers?))\s+(?:returns?|sends?\s+back|brings?\s+back)\b"
        r"(?:\s+(?:something|anything|goods|it))?"
        rf"|\b(?:i|we|someone)\s+refunds?\s+{ARTICLE}orders?"
        )),
    ("order_fulfilled", (
        rf"(?:{ARTICLE}orders?\s+)?(?:is|are|gets?|has\s+been)\s+(?:fulfilled|shipped|dispatched"
        rf"|sent(?:\s+out)?)|{ARTICLE}orders?\s+ships"
        )),
    ("order_paid", (
        rf"(?:{ARTICLE}orders?\s+)?(?:is|are|gets?|has\s+been)\s+paid(?:\s+for)?|{ARTICLE}payments?\s+(?:comes?\s+in"
        rf"|is\s+received|arrives?|goes\s+through)"
        )),
)  # fmt: skip
LATER: tuple[tuple[On, str], ...] = (
    ("review_received", (
        rf"(?:(?:some(?:one|body)|any(?:one|body)|{ARTICLE}(?:customers?|buyers?|shoppers?"
        rf"|people))\s+)?(?:(?:leaves?|writes?|posts?|gives?|submits?)(?:\s+(?:us|me))?|(?:we"
        rf"|i|there)\s+(?:get|receive|is|are)|gets?|receives?|of)?\s*{ARTICLE}(?P<kind>(?:\d"
        rf"|one|two|three|four|five)[\s-]?stars?\s+|bad\s+|negative\s+|poor\s+|critical\s+|good\s+"
        rf"|positive\s+|great\s+|glowing\s+)?(?:product\s+)?(?:reviews?|ratings?)(?:\s+{REPORTED})?"
        )),
    ("message_received", (
        rf"(?:{ARTICLE}(?:customers?|buyers?)\s+)?(?:(?:sends?|writes?)\s+)(?:(?:us|me|in|to\s+us)\s*)?(?:{ARTICLE}(?:messages?"
        rf"|e-?mails?|questions?))?|{ARTICLE}(?:customer(?:'s)?\s+)?(?:messages?|e-?mails?"
        rf"|questions?|inquir(?:y|ies)|enquir(?:y|ies))(?:\s+from\s+{ARTICLE}customers?)?\s+{REPORTED}"
        rf"|(?:we|i)\s+(?:get|receive)s?\s+{ARTICLE}(?:messages?|e-?mails?|questions?)|(?:a|any)\s+customer\s+(?:contacts\s+us|asks\s+(?:us\s+)?(?:something|a\s+question))"
        )),
    ("new_customer", (
        rf"(?:there\s+is\s+)?(?:an?\s+|any\s+|every\s+|each\s+|all\s+|the\s+)?new\s+(?:customers?"
        rf"|signups?|sign-ups?|subscribers?)(?:\s+(?:signs?\s+up|registers?|joins?|creates?\s+an\s+account"
        rf"|appears?|comes?\s+in))?|(?:some(?:one|body)|any(?:one|body)|{ARTICLE}(?:customers?"
        rf"|people|shoppers?))\s+(?:signs?\s+up|registers?|joins?|creates?\s+an\s+account)"
        )),
    ("order_placed", (
        rf"(?:(?:some(?:one|body)|any(?:one|body)|{ARTICLE}(?:customers?|buyers?|shoppers?"
        rf"|people|clients?))\s+)?(?:(?:places?|makes?|submits?|puts?\s+in)\s+)?(?:(?:we|i)\s+(?:get"
        rf"|receive)\s+)?{ARTICLE}(?:(?:big|large|high-value)\s+)?(?:orders?|purchases?|sales?)(?:\s+(?:contains?"
        rf"|includes?|has|have|with))?(?:\s+{REPORTED})?|(?:some(?:one|body)|any(?:one|body)"
        rf"|{ARTICLE}(?:customers?|buyers?|shoppers?|people|clients?))\s+(?:orders?|buys?|purchases?"
        rf"|spends?)"
        )),
)  # fmt: skip

NOUNS_ALONE: tuple[tuple[On, str], ...] = (("message_received", r"\bcustomer(?:'s)?\s+(?:messages?|e-?mails?)"),)

FORBIDDEN: tuple[tuple[str, str], ...] = (
    (r"\b(?:re-?order(?:ing|s)?|order\s+more|buy\s+more|purchase\s+order)", "order from a supplier"),
    (r"\brefund\s+(?:it|them|the|him|her)", "refund by itself"),
    (r"\bcancel\s+(?:it|them|the|that)", "cancel orders by itself"),
    (r"\b(?:fulfil|ship|dispatch)\s+(?:it|them|the|that)", "send parcels by itself"),
    (
        r"\b(?:raise|lower|reduce|increase|drop|cut|change|set)\s+(?:its|the|their)?\s*prices?\b"
        r"|\bmark\s+(?:it|them)\s+down\b|\bdiscount\s+(?:it|them|the)\b"
, "change prices by itself"),
    (r"\b(?:give|send|create|make|offer)\s+(?:\w+\s+){0,3}(?:discount|coupon|voucher|gift\s+card)s?\b", "give discounts by itself"),
    (r"\b(?:post|tweet|share)\s+(?:it\s+|them\s+|that\s+)?(?:on|to)\s+(?:instagram|facebook|twitter|tiktok|x)\b", "post to social media"),
    (r"\b(?:abandon(?:ed|s)?\s+(?:\w+\s+)?(?:carts?|checkouts?|baskets?)|cart\s+is\s+abandoned)", "see abandoned carts"),
    (r"\b(?:wait|after|in)\s+(?:\d+|one|two|three|a|an|few)\s+(?:minutes?|hours?|days?|weeks?)(?:\s+later)?\b", "wait between steps"),
    (r"\b(?:birthday|anniversary)", "know birthdays"),
    (r"\bdelete\s+(?:it|them|the|that)\b", "delete things by itself"),
    (
        r"\b(?:delete|erase|wipe|purge|anonymi[sz]e|forget)\s+(?!(?:the\s+)?(?:tags?|note)\b)(?:[\w’'.@-]+\s+){0,6}?"
        r"(?:data|accounts?|customers?|profiles?|records?|information)\b(?!\s+tag)"
, "delete things by itself"),
    (
        r"\b(?:sales?|revenue|traffic|conversion)\s+(?:drops?|falls?|goes|rises?|increases?"
        r"|is|are|hits?)\b"
, "watch figures (a schedule can report them every day)"),
)  # fmt: skip

LEAD = re.compile(
    r"^\W*(?:(?:please|can\s+you|could\s+you|i(?:'d|\s+would)?\s+(?:like|want|need)(?:\s+you)?(?:\s+to)?|also|and|then|hey|hi|ok|let's|now)\W+)*"
    r"(?:(?:create|set\s+up|build|make|add|set|define|write|configure|i\s+want)\s+(?:me\s+)?(?:an?"
    r"|the|another|new)?\s*(?:new\s+)?(?:(?:low\s+stock|stock|email|customer|order|review)\s+)?"
    r"(?:automations?|workflows?|rules?|flows?|triggers?|alerts?|notifications?)\b(?:\s+(?:so\s+)?(?:that"
    r"|which|where|to|for\s+me|for\s+when|for|:))*\W*)?(?:automatically\s+)?",
    re.I,
)
NAMED = re.compile(
    r"[,\s]*(?:\b(?:and\s+)?(?:call|name)\s+it|\b(?:called|named|titled))\s+(?:[\"“'‘](?P<quoted>[^\"”'’]+)[\"”'’]"
    r"|(?P<plain>[\w][\w -]{0,60}?))(?=\s*(?:[:;,.]|\bthat\b|\bwhich\b|\bwhen|\bif\b|$))",
    re.I,
)
ALERT = re.compile(r"\b(?:alerts?|warnings?|watch)\b", re.I)
LOW = re.compile(
    r"\b(?:(?:is|are|gets?|runs?|running|getting|goes)\s+low(?:\s+(?:on|in)\s+(?:stock"
    r"|inventory))?|low[\s-](?:on[\s-])?(?:stock|inventory)|stock\s+(?:is\s+|gets\s+|runs\s+)?low"
    r"|nearly\s+out)\b",
    re.I,
)

IT = (
    r"(?:(?:the|that|those|these|such|each|every|all)\s+(?:new\s+)?(?P<to>orders?|customers?|products?|items?|variants?|reviews?"
    r"|messages?|buyers?|person|shoppers?|goods)|(?:new\s+)?(?P<to2>orders?|customers?|products?)"
    r"|it|them|him|her|this|that|these|those)"
)
WORD = (
    r"(?:[\"“'‘][^\"”'’]{1,60}[\"”'’]|(?!(?:it|them|him|her|the|a|an|and|to|as|with|on"
    r"|for|when|if|that|this|tag|who|by|every|each|automatically)\b|new\s+(?:customers?"
    r"|orders?|products?))[\w#&/+][\w#&/+-]*)"
)
SEVERAL = (
    rf"{WORD}(?:\s+(?!(?:and|or|then|when|whenever|if|once|so|after|as|to|for|in|on|with|customers?|buyers?|orders?|products?|who|that|which)\b)[a-z][\w-]*){{1,2}}"
    r"(?=\s*(?:[,.;!]|$)|\s+(?:and|then|when|whenever|if|once|as soon)\b)"
)
"""A tag of more than one word that ends where the sentence or its part does: "tag it low stock"."""
TAG = re.compile(
    rf"\b(?:(?:(?:tag|label|flag|mark)(?:s|ging)?|makes?(?=\s+(?:them|him|her)\s))\s+(?:{IT}\s+)?(?:(?:as|with|by|=|:)\s+)?(?:(?:a"
    rf"|an|the)\s+)?(?:tag\s+)?(?P<tag>{SEVERAL}|{WORD})(?:\s+as\s+(?P<as>{WORD}))?(?:\s+customers?(?=\W"
    rf"|$))?"
    rf"|(?:add|put|apply|give|assign)s?\s+(?:{IT.replace('to>', 'to3>').replace('to2>', 'to4>')}\s+)?(?:a"
    rf"|an|the)?\s*(?:(?:tag|label)\s+(?:called\s+)?(?P<tag2>{WORD})|(?P<tag3>{WORD})\s+(?:tag"
    rf"|label))(?:\s+(?:to|on)\s+{IT.replace('to>', 'to5>').replace('to2>', 'to6>')})?)",
    re.I,
)
UNTAG = re.compile(
    rf"\b(?:remove|take\s+off|drop|strip)s?\s+(?:the\s+)?(?:tag\s+(?P<tag>{WORD})|(?P<tag2>{WORD})\s+tag)(?:\s+(?:from|off|of)\s+{IT})?", re.I
)
HIDE = re.compile(
    rf"\b(?:hide|unpublish|deactivate|disable|unlist)(?:s|es|ing)?(?:\s+{IT})?(?:\s+from\s+(?:the\s+)?(?:shop"
    rf"|store|site|storefront|sale))?|\btake(?:s|ing)?\s+{IT.replace('to>', 'to3>').replace('to2>', 'to4>')}\s+(?:down"
    rf"|offline|off\s+(?:the\s+)?(?:shop|store|site))",
    re.I,
)
PUBLISH = re.compile(
    rf"\b(?:publish|unhide|relist|reactivate|activate|re-?publish|show)(?:s|es|ing)?\s+{IT}(?:\s+again)?"
    rf"|\b(?:put|make)s?\s+{IT.replace('to>', 'to3>').replace('to2>', 'to4>')}\s+(?:back\s+(?:online"
    rf"|up)|online|live|visible|available)(?:\s+again)?",
    re.I,
)
SAYING = (
    r"(?:\s+(?:saying|that\s+says|telling\s+(?:them|him|her)|to\s+(?:say|tell\s+(?:them"
    r"|him|her)))\s*:?\s*(?:that\s+)?(?:[\"“‘'](?P<said>[^\"”’]+)[\"”’']|(?P<plain>[^,.;]+?))(?=\s+(?:and"
    r"|then)\s+(?:notify|tell|tag|let|hide|alert)|[,.;]|$))?"
)
DRAFT = re.compile(
    rf"\b(?:(?:draft|write|prepare|compose|create)s?\s+(?:me\s+|us\s+|them\s+|him\s+|her\s+)?(?:an?"
    rf"|the|my)?\s*(?:(?:public|short|friendly|nice|kind|polite|personal|thank[\s-]you|welcome"
    rf"|apology)\s+)*(?:draft\s+)?(?:reply|replies|responses?|answers?|messages?|e-?mails?"
    rf"|notes?)|(?:reply|respond)s?(?=\W|$)|(?:send|e-?mail|write|message|thank)\s+(?:it"
    rf"|them|him|her|the\s+customer|the\s+buyer|customers?)(?:\s+(?:an?|the)\s+(?:(?:thank[\s-]you"
    rf"|welcome|apology|personal)\s+)?(?:reply|messages?|e-?mails?|notes?))?)"
    rf"(?:\s+(?:to|for)\s+(?:it|them|him|her|(?:the|that)\s+(?:review|customer|message|buyer|order|e-?mail|question)))?{SAYING}",
    re.I,
)
ASK = re.compile(r"\brun\s+(?:the\s+(?:saved\s+)?(?:request|prompt)\s+)?(?:[\"“‘'](?P<said>[^\"”’]+)[\"”’'])", re.I)
NOTIFY = re.compile(
    r"\b(?:(?:notif(?:y|ies|ying)|alert|tell|inform|ping|warn|remind|(?:e-?)?mail|message|text|slack|call)(?:s"
    r"|ing)?\s+(?:me|us|the\s+(?:team|owner|staff)|my\s+team|everyone|staff)|let(?:s|ting)?\s+(?:me"
    r"|us|my\s+team|the\s+team)\s+know"
    r"|(?:send|give|drop)s?\s+(?:me|us|my\s+team|the\s+team)\s+(?:an?\s+)?(?:e-?mail|message"
    r"|notification|alert|note|warning|text|heads[\s-]up|reminder|ping)|(?:create|add|make"
    r"|open)s?\s+(?:me\s+)?a\s+(?:task|note|to-?do|reminder|notification)(?:\s+for\s+(?:me"
    r"|us|the\s+team))?"
    r"|(?:set|send|raise)\s+(?:up\s+)?an?\s+(?:alert|notification)|i\s+want\s+to\s+(?:know|be\s+(?:told|notified))|notify|alert)\b"
    r"(?:\s+(?:about\s+it|of\s+(?:it|that)|by\s+e-?mail|via\s+e-?mail|in\s+the\s+panel"
    r"|by\s+webhook))*(?:\s+(?:saying|with(?:\s+the\s+(?:text|words))?|that\s+says|:)\s+[\"“‘'](?P<said>[^\"”’]+)[\"”’'])?",
    re.I,
)
FIRST = re.compile(
    r"\b(?:for\s+the\s+first\s+time|(?:(?:their|his|her|a|the)\s+)?(?P<nth>first|second"
    r"|third|fourth|fifth|tenth|\d+(?:st|nd|rd|th))(?:[\s-]time)?\s+(?P<what>orders?|purchases?"
    r"|customers?|buyers?|time))\b",
    re.I,
)
RETURNING = re.compile(r"\b(?:returning|repeat|existing|loyal)\s+(?:customers?|buyers?)\b", re.I)
MADE = re.compile(
    rf"\b(?:who\s+(?:has|have)\s+|(?:has|have|with)\s+)?(?:placed\s+|made\s+)?(?P<how>more\s+than"
    rf"|over|at\s+least|fewer\s+than|less\s+than|under|at\s+most|exactly)\s+{NUMBER}\s+(?:orders"
    rf"|purchases)\b",
    re.I,
)
UNITS = re.compile(
    rf"\b(?:with\s+|of\s+|has\s+)?(?P<how>more\s+than|over|at\s+least|fewer\s+than|less\s+than"
    rf"|under|at\s+most)\s+{NUMBER}\s+(?:items?|units?|pieces?|products?|articles?)\b",
    re.I,
)
STARS = re.compile(
    r"\b(?:with\s+|of\s+|rated\s+|has\s+|is\s+|gives?\s+(?:it\s+|us\s+)?|gets?\s+)?(?:(?P<how>at\s+most"
    r"|at\s+least|under|below|fewer\s+than|less\s+than|more\s+than|over|above|only|just)\s+)?"
    r"(?P<n>[1-5]|one|two|three|four|five)(?:\s*(?:or|to|-)\s*(?P<m>[1-5]|two|three|four"
    r"|five))?[\s-]?stars?(?:\s+(?:or|and)\s+(?P<tail>less|fewer|lower|below|under|more"
    r"|higher|better|up|above))?\b",
    re.I,
)
MOOD = re.compile(r"\b(?:(?P<bad>bad|negative|poor|critical)|(?P<good>good|positive|great|glowing))\s+(?=(?:product\s+)?(?:reviews?|ratings?))", re.I)
CUSTOMER_TAG = re.compile(
    rf"\b(?:(?:from|by|of|for)\s+)?(?:(?:a|an|any|the)\s+)?(?:(?P<before>{WORD})\s+(?:customers?"
    rf"|buyers?|members?)|(?:customers?|buyers?|someone|people|who|they)\s+(?:(?:is|are"
    rf"|who\s+(?:is|are))\s+)?(?:tagged|with\s+the\s+tag|has\s+the\s+tag|have\s+the\s+tag)\s+(?:as\s+"
    rf"|with\s+)?(?P<after>{WORD}))",
    re.I,
)
ITS_TAG = re.compile(
    rf"\b(?:(?:products?|items?|something|anything|goods|it)\s+)?(?:(?:is|are|that\s+(?:is"
    rf"|are))\s+)?(?:tagged|with\s+the\s+tag)\s+(?:as\s+|with\s+)?(?P<tag>{WORD})",
    re.I,
)
SAYS = re.compile(
    r"\b(?:(?:that|which|and|it)\s+)*(?:mention(?:s|ing)?|contain(?:s|ing)?(?:\s+the\s+words?)?"
    r"|says?|with\s+the\s+words?|includ(?:es|ing)\s+the\s+words?|asks?\s+about|complain(?:s"
    r"|ing)?\s+about|about)\s+(?:the\s+words?\s+)?"
    r"(?P<words>[\"“‘'][^\"”’]+[\"”’'](?:\s*(?:,|or)\s*[\"“‘'][^\"”’]+[\"”’'])*|(?!(?:it|that)\b)[\w-]+(?:\s+or\s+[\w-]+)*)",
    re.I,
)
SOMEONE = re.compile(r"\b(?:customers?|buyers?|shoppers?|some(?:one|body)|any(?:one|body)|people)\b", re.I)
JOINING = frozenset(
    {
        "watch", "keep", "eye", "warn",
        "a", "an", "the", "and", "or", "then", "when", "whenever", "if", "once", "as", "soon", "time", "every", "each", "any", "all", "is", "are",
        "it", "its", "it's", "them", "that", "this", "those", "these", "to", "of", "for", "on", "in", "by", "with", "me", "us", "my", "our",
        "please", "also", "automatically", "so", "which", "who", "there", "new", "at", "from", "where", "just", "always", "should", "would", "i",
        "want", "you", "can", "make", "sure", "do", "be", "was", "has", "have", "get", "gets", "their", "they", "after", "him", "her", "product",
        "products", "item", "items", "something", "anything", "stock", "inventory", "goes", "go", "comes", "come", "total", "worth", "value",
        "amount", "someone", "anyone", "customer", "customers", "order", "orders", "moment", "happens", "case", "shop", "store", "about", "he",
        "she", "we", "own", "number", "units", "unit", "left", "placed", "buyer", "rule", "automation", "workflow", "happen", "variant", "variants",
        "review", "reviews", "message", "messages", "people", "place", "places", "made", "placing", "immediately", "right", "away", "straight",
        "too", "both", "alert", "alerts", "level", "levels",
    }
)  # fmt: skip
