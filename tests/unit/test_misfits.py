"""What is said of a value that does not fit: what to give instead, and never the name of a type."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.types import AwareDatetime

from agent.misfits import remedy


class Inner(BaseModel):
    n: int


class Taken(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=8)] = "x"
    code: Annotated[str, Field(pattern="^[a-z]+$")] = "x"
    limit: Annotated[int, Field(ge=1, le=200)] = 1
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    price: Decimal = Decimal(1)
    dry: bool = False
    names: Annotated[list[str], Field(min_length=1, max_length=2)] = ["x"]
    way: Literal["up", "down"] = "up"
    day: date = date(2026, 11, 24)
    at: datetime = datetime(2026, 11, 24)
    aware: AwareDatetime | None = None
    inner: Inner | None = None
    facts: dict[str, str] = {}
    either: str | list[str] = ""


def told(**sent: Any) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        Taken.model_validate(sent)
    return [remedy(fault) for fault in refused.value.errors()]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"text": 5}, "Give a text, in quotation marks"),
        ({"text": ""}, "Give a text of at least 1 character"),
        ({"text": "x" * 9}, "Give a text of at most 8 characters"),
        ({"code": "A1"}, "Give a text of the form ^[a-z]+$"),
        ({"limit": "many"}, "Give a whole number"),
        ({"limit": 1.5}, "Give a whole number"),
        ({"limit": 0}, "Give 1 or more"),
        ({"limit": 900}, "Give 200 or less"),
        ({"share": 0}, "Give more than 0"),
        ({"share": 1}, "Give less than 1"),
        ({"share": "half"}, "Give a number, such as 12.50"),
        ({"price": "cheap"}, "Give a number, such as 12.50"),
        ({"dry": "maybe"}, "Give true or false"),
        ({"names": "Anna"}, "Give a list"),
        ({"names": []}, "Name at least 1"),
        ({"names": ["a", "b", "c"]}, "Name at most 2"),
        ({"way": "left"}, "Give 'up' or 'down'"),
        ({"day": "soon"}, "Give a day, such as 2026-11-24"),
        ({"at": "soon"}, "Give a time, such as 2026-11-24T09:00:00Z"),
        ({"aware": "2026-11-24T09:00:00"}, "Give the time with its zone, such as 2026-11-24T09:00:00Z"),
        ({"inner": "x"}, "Give a JSON object"),
        ({"inner": {}}, "This is missing; it has to be given"),
        ({"facts": []}, "Give a JSON object"),
        ({"colour": "red"}, "There is no such field"),
    ],
)
def test_a_value_that_does_not_fit_is_told_by_what_would(sent: dict[str, Any], said: str) -> None:
    assert told(**sent) == [said]
    assert not re.search(r"(?i)\binput\b|\bvalid\b|\bvalidation\b|str(?:ing)?\b.*should", said)


def test_of_a_value_that_may_be_several_things_each_is_told() -> None:
    assert told(either=5) == ["Give a text, in quotation marks", "Give a list"]
