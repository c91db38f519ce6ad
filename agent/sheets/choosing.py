"""Which column is what, and what is taken from a file: told by its headings and the words beside it, and asked where both leave a doubt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from agent.sdk import say
from agent.sheets.headings import KEYS, Field, field_of, folded
from agent.sheets.numbers import Sign, decimal_sign, is_figure
from agent.sheets.reading import Row, Sheet, refused
from agent.sheets.words import How, Take, Wanted

PRICES: Sequence[Field] = ("price", "sale_price", "compare_at_price", "cost")
TEXTS: Sequence[Field] = ("new_title", "title", "description", "tags", "vendor", "product_type", "status", "seo_title", "seo_description")
UNITS: Sequence[Field] = ("stock", "received", "units")
LEAVE = "leave"
_MOSTLY = 0.6
"""Share of a column's cells that must be figures for it to be one of figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What has to be asked before anything is taken."""

    field: str
    question: str
    options: tuple[tuple[str, str], ...]
    """(value, label)"""

    def understood(self, answer: str) -> str | None:
        """The value of the option that an answer names; None where it names none."""
        said = answer.strip().casefold()
        return next((value for value, label in self.options if said in (value.casefold(), label.casefold())), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Everything decided: with the sheet alone it says what is taken."""

    heading: bool
    columns: Mapping[Field, int]
    """Where each field is."""
    any_key: int | None = None
    """A column that names products by SKU, handle or title, whichever fits."""
    take: frozenset[Take]
    signs: Mapping[int, Sign] = field(default_factory=dict)
    how: How = "set"
    location: str | None = None
    """Of all rows; None where a column says it, or no stock is taken."""
    named: frozenset[Field] = frozenset()
    """The only columns asked for, of their kind; empty for all."""
    unused: tuple[str, ...] = ()
    """Headings of columns that are not taken."""

    def values(self) -> list[Field]:
        """The fields that are taken, in the order of the columns."""
        wanted: list[Field] = []
        wanted += PRICES if "prices" in self.take else ()
        wanted += UNITS if "stock" in self.take else ()
        wanted += TEXTS if "texts" in self.take else ()
        if not self._titles:
            wanted = [each for each in wanted if each != "title"]
        return sorted((each for each in wanted if each in self.columns), key=lambda each: self.columns[each])

    @property
    def _titles(self) -> bool:
        """Whether titles are given to products, and do not tell which product is meant."""
        keyed = any(key in self.columns for key in KEYS if key != "title") or self.any_key is not None
        return keyed and "new_title" not in self.columns and (not self.named & set(TEXTS) or "title" in self.named)


@dataclass(slots=True)
class _Columns:
    sheet: Sheet
    heading: tuple[str, ...]
    places: dict[Field, int] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)
    """Columns that are understood, taken or not."""
    doubts: list[Doubt] = field(default_factory=list)
    how_known: How | None = None

    @property
    def rows(self) -> Sequence[Row]:
        return self.sheet.rows[1:] if self.heading else self.sheet.rows

    def cells(self, place: int) -> list[str]:
        return [row.at(place) for row in self.rows if row.at(place)]

    def called(self, place: int) -> str:
        return (
            shown_heading(self.heading[place]) if place < len(self.heading) and self.heading[place].strip() else str(say("column {n}", n=place + 1))
        )

    def of_figures(self, place: int) -> bool:
        cells = self.cells(place)
        return bool(cells) and sum(is_figure(cell) for cell in cells) >= _MOSTLY * len(cells)


def choose(sheet: Sheet, wanted: Wanted, answers: Mapping[str, str], *, text: str, locations: Mapping[str, str]) -> Choice | tuple[Doubt, ...]:
    """What is taken, or what has to be asked first.

    Args:
        answers: To earlier doubts: their fields to the values chosen.
        text: The merchant's words, which may name a location.
        locations: Id to name.

    Raises:
        Invalid: The file says nothing that can be taken; the sentence says what is missing.
    """
    columns = _Columns(sheet, _heading(sheet))
    if not columns.rows:
        raise refused(say("{name} has a heading and no rows under it.", name=sheet.name))
    _place(columns, answers)
    _settle_prices(columns, wanted, answers)
    _unknown(columns, wanted, answers)
    any_key = _key(columns)
    take = _taken(columns, wanted, answers)
    how = _how(columns, wanted, answers, take)
    places = _restricted(columns, wanted, take)
    signs = _signs(columns, places, take, answers)
    location = _location(places, take, answers, text, locations, columns.doubts)
    if columns.doubts:
        return tuple(columns.doubts)
    used = set(places.values()) | ({any_key} if any_key is not None else set())
    unused = tuple(shown_heading(name) for at, name in enumerate(columns.heading) if at not in used and name.strip() and columns.cells(at))
    return Choice(
        heading=bool(columns.heading), columns=places, any_key=any_key, take=take, signs=signs, how=how, location=location, unused=unused,
        named=wanted.fields,
    )  # fmt: skip


def recognised(sheet: Sheet) -> list[str]:
    """The headings of the columns that are understood, for people to see before they send it."""
    columns = _Columns(sheet, _heading(sheet))
    return [shown_heading(name) for name in columns.heading if field_of(name) is not None]


def count_rows(sheet: Sheet) -> int:
    return len(sheet.rows) - bool(_heading(sheet))


def shown_heading(name: str) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return plain if len(plain) <= 40 else plain[:39] + "…"


def _heading(sheet: Sheet) -> tuple[str, ...]:
    """The first row, where it names columns: one of its names is known, or it has no figure and the rows under it have."""
    first = sheet.rows[0].cells
    if any(field_of(cell) for cell in first):
        return first
    figures = any(is_figure(cell) for cell in first if cell.strip())
    below = any(is_figure(cell) for row in sheet.rows[1:20] for cell in row.cells)
    return first if below and not figures and len(first) > 1 else ()


def _place(columns: _Columns, answers: Mapping[str, str]) -> None:
    """Each known heading in its place. Of two with one meaning the plainer is it, and where neither is, it is asked."""
    found: dict[Field, list[int]] = {}
    for at, name in enumerate(columns.heading):
        if (what := field_of(name)) is not None:
            found.setdefault(what, []).append(at)
            columns.known.add(at)
    woo = any(folded(name) == "regularprice" for name in columns.heading)
    if woo:  # there it says "simple" or "variation"
        found.pop("product_type", None)
    for what, places in found.items():
        columns.places[what] = _one_of(columns, what, places, answers)


def _one_of(columns: _Columns, what: Field, places: list[int], answers: Mapping[str, str]) -> int:
    filled = [at for at in places if columns.cells(at)] or places
    plain = [at for at in filled if folded(columns.heading[at]).startswith(("new", "neu")) or folded(columns.heading[at]).endswith(("new", "neu"))]
    if len(plain) == 1 or len(filled) == 1:
        return (plain or filled)[0]
    if what == "stock":  # of Shopify's, what can be sold is less than what is there
        filled = [at for at in filled if not folded(columns.heading[at]).startswith("available")] or filled
    if len(filled) == 1 or (what in KEYS and len(filled) > 1):
        return filled[0]
    if what in (*PRICES, *UNITS, *TEXTS):
        asked = f"which:{what}"
        options = tuple((str(at), f"{columns.called(at)} ({say('column {n}', n=at + 1)})") for at in filled)
        if (answer := answers.get(asked)) in {value for value, _ in options}:
            return int(answer)
        columns.doubts.append(Doubt(field=asked, question=str(say("Several columns could be meant. Which one is to be taken?")), options=options))
    return filled[0]


def _settle_prices(columns: _Columns, wanted: Wanted, answers: Mapping[str, str]) -> None:
    """A column whose heading may mean one price or another."""
    if "sale_price" in columns.places and "price" not in columns.places:
        columns.places["some_price"] = columns.places.pop("sale_price")
    place = columns.places.pop("some_price", None)
    if place is None or (wanted.take and not wanted.take & {"prices", "new"}):
        return
    named = [what for what in ("compare_at_price", "cost") if what in wanted.fields]
    _meaning(columns, place, named[0] if named else None, _price_options(), answers)


def _unknown(columns: _Columns, wanted: Wanted, answers: Mapping[str, str]) -> None:
    """Figures under no heading that is known: the words say what they are, or it is asked. Beside figures that are known, others are passed over."""
    if any(what in columns.places for what in (*PRICES, *UNITS)) or columns.doubts or wanted.take == {"texts"}:
        return
    if any(what in columns.places for what in TEXTS if what != "title") and not wanted.take:
        return
    width = columns.sheet.width
    figures = [at for at in range(width) if at not in columns.known and columns.of_figures(at)]
    if len(figures) > 1 and not any(key in columns.places for key in KEYS) and len(figures) == sum(bool(columns.cells(at)) for at in range(width)):
        figures = figures[1:]  # the first tells the products, by numbers
    plainly: Field | None = None
    if len(figures) == 1 and len(wanted.take) == 1:
        plainly = "units" if "stock" in wanted.take else next(iter(wanted.fields), "price") if "prices" in wanted.take else None
    for at in figures:
        _meaning(columns, at, plainly, _price_options() if wanted.take == {"prices"} else _all_options(), answers)


def _meaning(columns: _Columns, place: int, plainly: Field | None, options: tuple[tuple[str, str], ...], answers: Mapping[str, str]) -> None:
    asked = f"column:{place}"
    answer = answers.get(asked) or plainly
    columns.known.add(place)
    if answer == LEAVE:
        return
    if answer is not None and answer in {*PRICES, *UNITS}:
        columns.places[answer] = place
        return
    question = str(say("What is in {column}?", column=f"“{columns.called(place)}”" if columns.heading else columns.called(place)))
    columns.doubts.append(Doubt(field=asked, question=question, options=options))


def _price_options() -> tuple[tuple[str, str], ...]:
    return (
        ("price", str(say("The price"))), ("compare_at_price", str(say("The crossed-out old price"))), ("cost", str(say("What it costs you"))),
        (LEAVE, str(say("Leave it out"))),
    )  # fmt: skip


def _all_options() -> tuple[tuple[str, str], ...]:
    *prices, leave = _price_options()
    return (*prices, ("stock", str(say("The new count of units"))), ("received", str(say("Units to add"))), leave)


def _key(columns: _Columns) -> int | None:
    """A column that names products under no heading that is known; None where one that is known does.

    Raises:
        Invalid: There is none.
    """
    if any(key in columns.places and columns.cells(columns.places[key]) for key in KEYS):
        return None
    taken = set(columns.places.values()) | {int(doubt.field.partition(":")[2]) for doubt in columns.doubts if doubt.field.startswith("column:")}
    free = [at for at in range(columns.sheet.width) if at not in taken and at not in columns.known and columns.cells(at)]
    named = [at for at in free if not columns.of_figures(at)] or free
    if not named:
        raise refused(
            say("No column of {name} says which product a row is about; add one with the SKU, the handle or the title.", name=columns.sheet.name)
        )
    columns.known.add(named[0])
    return named[0]


def _taken(columns: _Columns, wanted: Wanted, answers: Mapping[str, str]) -> frozenset[Take]:
    """
    Raises:
        Invalid: The file has nothing of what is wanted, or nothing at all.
    """
    there = _there(columns, wanted)
    if wanted.take:
        if (found := wanted.take & there) or columns.doubts:
            return frozenset(found)
        raise refused(say("{name} has no column with what you ask for. Its columns: {columns}.", name=columns.sheet.name, columns=_listed(columns)))
    own: set[Take] = set(there) - {"new"} - ({"texts"} if there & {"prices", "stock"} and not _more_texts(columns) else set())
    if answers.get("take"):
        return frozenset(kind for kind in answers["take"].split("+") if kind in there)
    if len(own) == 1 or (own and columns.doubts):
        return frozenset(own)
    if not own and not columns.doubts:
        raise refused(
            say("{name} has no column with prices, stock or texts. Its columns: {columns}.", name=columns.sheet.name, columns=_listed(columns))
        )
    if own:
        columns.doubts.append(Doubt(field="take", question=str(say("What is to be taken from this file?")), options=_kinds(own, "new" in there)))
    return frozenset(own)


def _more_texts(columns: _Columns) -> bool:
    """Whether there are texts beyond a title, which mostly stands there for people to read."""
    return any(what in columns.places and columns.cells(columns.places[what]) for what in TEXTS if what != "title")


def _kinds(there: Set[Take], new: bool) -> tuple[tuple[str, str], ...]:
    labels: Mapping[Take, str] = {"prices": str(say("The prices")), "stock": str(say("The stock")), "texts": str(say("The texts"))}
    found = [(kind, label) for kind, label in labels.items() if kind in there]
    every = ("+".join(kind for kind, _ in found), str(say("All of these")))
    return (*found, every, *([("new", str(say("New products")))] if new else []))


def _there(columns: _Columns, wanted: Wanted) -> frozenset[Take]:
    """What the file has, as far as it is known by now."""
    has = {what for what, at in columns.places.items() if columns.cells(at)}
    keyed = bool(has & {"variant_id", "sku", "handle"})
    texts = has & set(TEXTS) - (set() if keyed else {"title"})
    found: set[Take] = set()
    if has & set(PRICES):
        found.add("prices")
    if has & set(UNITS):
        found.add("stock")
    if texts and (not wanted.fields & set(TEXTS) or texts & _named(wanted)):
        found.add("texts")
    if {"title", "price"} <= has:
        found.add("new")
    return frozenset(found)


def _named(wanted: Wanted) -> frozenset[Field]:
    return wanted.fields | ({"new_title"} if "title" in wanted.fields else frozenset())


def _listed(columns: _Columns) -> str:
    names = [shown_heading(name) for name in columns.heading if name.strip()]
    return ", ".join(names[:12]) or str(columns.sheet.width)


def _how(columns: _Columns, wanted: Wanted, answers: Mapping[str, str], take: frozenset[Take]) -> How:
    """Whether units are the new count or come on top: told by the heading or the words, asked where neither does or they differ."""
    if "stock" not in take:
        return "set"
    plainly: How | None = "set" if "stock" in columns.places else "add" if "received" in columns.places else None
    if answers.get("how") in ("set", "add"):
        return "add" if answers["how"] == "add" else "set"
    said = {how for how in (plainly, wanted.how) if how is not None}
    if len(said) == 1:
        return next(iter(said))
    options = (("set", str(say("The new count of units"))), ("add", str(say("Units to add"))))
    columns.doubts.append(
        Doubt(field="how", question=str(say("Are the units in this file the new count, or are they to be added?")), options=options)
    )
    return "set"


def _restricted(columns: _Columns, wanted: Wanted, take: frozenset[Take]) -> dict[Field, int]:
    """The columns without those of a kind whose others were named, and with one column of units."""
    places = dict(columns.places)
    for kinds in (PRICES, TEXTS):
        named = _named(wanted) & set(kinds)
        if named and not (take & {"new"}):
            keys = set(KEYS) if "title" not in named else {"variant_id", "sku", "handle", "title"}
            places = {what: at for what, at in places.items() if what not in kinds or what in named or what in keys}
    if "stock" in places:
        places.pop("units", None)
        places.pop("received", None)
    elif "received" in places:
        places.pop("units", None)
    if take == {"new"}:
        return places
    gone = {*(PRICES if "prices" not in take else ()), *(UNITS if "stock" not in take else ()), *(TEXTS if "texts" not in take else ())} - {"title"}
    return {what: at for what, at in places.items() if what not in gone}


def _signs(columns: _Columns, places: Mapping[Field, int], take: frozenset[Take], answers: Mapping[str, str]) -> dict[int, Sign]:
    signs: dict[int, Sign] = {}
    for at in sorted({at for what, at in places.items() if what in (*PRICES, *UNITS)}):
        sign = decimal_sign(columns.cells(at))
        if sign == "?":
            told = answers.get(f"decimal:{at}")
            sign = "," if told == "," else "." if told == "." else "?"
            if sign == "?":
                columns.doubts.append(_decimal(columns, at))
        signs[at] = sign
    return signs


def _decimal(columns: _Columns, place: int) -> Doubt:
    example = next(re.sub(r"[^\d.,]", "", cell) for cell in columns.cells(place) if decimal_sign([cell]) == "?")
    bare = example.replace(".", "").replace(",", "")
    mark = "." if "." in example else ","
    other = "," if mark == "." else "."
    thousand = (other, str(say("A thousand: {figure}", figure=bare)))
    decimals = (mark, str(say("Decimals: {figure}", figure=example.replace(",", "."))))
    return Doubt(
        field=f"decimal:{place}",
        question=str(say("What does {example} in {column} mean?", example=example, column=f"“{columns.called(place)}”")),
        options=(thousand, decimals),
    )


def _location(
    places: Mapping[Field, int], take: frozenset[Take], answers: Mapping[str, str], text: str, locations: Mapping[str, str], doubts: list[Doubt]
) -> str | None:
    if not (take & {"stock"} or ("new" in take and any(what in places for what in UNITS))) or "location" in places:
        return None
    if not locations:
        raise refused(say("This shop has no location that keeps stock."))
    if answers.get("location") in locations:
        return answers["location"]
    named = list(_said(text, locations))
    if len(named) == 1 or len(locations) == 1:
        return (named or list(locations))[0]
    options = tuple(locations.items())
    doubts.append(Doubt(field="location", question=str(say("At which location is this stock?")), options=options))
    return None


def _said(text: str, locations: Mapping[str, str]) -> Iterator[str]:
    for id, name in locations.items():
        if re.search(rf"\b{re.escape(name)}\b", text, re.I):
            yield id
