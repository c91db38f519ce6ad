"""What every store must do. Subclass `StoreSuite` in a test module, say in `stocked` how a store is filled, and pytest runs it all.

    class TestMyStore(StoreSuite):
        def stocked(self, spec: ShopSpec) -> Stocked:
            return ...

The laws of figures hold the store against `agent.testing.store_figures`, which recomputes them one fact after the other.
"""

from __future__ import annotations

from agent.testing.store_suite.borders import BorderLaws
from agent.testing.store_suite.figures import FigureLaws
from agent.testing.store_suite.goods import GoodsLaws
from agent.testing.store_suite.lists import ListLaws
from agent.testing.store_suite.logs import LogLaws
from agent.testing.store_suite.order_writes import OrderWriteLaws
from agent.testing.store_suite.records import RecordLaws
from agent.testing.store_suite.stock import SHOP, changes_of, inverse
from agent.testing.store_suite.writes import WriteLaws

__all__ = ["SHOP", "StoreSuite", "changes_of", "inverse"]


class StoreSuite(FigureLaws, GoodsLaws, ListLaws, LogLaws, RecordLaws, WriteLaws, OrderWriteLaws, BorderLaws):
    """All laws of a store."""
