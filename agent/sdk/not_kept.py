"""What merchants ask of their shop that no shop's data holds: what a task refuses with (`Args.cannot`), rather than answer something else."""

from __future__ import annotations

from agent.sdk.text import say

_PEOPLE = r"(?:customers?|buyers?|clients?|shoppers?|people|audience|subscribers?)"
_SEND = r"(?:ship|send|fulfil\w*|dispatch\w*|despatch\w*|deliver\w*|pack|process)"
_SENDING = r"(?:fulfil\w*|shipping|shipments?|dispatch\w*|despatch\w*|deliver\w*|handling|processing)"
_ELSEWHERE = r"(?:google|trustpilot|yelp|facebook|tiktok|twitter|reddit|pinterest|the\s+(?:press|media|internet|web))"
_DO = (
    r"(?:rais\w+|increas\w+|put(?:ting)?\s+up|lower\w*|reduc\w+|cut(?:ting)?|drop\w*|chang\w+|offer\w*|g[ai]ve|spen[dt]|stop\w*|start\w*"
    r"|doubl\w+|halv\w+|charg\w+)"
)
_LEVER = r"(?:prices?|discounts?|costs?|shipping|postage|ads?|advertising|marketing|budget|sale)"

PERSONAL = (
    rf"\bhow\s+old\s+(?:are|is)\s+(?:\w+\s+){{0,3}}{_PEOPLE}\b|\b(?:average|mean|typical|median)\s+age\s+of\b|\bage\s+(?:groups?|ranges?|distribution|structure|brackets?)\b"
    rf"|\b{_PEOPLE}\b[^.?!]{{0,20}}\b(?:by|per)\s+(?:age|gender|sex|income)\b|\b(?:gender|demographics?)\b|\b(?:men|male|males)\s+(?:or|vs\.?|versus|and)\s+(?:women|female|females)\b"
    rf"|\b(?:women|female|females)\s+(?:or|vs\.?|versus|and)\s+(?:men|male|males)\b|\bwhat\s+do\s+(?:our|my|the)\s+{_PEOPLE}\s+(?:do\s+for\s+a\s+living|earn)\b",
    say("The shop keeps customers' names, addresses, consent and orders, and nothing of their age, gender or other circumstances."),
)
"""Who customers are beyond what they ordered."""

OPINION_ELSEWHERE = (
    rf"\b(?:does|do|did|is|are|what['’]?s|on|at|in)\s+{_ELSEWHERE}\b(?!\s+(?:{_PEOPLE}|orders?|ads?)\b).{{0,30}}\b(?:think|say|says?|said|saying|rate|rating|ratings|reviews?|stars|writ\w+)\b"
    rf"|\b(?:think|say|said|saying|ratings?|rated|reviews?|stars|talk\w*|written|writing)\b.{{0,25}}\b(?:on|at|in|from)\s+{_ELSEWHERE}\b(?!\s+{_PEOPLE}\b)"
    rf"|\b{_ELSEWHERE}\s+(?:reviews?|ratings?|stars)\b",
    say("The shop's data holds its own reviews and messages, and nothing of what is said of it elsewhere. Ask “what do customers say” for those."),
)
"""What is said of the shop where it is not its own."""

WHAT_IF = (
    rf"\bif\s+(?:i|we)\b.{{0,20}}\b{_DO}\b.{{0,40}}\b{_LEVER}\b.{{0,40}}\b(?:what|how)\b.{{0,30}}\b(?:happens?|change|affect|impact|sales|revenue|profit|sell|lose|earn)\b"
    rf"|\b(?:what|how)\b.{{0,40}}\b(?:happens?|happened|change|affect|impact|sales|revenue|profit|sell|lose|earn)\b.{{0,40}}\bif\s+(?:i|we)\b.{{0,20}}\b{_DO}\b.{{0,40}}(?:\b{_LEVER}\b|%)"
    rf"|^\W*(?:and\s+)?what\s+if\s+(?:i|we)\b.{{0,20}}\b{_DO}\b.{{0,40}}(?:\b{_LEVER}\b|%)"
    r"|^\W*(?:(?:and|so|but|tell me|show me)\s+)*(?:what\s+(?:(?:would|will|could|might)\s+)?(?:happens?|become|change)\b.{0,40}?(?:\bif\b|\W*$)"
    r"|(?:what|how)\s+(?:would|will|could|might)\b.{0,60}\bif\s+(?:i|we|they|the|our|my|you|all)\b"
    r"|what\s+(?:would|will|could|might)\s+.{0,60}\b(?:cut|rise|increase|decrease|discount|price|code|sale|promo\w*)\b.{0,20}\b(?:do|mean|bring|cost)\b)",
    say(
        "What a change would bring cannot be told beforehand. What comes as things are now can be forecast (“how many mugs will we sell next "
        "month”), and a change that was made can be put back."
    ),
)
"""What would come of a change: a forecast knows no prices."""

