"""A typed client of Storehand's task API."""

from storehand_client.base import StorehandError
from storehand_client.client import AsyncStorehand, Storehand

__all__ = ["AsyncStorehand", "Storehand", "StorehandError"]
