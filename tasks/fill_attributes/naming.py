"""What a kind of word is called as an attribute of a product, after the product taxonomy's own names."""

import re
from collections.abc import Mapping

from agent.sdk import Product

OPTIONS: Mapping[str, tuple[str, str]] = {
    "colour": ("color", "Color"), "color": ("color", "Color"), "material": ("material", "Material"), "fabric": ("material", "Material"),
    "pattern": ("pattern", "Pattern"), "size": ("size", "Size"), "scent": ("flavor", "Fragrance"), "flavour": ("flavor", "Flavor"),
    "flavor": ("flavor", "Flavor"), "shape": ("shape", "Shape"),
}  # fmt: skip
"""Name of an option, in small letters, to its kind and attribute."""
_PLAIN = {"color": "Color", "material": "Material", "pattern": "Pattern", "shape": "Shape", "size": "Size", "count": "Pack size"}
_GENDERS = ("Female", "Male", "Unisex")
_VOLUME = re.compile(r"\d\s*(?:ml|cl|l|litres?|liters?|oz)\b", re.IGNORECASE)
_WEIGHT = re.compile(r"\d\s*(?:g|kg|grams?|lb)\b", re.IGNORECASE)
_LENGTH = re.compile(r"\d\s*(?:mm|cm|m|metres?|meters?|inch|inches|in|ft|\")(?!\w)|\d ?(?:x|×|by) ?\d", re.IGNORECASE)
_MEASURES = (("Capacity", _VOLUME), ("Weight", _WEIGHT), ("Dimensions", _LENGTH))
_EATEN = re.compile(
    r"\b(?:tea|coffee|chocolate|jam|cake|biscuits?|cookies?|granola|fudge|gin|juice|syrup|cordial|sweets|candy|honey|sauce|oil|cheese|crisps|snacks?|"
    r"food|drinks?)\b", re.IGNORECASE,
)  # fmt: skip


def attribute_of(kind: str, value: str, product: Product) -> tuple[str, str]:
    """The attribute's name and its value; no name for what is none of this product."""
    if kind in _PLAIN:
        return _PLAIN[kind], value
    if kind == "audience":
        return ("Target gender" if value in _GENDERS else "Age group"), value
    if kind == "measure":
        return next((name for name, form in _MEASURES if form.search(value)), ""), value
    if kind == "flavor":
        return ("Flavor" if _is_eaten(product) else "Fragrance"), value
    # A shop that names the vendor has said whose it is.
    return ("Brand" if kind == "brand" and not product.vendor else ""), value


def _is_eaten(product: Product) -> bool:
    if product.category:
        return product.category.startswith("Food")
    return bool(_EATEN.search(f"{product.title} {product.product_type}")) and "candle" not in product.title.casefold()
