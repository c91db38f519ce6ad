"""Addresses as people say them on one line, in their parts."""

import pytest

from agent.sdk import country_code
from tasks.edit_order.addresses import read_address


@pytest.mark.parametrize(
    ("said", "recipient", "street", "postcode", "city", "country"),
    [
        ("12 Hill Street, Leeds LS1 4AP, UK", None, "12 Hill Street", "LS1 4AP", "Leeds", "GB"),
        ("Mr Low, 12 Hill Street, Leeds LS1 4AP, United Kingdom", "Mr Low", "12 Hill Street", "LS1 4AP", "Leeds", "GB"),
        ("Lindenallee 4, 10115 Berlin, Germany", None, "Lindenallee 4", "10115", "Berlin", "DE"),
        ("Lindenallee 4, 10115 Berlin", None, "Lindenallee 4", "10115", "Berlin", None),
        ("5 Rue de la Paix, 75002 Paris, France", None, "5 Rue de la Paix", "75002", "Paris", "FR"),
        ("Keizersgracht 12, 1015 CX Amsterdam, NL", None, "Keizersgracht 12", "1015 CX", "Amsterdam", "NL"),
        ("1600 Amphitheatre Parkway, Mountain View, CA 94043, USA", None, "1600 Amphitheatre Parkway", "94043", "Mountain View", "US"),
        ("12 Hill Street", None, "12 Hill Street", None, None, None),
        ("Storgatan 3\n211 20 Malmö\nSweden", None, "Storgatan 3", "211 20", "Malmö", "SE"),
    ],
)
def test_an_address_is_read_in_its_parts(
    said: str, recipient: str | None, street: str | None, postcode: str | None, city: str | None, country: str | None
) -> None:
    read = read_address(said)
    assert (read.recipient, read.street, read.postcode, read.city, read.country) == (recipient, street, postcode, city, country)


@pytest.mark.parametrize(("said", "code"), [("UK", "GB"), ("uk", "GB"), ("Germany", "DE"), ("de", "DE"), ("XQ", None), ("Leeds", None), ("", None)])
def test_a_country_is_known_by_its_name_or_its_code(said: str, code: str | None) -> None:
    assert country_code(said) == code
