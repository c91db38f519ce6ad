"""What columns are called: in Shopify's product and inventory exports, in WooCommerce's, and by people, in English and German.

Shopify's after https://help.shopify.com/en/manual/products/import-export/using-csv and …/inventory/… (read 2026-11-22), WooCommerce's after
https://woocommerce.com/document/product-csv-importer-exporter/ (read 2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal

Field = Literal[
    "variant_id", "sku", "handle", "title", "variant", "option_1", "option_2", "option_3", "option_name_1", "option_name_2", "option_name_3",
    "new_title", "price", "sale_price", "compare_at_price", "cost", "stock", "received", "location", "currency", "description", "tags", "vendor",
    "product_type", "status", "seo_title", "seo_description", "some_price", "units",
]  # fmt: skip
"""What a column holds. "some_price" and "units" say that its heading alone does not settle it: which price, and whether counted or to be added."""

NAMES: Mapping[Field, Sequence[str]] = {
    "variant_id": ("Variant ID", "Variant id", "Varianten-ID"),
    "sku": (
        "SKU", "Variant SKU", "Stock keeping unit", "Article number", "Article no", "Item number", "Item no", "Item SKU", "Product SKU",
        "Artikelnummer",
        "Artikelnr", "Art.-Nr.", "Artikel-Nr.", "Bestellnummer", "Art Nr",
    ),
    "handle": ("Handle", "URL handle", "Slug", "Product handle"),
    "title": (
        "Title", "Name", "Product", "Product title", "Product name", "Item", "Item name", "Titel", "Produkt", "Produktname", "Produkttitel",
        "Bezeichnung", "Artikel", "Artikelbezeichnung", "Artikelname", "Current title", "Old title",
    ),
    "variant": ("Variant", "Variant title", "Variant name", "Variante", "Variation"),
    "option_1": ("Option1 Value", "Option 1 value", "Attribute 1 value(s)", "Size", "Größe"),
    "option_2": ("Option2 Value", "Option 2 value", "Attribute 2 value(s)", "Colour", "Color", "Farbe"),
    "option_3": ("Option3 Value", "Option 3 value", "Attribute 3 value(s)"),
    "option_name_1": ("Option1 Name", "Option 1 name", "Attribute 1 name"),
    "option_name_2": ("Option2 Name", "Option 2 name", "Attribute 2 name"),
    "option_name_3": ("Option3 Name", "Option 3 name", "Attribute 3 name"),
    "new_title": ("New title", "New name", "New product title", "Neuer Titel", "Neuer Name", "Titel neu"),
    "price": (
        "Price", "Variant Price", "Regular price", "New price", "Selling price", "Sales price", "Sell price", "Unit price", "Our price", "Preis",
        "Verkaufspreis", "VK", "VK-Preis", "Neuer Preis", "Preis neu", "Prices", "Preise",
    ),
    "sale_price": ("Sale price", "Special price", "Aktionspreis", "Angebotspreis"),
    "compare_at_price": (
        "Compare at price", "Compare-at price", "Variant Compare At Price", "Was price", "Old price", "Crossed-out price", "Strike price",
        "Streichpreis",
        "Alter Preis", "Vergleichspreis",
    ),
    "cost": (
        "Cost", "Cost per item", "Unit cost", "Cost price", "Purchase price", "Buying price", "Cost of goods", "Einkaufspreis", "EK", "EK-Preis",
        "Einstandspreis", "Kosten pro Artikel",
    ),
    "stock": (
        "On hand (new)", "Stock", "Inventory", "On hand", "Count", "Counted", "New stock", "New count", "Inventory quantity", "Variant Inventory Qty",
        "Stock on hand", "Stock level", "Stock quantity", "Stock count", "In stock", "Available", "Available quantity", "Counted quantity", "Bestand",
        "Lagerbestand", "Ist-Bestand", "Istbestand", "Gezählt", "Zählmenge", "Neuer Bestand", "Inventurbestand", "Verfügbar",
    ),
    "received": (
        "Received", "Delivered", "Quantity received", "Qty received", "Units received", "Adjustment", "Adjust by", "Change", "Delta", "Difference",
        "Incoming units", "Zugang", "Eingang", "Wareneingang", "Geliefert", "Differenz", "Liefermenge", "Stock to add", "Add",
    ),
    "location": ("Location", "Location name", "Warehouse", "Standort", "Lager", "Lagerort"),
    "currency": ("Currency", "Currency code", "Währung"),
    "description": ("Description", "Body", "Body (HTML)", "Body HTML", "Product description", "Beschreibung", "Produktbeschreibung",
        "New description"),
    "tags": ("Tags", "Tag", "Schlagwörter", "Schlagworte", "Product tags"),
    "vendor": ("Vendor", "Brand", "Brands", "Manufacturer", "Hersteller", "Marke", "Anbieter"),
    "product_type": ("Type", "Product type", "Custom product type", "Produkttyp", "Typ", "Produktart"),
    "status": ("Status", "Product status"),
    "seo_title": ("SEO Title", "Meta title", "SEO-Titel"),
    "seo_description": ("SEO Description", "Meta description", "SEO-Beschreibung"),
    "some_price": (
        "RRP", "MSRP", "SRP", "UVP", "List price", "Listenpreis", "Retail price", "Retail", "Recommended price", "Recommended retail price", "Amount",
        "Betrag", "Value", "Wert", "Gross price", "Net price", "Bruttopreis", "Nettopreis", "Full price", "Original price", "Catalogue price",
    ),
    "units": ("Quantity", "Qty", "Units", "Pieces", "Pcs", "Menge", "Anzahl", "Stück", "Stk", "Quantities"),
}  # fmt: skip
"""A field to the headings it goes by, the plainest first: of two columns with one meaning the one named first here is it."""

KEYS: Sequence[Field] = ("variant_id", "sku", "handle", "title")
"""What tells a row's product, the surest first."""

_CURRENCY = re.compile(r"[\s_(\[]*\b(?:in\s+)?(€|\$|£|EUR|USD|GBP|CHF|SEK|DKK|NOK|PLN|CZK|JPY|CAD|AUD|NZD)[)\]]?\s*$")


def field_of(heading: str) -> Field | None:
    """What a column of this heading holds; None for one that is not known. Case, blanks and punctuation do not matter."""
    names = _fields()
    return names.get(folded(heading)) or names.get(folded(_CURRENCY.sub("", heading)))


def currency_in(heading: str) -> str:
    """The currency that a heading names, as it stands there: "EUR" of "Price (EUR)"; "" where it names none."""
    found = _CURRENCY.search(heading)
    return found[1] if found else ""


def is_known(heading: str) -> bool:
    return field_of(heading) is not None


def rank(field: Field, heading: str) -> int:
    """The place of a heading among the names of its field: 0 for the plainest."""
    names = [folded(name) for name in NAMES[field]]
    plain = folded(heading) if folded(heading) in names else folded(_CURRENCY.sub("", heading))
    return names.index(plain) if plain in names else len(names)


def folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


@cache
def _fields() -> Mapping[str, Field]:
    return {folded(name): field for field, names in NAMES.items() for name in names}