TIME_TO_SEND = (
    rf"\bhow\s+(?:long|fast|quick(?:ly)?|slow(?:ly)?|many\s+(?:days|hours))\b.{{0,30}}\b(?:do|does|did|are|is|were|was|have|has|take|takes|took)\b.{{0,30}}\b(?:to\s+|we\s+|i\s+|us\s+){_SEND}\b"
    rf"|\b(?:slow|fast|quick|long|short)(?:est|er)?\s+(?:to\s+)?{_SENDING}\b|\b(?:slow|fast|quick|long|short)(?:est|er)?\s+to\s+{_SEND}\b"
    rf"|\b(?:average|avg|mean|median|our|typical)\s+{_SENDING}\s+(?:times?|speed|duration)\b|\btime\s+to\s+{_SEND}\b|\b(?:took|take|takes|taken)\s+(?:the\s+)?longest\s+to\s+{_SEND}\b",
    say("How long it took until an order was sent is not measured. What waits longest can be had: “the oldest unfulfilled orders”."),
)
"""Between an order and its parcel."""

PAPERS = (
    r"\b(?:print|download|create|make|generate|send|e-?mail|get|book|buy|order)\b(?:\W+\w+){0,4}?\W+"
    r"(?:invoices?|packing\s+(?:slips?|lists?)|delivery\s+notes?|(?:shipping|return|address)\s+labels?|pick-?ups?)\b"
    r"|^\W*(?:(?:please|pls|show\s+me|i\s+need|we\s+need|the|an?|our)\s+)*(?:packing\s+(?:slips?|lists?)|delivery\s+notes?|(?:shipping|return|address)\s+labels?)\b",
    say(
        "Storehand makes no invoices, packing slips or labels, and books no carrier. It marks orders as sent with their tracking number: "
        "“ship order 1042 with DHL, tracking 00340434161094”."
    ),
)
"""Papers that go with an order."""

PRINTING = (
    r"^\W*(?:(?:please|pls|can\s+you|could\s+you|and|also)\s+)*(?:print|download)\b.{0,60}\b(?:invoices?|receipts?|packing\s+(?:slips?|lists?)|labels?|delivery\s+notes?)\b",
    PAPERS[1],
)
"""The same for a task that papers are taken for, and that may well write of them."""

PAYOUTS = (
    r"\b(?:paypal|stripe|klarna|apple\s+pay|google\s+pay|mollie|shop\s*pay|the\s+bank)\b(?!\s+(?:customers?|orders?|buyers?)).{0,30}"
    r"\b(?:paid|pay|pays|transfer\w*|sent)\s+(?:us|me|out|the\s+money)\b|\bpayouts?\b",
    say(
        "That is set in your shop's own admin; Storehand neither reads nor changes it. It works with products, prices, stock, collections, "
        "discounts, orders, customers, messages, reviews, texts and automations."
    ),
)
"""What payment providers do with the shop's money."""

_CARRIERS = r"(?:shipping|postage|delivery|carriers?|parcels?|couriers?|dhl|ups|dpd|hermes|gls|fedex|usps|royal\s+mail)"
CARRIERS_CHARGE = (
    rf"\b{_CARRIERS}\b.{{0,25}}\b(?:costs?|costing|charges?|charged|charging|set)\s+(?:us|me)\b"
    rf"|\b(?:we|i)\s+(?:(?:have|did)\s+)?(?:paid|pay|spent|spend|paying|spending)\s+(?:(?:to|for|on|our|the)\s+)*{_CARRIERS}\b|\bour\s+(?:shipping|postage|carrier)\s+(?:costs?|bills?)\b",
    say("What carriers charge the shop is not in its data. What customers paid for it is: “shipping by month this year”."),
)
"""What sending costs the shop itself."""

CAMPAIGNS = (
    r"\b(?:did|does|do|has|have|had|was|were)\s+(?:the|our|my|this|that|last)\s+(?:[\w-]+\s+){0,3}?(?:newsletters?|campaigns?|ads?|posts?|mailings?|e-?mails?)\s+(?:have\s+)?"
    r"(?:bring|brought|get|got|generate\w*|earn\w*|win|won|make|made|lead|led)\b"
    r"|\b(?:came|come|bought|ordered|signed\s+up)\s+(?:\w+\s+)?(?:through|because\s+of|thanks\s+to|from|via)\s+(?:the|our|my|this|that)\s+(?:[\w-]+\s+){0,2}?(?:newsletters?|campaigns?|ads?)\b",
    say("The shop's data holds orders, products and customers, but no visits, clicks or campaigns, so there is nothing to count this from."),
)
"""Orders and customers by what brought them."""
