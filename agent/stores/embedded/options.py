"""Whether a variant's option values are those asked for. Sizes go by each product's own order, else by the usual one."""

from __future__ import annotations

from collections.abc import Sequence

from agent.sdk.refs import Sizes, Where

USUAL_SIZES = ("3xs", "xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl", "4xl", "5xl", "6xl")
_SAME = {"2xs": "xxs", "2xl": "xxl", "3xl": "xxxl"}

Options = Sequence[tuple[str, Sequence[str]]]


def accepts(where: Where, options: Options, values: Sequence[str | None]) -> bool:
    """
    Args:
        options: The product's options with their values in order.
        values: The variant's value for each option.
    """
    own = {name.casefold(): (value, ordered) for (name, ordered), value in zip(options, values, strict=False) if value is not None}
    for name, accepted in where.options.items():
        found = own.get(name.casefold())
        if found is None or found[0].casefold() not in {a.casefold() for a in accepted}:
            return False
    return where.sizes is None or _in_stretch(where.sizes, own.get(where.sizes.option.casefold()))


def _in_stretch(sizes: Sizes, found: tuple[str, Sequence[str]] | None) -> bool:
    if found is None:
        return False
    value, ordered = found
    own = {o.casefold(): place for place, o in enumerate(ordered)}
    bounds = [bound for bound in (sizes.at_least, sizes.at_most) if bound is not None]
    # A bound this product has not, such as M of one that comes in S and L alone, is looked up in the usual order.
    place = own.get if all(bound.casefold() in own for bound in bounds) else _usual_place
    at, low, high = (None if v is None else place(v.casefold()) for v in (value, sizes.at_least, sizes.at_most))
    if at is None or (low is None) != (sizes.at_least is None) or (high is None) != (sizes.at_most is None):
        return False
    return (low is None or low <= at) and (high is None or at <= high)


def _usual_place(value: str) -> int | None:
    value = _SAME.get(value.strip(), value.strip())
    if value in USUAL_SIZES:
        return USUAL_SIZES.index(value)
    # Shoe sizes and the like: numbers among themselves, far from the letters.
    return 1000 + int(value) if value.isascii() and value.isdigit() and len(value) < 6 else None
