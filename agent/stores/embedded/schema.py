"""The tables of a shop (`agent.db.shop` and beside it) as SQLAlchemy Core sees them, which is what queries are put together from."""

from __future__ import annotations

from sqlalchemy import Table
from sqlmodel import SQLModel

from agent.db import goods, orders, people, shop


def table_of(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


SHOPS = table_of(shop.Shop)
LOCATIONS = table_of(shop.Location)
PRODUCTS = table_of(goods.Product)
VARIANTS = table_of(goods.Variant)
INVENTORY = table_of(goods.InventoryLevel)
COLLECTIONS = table_of(goods.Collection)
MEMBERS = table_of(goods.CollectionMember)
TAGS = table_of(goods.Tag)
CUSTOMERS = table_of(people.Customer)
ORDERS = table_of(orders.Order)
LINES = table_of(orders.OrderLine)
REFUNDS = table_of(orders.Refund)
REFUND_LINES = table_of(orders.RefundLine)
FULFILMENTS = table_of(orders.Fulfilment)
FULFILMENT_LINES = table_of(orders.FulfilmentLine)
DRAFT_ORDERS = table_of(orders.DraftOrder)
DRAFT_LINES = table_of(orders.DraftLine)
DISCOUNTS = table_of(goods.Discount)
REVIEWS = table_of(people.Review)
MESSAGES = table_of(people.Message)
SEARCH_TERMS = table_of(people.SearchTerm)
SALES = table_of(orders.Sale)
SALE_MONTHS = table_of(orders.SaleMonth)
WRITES = table_of(shop.WriteLog)
