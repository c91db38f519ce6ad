"""What the prices of a product leave after what its units cost."""

from __future__ import annotations

from decimal import Decimal

from agent.sdk import Product, Variant


def least_margin_of(product: Product) -> Decimal | None:
    return min(margins_of(product)).quantize(Decimal("0.1")) if margins_of(product) else None


def margins_of(product: Product) -> list[Decimal]:
    return [margin for variant in product.variants if (margin := margin_of(variant)) is not None]


def margin_of(variant: Variant) -> Decimal | None:
    """What its price leaves after its cost, in percent of the price; None where the cost is not known."""
    if variant.cost is None or variant.price.amount <= 0:
        return None
    return (variant.price.amount - variant.cost.amount) * 100 / variant.price.amount
