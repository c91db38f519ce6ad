"""What the pages about the installation itself need: what its config says, and its shops."""

from __future__ import annotations

from dataclasses import dataclass

from agent.db.engine import Database
from agent.sdk import ShopInfo
from agent.settings import Settings
from agent.stores.embedded.shops import create_shop, shops


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    settings: Settings
    db: Database

    def shops(self) -> list[ShopInfo]:
        """Every shop, by name."""
        return shops(self.db)

    def create_shop(self, *, name: str, currency: str, time_zone: str, locale: str, prices_include_tax: bool) -> ShopInfo:
        """An empty one.

        Raises:
            Invalid: The name is taken, or a value is not what it says.
        """
        return create_shop(self.db, name=name, currency=currency, time_zone=time_zone, locale=locale, prices_include_tax=prices_include_tax)
