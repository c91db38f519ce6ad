"""The shop's products as rows name them: by id, SKU, handle, title and options. What could be two is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.sdk import Product, Variant, say
from agent.sheets.choosing import Choice
from agent.sheets.headings import Field
from agent.sheets.reading import Row

_NO_OPTION = "default title"
"""What Shopify calls the one variant of a product without options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a row is about."""

    product: Product
    variant: Variant | None
    """None where the product has several and the row does not say which."""


class Shelf:
    """Every product of a shop, found by what it is called."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._by_id = {variant.id: Named(product=product, variant=variant) for product in products for variant in product.variants}
        self._skus: dict[str, list[Named]] = {}
        self._handles: dict[str, list[Product]] = {}
        self._titles: dict[str, list[Product]] = {}
        self._labels: dict[str, list[Named]] = {}
        for product in products:
            self._handles.setdefault(product.handle.casefold(), []).append(product)
            self._titles.setdefault(_folded(product.title), []).append(product)
            for variant in product.variants:
                if variant.sku:
                    self._skus.setdefault(variant.sku.strip().casefold(), []).append(self._by_id[variant.id])
                if variant.title:
                    self._labels.setdefault(_folded(variant.label), []).append(self._by_id[variant.id])

    def has_sku(self, sku: str) -> bool:
        return sku.casefold() in self._skus

    def has_product(self, *, handle: str, title: str) -> bool:
        return bool(self._handles.get(handle.casefold()) if handle else None) or bool(self._titles.get(_folded(title)))

    def named(self, row: Row, choice: Choice) -> Named | str:
        """What the row is about, or why that cannot be told."""
        places = choice.columns
        if choice.any_key is not None:
            return self._by_any(key_text(row.at(choice.any_key)))
        if id := row.at(places.get("variant_id")):
            return self._by_id.get(id) or str(say("no variant has this id"))
        if sku := key_text(row.at(places.get("sku"))):
            return self._by_sku(sku, row, places)
        options = [value for value in options_of(row, places).values() if value]
        if handle := row.at(places.get("handle")):
            return self._of(self._handles.get(handle.casefold(), []), options, str(say("no product has this handle")))
        if title := row.at(places.get("title")):
            if not options and len(labelled := self._labels.get(_folded(title), [])) == 1:
                return labelled[0]
            return self._of(self._titles.get(_folded(title), []), options, str(say("no product has this title")))
        return str(say("the row does not say which product it is about"))

    def _by_sku(self, sku: str, row: Row, places: Mapping[Field, int]) -> Named | str:
        found = self._skus.get(sku.casefold(), [])
        if len(found) > 1:  # the handle or the title beside it may tell
            handle, title = row.at(places.get("handle")).casefold(), _folded(row.at(places.get("title")))
            found = [one for one in found if one.product.handle.casefold() == handle or _folded(one.product.title) == title] or found
        if len(found) > 1:
            return str(say("more than one variant has this SKU"))
        return found[0] if found else str(say("no variant has this SKU"))

    def _by_any(self, text: str) -> Named | str:
        if not text:
            return str(say("the row does not say which product it is about"))
        found = [*self._skus.get(text.casefold(), []), *self._labels.get(_folded(text), [])]
        products = [*self._handles.get(text.casefold(), []), *self._titles.get(_folded(text), [])]
        found += [_only(product) for product in {product.id: product for product in products}.values()]
        alike = {(one.product.id, one.variant.id if one.variant else None): one for one in found}
        if len(alike) > 1:
            return str(say("more than one product or variant is called so"))
        return found[0] if found else str(say("nothing in the shop has this SKU, handle or title"))

    def _of(self, products: Sequence[Product], options: Sequence[str], unknown: str) -> Named | str:
        if not products:
            return unknown
        if len(products) > 1:
            return str(say("more than one product is called so"))
        given = {option.casefold() for option in options}
        if not given:
            return _only(products[0])
        fitting = [variant for variant in products[0].variants if given <= {value.casefold() for value in (*variant.options.values(), variant.title)}]
        if len(fitting) != 1:
            return str(
                say("no variant of the product has these options") if not fitting else say("several variants of the product have these options")
            )
        return Named(product=products[0], variant=fitting[0])


def options_of(row: Row, places: Mapping[Field, int]) -> dict[str, str]:
    """The options that a row names, by the name of each; numbers where it does not name them."""
    found: dict[str, str] = {}
    pairs: Iterable[tuple[Field, Field]] = (("option_name_1", "option_1"), ("option_name_2", "option_2"), ("option_name_3", "option_3"))
    for number, (name, value) in enumerate(pairs, start=1):
        text = row.at(places.get(value))
        if text and text.casefold() != _NO_OPTION:
            found[row.at(places.get(name)) or str(number)] = text
    if not found and (text := row.at(places.get("variant"))) and text.casefold() != _NO_OPTION:
        found["0"] = text
    return found


def key_text(text: str) -> str:
    """A key without what spreadsheets put round it to keep its zeros: ="00123" and '00123."""
    if text.startswith('="') and text.endswith('"') and len(text) > 3:
        return text[2:-1].strip()
    return text[1:].strip() if len(text) > 1 and text[0] == "'" else text


def _only(product: Product) -> Named:
    return Named(product=product, variant=product.variants[0] if len(product.variants) == 1 else None)


def _folded(title: str) -> str:
    return " ".join(title.casefold().split())
