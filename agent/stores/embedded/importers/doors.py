"""The two doors: orders and products. What kind of file it is, its header tells."""

from __future__ import annotations

from pathlib import Path

from agent.db.engine import Database
from agent.errors import Invalid, NotFound
from agent.sdk.store import ShopInfo
from agent.stores.embedded.importers import order_lines, shopify_orders, shopify_products, shopify_rows
from agent.stores.embedded.importers.csvfile import expected, opened
from agent.stores.embedded.importers.report import ImportReport, Progress
from agent.stores.embedded.shops import create_shop, shop_named


def import_orders(
    db: Database,
    path: Path,
    *,
    shop: str,
    currency: str | None = None,
    time_zone: str | None = None,
    locale: str = "en-GB",
    progress: Progress | None = None,
) -> ImportReport:
    """Order lines with the columns of the UCI Online Retail data, or Shopify's order export.

    Args:
        shop: Name of the shop; made if there is none of that name, with the currency and time zone given.
        currency: The file's; must be the shop's where it exists.

    Raises:
        Invalid: The file is of another kind, damaged, or in another currency than the shop's.
    """
    with opened(path) as sheet:
        if sheet.has(order_lines.COLUMNS, order_lines.NEEDED):
            return order_lines.store(db, _shop(db, shop, currency, time_zone, locale, includes_tax=False), sheet, progress)
        if sheet.has(shopify_rows.COLUMNS, shopify_rows.NEEDED):
            return shopify_orders.store(db, _shop(db, shop, currency, time_zone, locale, includes_tax=True), sheet, progress)
        raise expected(path, (f"{order_lines.EXPECTED} (order lines)", f"{shopify_rows.EXPECTED} (Shopify's order export)"))


def import_products(
    db: Database,
    path: Path,
    *,
    shop: str,
    currency: str | None = None,
    time_zone: str | None = None,
    locale: str = "en-GB",
    progress: Progress | None = None,
) -> ImportReport:
    """Shopify's product CSV, under its older or its present headings.

    A product that the shop has (by handle) is left as it is, so that no later change is lost; its new variants are added.

    Raises:
        Invalid: As for `import_orders`.
    """
    with opened(path) as sheet:
        if not sheet.has(shopify_products.COLUMNS, shopify_products.NEEDED):
            raise expected(path, (f"{shopify_products.EXPECTED} (Shopify's product CSV)",))
        return shopify_products.store(db, _shop(db, shop, currency, time_zone, locale, includes_tax=True), sheet, progress)


def _shop(db: Database, name: str, currency: str | None, time_zone: str | None, locale: str, *, includes_tax: bool) -> ShopInfo:
    try:
        found = shop_named(db, name)
    except NotFound:
        if currency is None or time_zone is None:
            raise Invalid(f"There is no shop “{name}” yet; to make it, say its currency and time zone, such as GBP and Europe/London.") from None
        return create_shop(db, name=name, currency=currency, time_zone=time_zone, locale=locale, prices_include_tax=includes_tax)
    if currency is not None and currency != found.currency:
        raise Invalid(f"The shop “{name}” counts in {found.currency}, not in {currency}; import the file into a shop of its own.", field="currency")
    return found
