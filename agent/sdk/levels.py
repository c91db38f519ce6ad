"""Units of a variant at one place, as a change holds them: the field "stock:LOCATION", None where the place keeps none of it.

None and 0 are as many units and not the same: undoing what first put goods at a place takes the level away, undoing a recount to 0 does not.
"""

from __future__ import annotations

from typing import Any

_FIELD = "stock:"


def level_at(location: str) -> str:
    """The field of the units at this place."""
    return _FIELD + location


def location_in(field: str | None) -> str | None:
    """The location's id in a field such as "stock:loc_1"; None for any other field."""
    return field.removeprefix(_FIELD) if field is not None and field.startswith(_FIELD) else None


def counted(field: str | None, value: Any) -> Any:
    """A field's value as people count it, and as two of it are compared: no level is 0 units, anything else is as it is."""
    return 0 if value is None and location_in(field) is not None else value
