"""What args are made of: references, selections, money, percents, periods and ranges. Never names to look up.

Everything here validates from JSON and from itself, so the same type serves the planner, the task API and a handler.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from typing import Any, Generic, Literal, Self, TypeVar

from babel.numbers import get_currency_precision
from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, PydanticSerializationUnexpectedValue, core_schema

T = TypeVar("T")

Kind = Literal["product", "variant", "order", "customer", "discount", "review", "message", "collection"]
"""The kinds of record a store holds and an argument can point at."""


@cache
def _step(currency: str) -> Decimal:
    """The smallest amount of a currency; kept, since looking it up each time took more than half of making an amount (37 µs, 16 with this)."""
    return Decimal(1).scaleb(-get_currency_precision(currency))


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount with its currency, exact to the currency's own number of decimals (JPY 0, EUR 2, BHD 3)."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError("Money wants a Decimal; a float is never money")
        object.__setattr__(self, "amount", self.amount.quantize(_step(self.currency), ROUND_HALF_UP))

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> Self:
        return cls(Decimal(amount), currency)

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Self:
        """From an integer of the minor unit, as tables hold it."""
        return cls(minor * _step(currency), currency)

    @property
    def minor(self) -> int:
        return int(self.amount / _step(self.currency))

    def _same(self, other: Money) -> Decimal:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add or compare")
        return other.amount

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, factor: int | Decimal) -> Money:
        return Money(self.amount * factor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def applied_to(self, base: Money) -> Money:
        """A new price given outright takes the place of the old one (see `Percent.applied_to`)."""
        self._same(base)
        return self

    def json(self) -> dict[str, str]:
        return {"amount": str(self.amount), "currency": self.currency}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            cls._validate, serialization=core_schema.plain_serializer_function_ser_schema(_only(cls, lambda m: m.json()))
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "object",
            "title": "Money",
            "properties": {"amount": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}},
            "required": ["amount", "currency"],
            "additionalProperties": False,
        }

    @classmethod
    def _validate(cls, value: Any, info: core_schema.ValidationInfo) -> Money:
        """A bare "12.50" is read only where the caller named the currency: `model_validate(..., context={"currency": "EUR"})`."""
        if isinstance(value, Money):
            return value
        currency = (info.context or {}).get("currency") if isinstance(value, str) else None
        if isinstance(value, Mapping) and set(value) == {"amount", "currency"}:
            value, currency = value["amount"], value["currency"]
        if not (isinstance(value, str) and isinstance(currency, str) and len(currency) == 3 and currency.isascii() and currency.isupper()):
            raise PydanticCustomError("money", 'money is {"amount": "12.50", "currency": "EUR"}')
        try:
            amount = Decimal(value)
        except InvalidOperation:
            raise PydanticCustomError("money", "the amount is not a decimal number, such as 12.50") from None
        if not amount.is_finite() or abs(amount) >= Decimal("1e13"):
            raise PydanticCustomError("money", "the amount is out of range")
        return cls(amount, currency)


@dataclass(frozen=True, slots=True)
class Percent:
    """A signed share of a hundred: −15% is a cut by 15."""

    value: Decimal

    def __post_init__(self) -> None:
        if not isinstance(self.value, Decimal):
            raise TypeError("Percent wants a Decimal")

    @classmethod
    def of(cls, value: str | int | Decimal) -> Self:
        return cls(Decimal(value))

    def applied_to(self, base: Money) -> Money:
        """The base moved by this percent, rounded half up to the currency's decimals."""
        return Money(base.amount * (100 + self.value) / 100, base.currency)

    def __str__(self) -> str:
        return f"{self.value.normalize():f}%"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.plain_serializer_function_ser_schema(_only(cls, str), return_schema=core_schema.str_schema())
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "title": "Percent", "pattern": r"^[+-]?\d+(\.\d+)?%$", "examples": ["-15%"]}

    @classmethod
    def _validate(cls, value: Any) -> Percent:
        if isinstance(value, Percent):
            return value
        if isinstance(value, str) and value.endswith("%"):
            try:
                number = Decimal(value[:-1])
            except InvalidOperation:
                number = Decimal("NaN")
            if number.is_finite() and abs(number) < 100_000:
                return cls(number)
        raise PydanticCustomError("percent", 'a percent is written "-15%"')


def _only(type_: type[T], shown: Callable[[T], Any]) -> Callable[[Any], Any]:
    """A serialiser that leaves other types to the other arms of a union: `Percent | Money` would write money as a percent else."""

    def serialise(value: Any) -> Any:
        if not isinstance(value, type_):
            raise PydanticSerializationUnexpectedValue(f"not a {type_.__name__}")
        return shown(value)

    return serialise


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Period(_Frozen):
    """A stretch of time in the shop's time zone; `start` is in it, `end` is not."""

    start: datetime
    end: datetime
    label: str = ""
    """As the merchant said it ("last month"), for the answer's first line."""


class Between(_Frozen, Generic[T]):
    """A condition on a number or an amount: `at_least` and `at_most` are in it, `above` and `below` are not."""

    at_least: T | None = None
    above: T | None = None
    at_most: T | None = None
    below: T | None = None


class Sizes(_Frozen):
    """A stretch of an ordered option: size M and larger."""

    option: str
    at_least: str | None = None
    at_most: str | None = None


class Where(_Frozen):
    """The predicate that chose records, kept beside their ids so that an answer can say why these. All that is set must hold."""

    text: str | None = None
    """Words the title was matched with, as the merchant said them."""
    options: dict[str, list[str]] = Field(default_factory=dict)
    """Option name to accepted values: {"Colour": ["Blue"]}."""
    sizes: Sizes | None = None
    tags: list[str] = Field(default_factory=list)
    vendor: str | None = None
    product_type: str | None = None
    collection: str | None = None
    status: str | None = None
    price: Between[Money] | None = None
    stock: Between[int] | None = None
    places: list[str] = Field(default_factory=list)
    """Countries as ISO 3166 codes, or cities, for customers and orders."""
    everything: bool = False
    """The merchant said all of them; a write over everything is a matter for the limits."""


class Selection(_Frozen, Generic[T]):
    """Records chosen by the merchant's words: their ids, the predicate that chose them, and how they were called.

    `Selection[Product]`, `Selection[Variant]`, `Selection[Customer]`, `Selection[Order]`, `Selection[Review]`.
    One that chose nothing has length 0 and so is false: ask `is not None` for whether something was said.
    """

    ids: tuple[str, ...]
    where: Where = Field(default_factory=Where)
    label: str = ""

    def __len__(self) -> int:
        return len(self.ids)


class _Ref(_Frozen):
    id: str
    label: str = ""


class ProductRef(_Ref):
    """Exactly one product."""


class VariantRef(_Ref):
    """Exactly one variant."""


class CustomerRef(_Ref):
    """Exactly one customer."""


class OrderRef(_Ref):
    """Exactly one order."""


class CollectionRef(_Ref):
    """Exactly one collection."""
