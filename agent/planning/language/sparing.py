"""Words after which something is left out of what is meant: "all mugs except the blue one", "everything but the candles", "leave the mugs alone"."""

from __future__ import annotations

_WORDS = (
    r"except(?:ing|\s+for)?|excluding|other\s+than|apart\s+from|aside\s+from|besides|leaving\s+out"
    r"|leaving(?=\s+[^,.;:!?]{1,40}\s(?:alone|out|untouched|unchanged|as\s+(?:it|they)\s+(?:is|are))\b)"
    r"|save\s+for|not\s+(?:including|counting)|(?:don[’']?t|do\s+not)\s+include"
    r"|with\s+the\s+exception\s+of|(?<=,\s)without(?=\s+the\b)"
)
_ALL = (
    *("everything", "everyone", "everybody", "anything", "anyone", "anybody", "all", "products", "items", "goods", "prices", "codes", "discounts"),
    *("customers", "people", "buyers", "orders", "reviews", "messages", "collections", "product", "item", "code", "customer", "order", "review"),
)
_NO_EXCEPTION = (
    r"(?!\s+(?:not|never|only|just|also|please|then|no|first|keep|leave|spare|skip|make|set|put|who|that|which"
    r"|(?:have|has|had|are|is|were|do|did)(?:n[’']?t)?)\b)"
)
BUT = "(?:" + "|".join(rf"(?<=\b{word}\s)" for word in _ALL) + rf")but{_NO_EXCEPTION}"
"""A "but" after what stands for all there is: "everyone ‖ but ‖ the wholesalers"."""
ALL_BUT = rf"\b(?:all|every|each|everything|everyone|everybody)\s+(?:(?!but\b)[\w’'-]+\s+){{1,6}}but{_NO_EXCEPTION}"
"""The same with whatever name: "every blue mug ‖ but"."""
_REST = r"(?!\s+(?:(?:it|them|that|this|everything|(?:all\s+)?(?:the\s+)?(?:rest|others?|remaining))\b|an?\s))"
LEAVE = rf"(?:(?:(?<=,\s)|(?:but|and)\s+)(?:please\s+|just\s+)?(?:leave(?:\s+out)?|spare|skip)|but\s+(?:please\s+|just\s+)?keep){_REST}"
"""What is told to leave something by its name as it is; not the rest, which nothing is done to anyway."""
LEAVING_OUT = rf"{_WORDS}|but\s+not|all\s+but|{BUT}"
"""For alternatives in a pattern that takes what follows as left out."""
LEAVES = rf"(?:(?:but|and|please|just)\s+)*(?:leave|keep|let){_REST}"
"""The same at the beginning of a clause of its own."""
