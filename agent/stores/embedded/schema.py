"""The tables of `agent.db.shop` as SQLAlchemy Core sees them, which is what queries are put together from."""

from __future__ import annotations

from sqlalchemy import Table
from sqlmodel import SQLModel

from agent.db import shop


def table_of(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


SHOPS = table_of(shop.Shop)
LOCATIONS = table_of(shop.Location)
PRODUCTS = table_of(shop.Product)
VARIANTS = table_of(shop.Variant)
INVENTORY = table_of(shop.InventoryLevel)
COLLECTIONS = table_of(shop.Collection)
MEMBERS = table_of(shop.CollectionMember)
TAGS = table_of(shop.Tag)
CUSTOMERS = table_of(shop.Customer)
ORDERS = table_of(shop.Order)
LINES = table_of(shop.OrderLine)
REFUNDS = table_of(shop.Refund)
REFUND_LINES = table_of(shop.RefundLine)
FULFILMENTS = table_of(shop.Fulfilment)
DISCOUNTS = table_of(shop.Discount)
REVIEWS = table_of(shop.Review)
MESSAGES = table_of(shop.Message)
SEARCH_TERMS = table_of(shop.SearchTerm)
SALES = table_of(shop.Sale)
SALE_MONTHS = table_of(shop.SaleMonth)
WRITES = table_of(shop.WriteLog)
