"""What the service needs of each shop: its store, its clock, its words. One per shop, made when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from agent.records import WritableStore


@dataclass(frozen=True, slots=True)
class ShopClock:
    """The wall clock in a shop's time zone. A test hands in another `source`."""

    time_zone: str
    source: Callable[[ZoneInfo], datetime] = datetime.now

    def now(self) -> datetime:
        return self.source(ZoneInfo(self.time_zone))

    def today(self) -> date:
        return self.now().date()


@dataclass(slots=True)
class Shops:
    """Stores by shop id.

    `open` raises NotFound for a shop that does not exist.
    """

    open: Callable[[str], WritableStore]
    source: Callable[[ZoneInfo], datetime] = datetime.now
    _stores: dict[str, WritableStore] = field(default_factory=dict)

    def store(self, shop: str) -> WritableStore:
        if shop not in self._stores:
            self._stores[shop] = self.open(shop)
        return self._stores[shop]

    def clock(self, shop: str, *, as_of: date | None = None) -> ShopClock:
        """The shop's clock; as it stood at noon of a day, where a request says that this is today."""
        stands = self.source if as_of is None else lambda zone: datetime.combine(as_of, time(12), zone)
        return ShopClock(self.store(shop).shop.time_zone, stands)
