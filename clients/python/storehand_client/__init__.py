"""A typed client of Storehand's task API."""

from storehand_client.base import StorehandError
from storehand_client.client import AsyncStorehand, Storehand, text_delta

__all__ = ["AsyncStorehand", "Storehand", "StorehandError", "text_delta"]
