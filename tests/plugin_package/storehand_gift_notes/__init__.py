"""Gifts for Storehand."""
