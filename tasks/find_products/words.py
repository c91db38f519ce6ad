"""How the fields of `find_products` are said."""

from collections.abc import Mapping, Sequence
from typing import Literal

By = Literal["vendors", "types", "collections", "tags"]
GROUPS: Mapping[By, Sequence[str]] = {
    "vendors": ("vendors", "suppliers", "brands", "makers", "manufacturers"),
    "types": ("product types", "product categories", "categories", "types of products", "kinds of products"),
    "collections": ("collections",),
    "tags": ("tags", "product tags"),
}
"""What products can be told apart by, as it is asked for."""
ONE: Mapping[By, Sequence[str]] = {
    "vendors": ("vendor", "supplier", "brand"), "types": ("product type", "type", "category"), "collections": ("collection",), "tags": ("tag",),
}  # fmt: skip
TITLES: Mapping[By, str] = {"vendors": "Vendor", "types": "Product type", "collections": "Collection", "tags": "Tag"}


def asked_for(names: Sequence[str]) -> list[str]:
    """ "How many vendors", "list all our tags": the groups themselves; not the goods of one, nor what each of them sold."""
    before = ("how many", "how many different", "number of", "which", "which different", "what", "what are our", "list", "list all", "list our",
              "list the", "list all our", "list all the", "all our", "show all", "show me all", "show our",
              "show me our", "names of our")  # fmt: skip
    after = ("do we", "do i", "are there", "there are", "we have", "we carry", "we use", "i have")
    return [f"{lead} {name}" for name in names for lead in before] + [f"{name} {tail}" for name in names for tail in after]


def counted_by(names: Sequence[str]) -> list[str]:
    """ "How many products per vendor": counted, for "the cheapest products per vendor" are products still."""
    each = ("per", "by", "for each", "in each", "of each", "from each", "does each", "do we have per", "do we have by", "are in each")
    return [f"{lead} products {joint} {name}" for name in names for lead in ("how many", "number of", "count") for joint in each]


COST_SAID = (
    "purchase price", "purchase prices", "buying price", "buying prices", "cost price", "cost prices", "unit cost", "unit costs",
    "cost per unit", "cost per item", "cost per piece", "wholesale price", "wholesale cost",
    *(f"what {do} {we} pay for" for do in ("do", "did", "are", "were") for we in ("we", "i")),
    *(f"how much {do} {we} pay for" for do in ("do", "did") for we in ("we", "i")),
    *(f"{how} {do} … {cost} {us}" for how in ("what", "how much") for do in ("do", "does", "did") for cost in ("cost",) for us in ("us", "me")),
    *(f"{we} buy … {at}" for we in ("do we", "did we") for at in ("at", "for")),
)  # fmt: skip
"""What a unit costs the shop itself."""

NO_COST_ASKED = (
    r"\b(?:costs?|price)\b[^?]*?(?::|=|\bto|\bnow)\s*[€$£]?\s*\d"
    r"|\b(?:cost(?:s|ing)?|pay(?:ing)?|paid)\b.*\b(?:shipping|postage|delivery|ads?|adverts?|advertising|marketing|fees?|rent|staff|wages|packaging)\b"
    r"|\b(?:shipping|postage|delivery|codes?|coupons?|vouchers?|discounts?|ads?|adverts?|advertising|marketing|fees?|returns?|refunds?)\b.*\bcosts?\b"
)
"""What a cost becomes, and what the shop pays or gives away for something else than its goods."""
