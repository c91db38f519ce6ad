"""Bringing a shop's past in from files: order lines, and Shopify's order and product exports.

Each import reads its file as a stream and stores it in batches, each whole or not at all. Importing a file again changes
nothing, and completes what an interrupted import left out. A bad row is reported with its line and reason; the rest goes in.
"""

from agent.stores.embedded.importers.doors import import_orders, import_products
from agent.stores.embedded.importers.report import ImportReport, Progress, RowError

__all__ = ["ImportReport", "Progress", "RowError", "import_orders", "import_products"]
