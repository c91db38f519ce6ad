"""What does not fit about a value, said as what to give instead: pydantic's own sentences tell what its types are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Given = Mapping[str, Any]
_TEXT, _WHOLE, _NUMBER, _LIST = "Give a text, in quotation marks", "Give a whole number", "Give a number, such as 12.50", "Give a list"
_OBJECT, _FLAG = "Give a JSON object", "Give true or false"
_TIME, _DAY = "Give a time, such as 2026-11-24T09:00:00Z", "Give a day, such as 2026-11-24"
_SENTENCES: Mapping[str, str | Callable[[Given], str]] = {
    "missing": "This is missing; it has to be given",
    "extra_forbidden": "There is no such field",
    "none_required": "Leave this out, or give null",
    "string_type": _TEXT,
    "string_unicode": "Give a text in UTF-8",
    "string_too_short": lambda given: f"Give a text of at least {_counted(given['min_length'], 'character', 'characters')}",
    "string_too_long": lambda given: f"Give a text of at most {_counted(given['max_length'], 'character', 'characters')}",
    "string_pattern_mismatch": lambda given: f"Give a text of the form {given['pattern']}",
    "int_type": _WHOLE, "int_parsing": _WHOLE, "int_from_float": _WHOLE, "int_parsing_size": _WHOLE,
    "float_type": _NUMBER, "float_parsing": _NUMBER, "finite_number": _NUMBER,
    "decimal_type": _NUMBER, "decimal_parsing": _NUMBER,
    "decimal_max_places": lambda given: f"Give at most {_counted(given['decimal_places'], 'digit', 'digits')} after the point",
    "bool_type": _FLAG, "bool_parsing": _FLAG,
    "list_type": _LIST, "tuple_type": _LIST, "set_type": _LIST, "frozen_set_type": _LIST,
    "dict_type": _OBJECT, "mapping_type": _OBJECT, "model_type": _OBJECT, "model_attributes_type": _OBJECT, "dataclass_type": _OBJECT,
    "too_short": lambda given: f"Name at least {given['min_length']}",
    "too_long": lambda given: f"Name at most {given['max_length']}",
    "greater_than": lambda given: f"Give more than {_number(given['gt'])}",
    "greater_than_equal": lambda given: f"Give {_number(given['ge'])} or more",
    "less_than": lambda given: f"Give less than {_number(given['lt'])}",
    "less_than_equal": lambda given: f"Give {_number(given['le'])} or less",
    "multiple_of": lambda given: f"Give a multiple of {_number(given['multiple_of'])}",
    "literal_error": lambda given: f"Give {given['expected']}",
    "enum": lambda given: f"Give {given['expected']}",
    "datetime_type": _TIME, "datetime_parsing": _TIME, "datetime_from_date_parsing": _TIME, "datetime_object_invalid": _TIME,
    "timezone_aware": "Give the time with its zone, such as 2026-11-24T09:00:00Z",
    "date_type": _DAY, "date_parsing": _DAY, "date_from_datetime_parsing": _DAY, "date_from_datetime_inexact": _DAY,
}  # fmt: skip


def remedy(fault: ErrorDetails) -> str:
    """What to give instead, without a full stop. What a type of ours refuses is said in its own words."""
    said = _SENTENCES.get(fault["type"])
    if said is None:
        return fault["msg"].removeprefix("Value error, ")
    return said if isinstance(said, str) else said(fault.get("ctx", {}))


def _counted(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def _number(value: object) -> str:
    """A limit as people write it: what counts as a fraction by its type alone has none."""
    return str(value).removesuffix(".0")
