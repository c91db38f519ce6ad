"""A postal address as people say it on one line, in its parts."""

import re
from dataclasses import dataclass

from agent.sdk import Address, country_code

_POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d|\d{4}\s?[A-Z]{2}|(?:[A-Z]{1,2}-)?\d{4,6}(?:-\d{3,4})?|\d{3}\s\d{2})\b"
)
"""British, Canadian, Dutch, and those of digits alone ("10115", "D-10115", "90210-1234", "211 20")."""
_REGION = re.compile(r"\b(?P<region>[A-Z]{2,3})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an address says; `country` is None where it names none."""

    country: str | None
    city: str | None
    postcode: str | None
    street: str | None
    region: str | None = None
    recipient: str | None = None

    def in_country(self, code: str) -> Address:
        return Address(country=code, city=self.city, postcode=self.postcode, street=self.street, region=self.region, recipient=self.recipient)


def read_address(said: str) -> Said:
    """The parts of "Mr Low, 12 Hill Street, Leeds LS1 4AP, UK": each between commas or lines, the country last, the postcode by its shape."""
    parts = [part.strip(" .") for part in re.split(r"[,;\n]+", said) if part.strip(" .")]
    country = country_code(parts[-1]) if len(parts) > 1 else None
    if country is not None:
        parts = parts[:-1]
    recipient = parts.pop(0) if len(parts) > 1 and not re.search(r"\d", parts[0]) and re.search(r"\d", parts[1]) else None
    street = parts.pop(0) if len(parts) > 1 or (parts and re.search(r"\d", parts[0]) and not _is_place(parts[0])) else None
    postcode, city, region = _place(parts)
    return Said(country=country, city=city, postcode=postcode, street=street, region=region, recipient=recipient)


def _is_place(part: str) -> bool:
    """ "10115 Berlin" is a place, "12 Hill Street" is not: the number of a house is no postcode."""
    found = _POSTCODE.match(part)
    return found is not None and len(re.sub(r"\D", "", found[0])) >= 4 and found[0] != part


def _place(parts: list[str]) -> tuple[str | None, str | None, str | None]:
    """Postcode, city and region; what else there was before the city is part of it."""
    text = ", ".join(parts)
    found = list(_POSTCODE.finditer(text))
    postcode = found[-1][0] if found else None
    rest = text if postcode is None else (text[: found[-1].start()] + " " + text[found[-1].end() :])
    rest = re.sub(r"\s*,\s*(?:,\s*)*", ", ", re.sub(r"\s+", " ", rest)).strip(" ,")
    region = _REGION.search(rest)
    if region is not None and region.start() > 0:
        return postcode, rest[: region.start()].strip(" ,") or None, region["region"]
    return postcode, rest or None, None
