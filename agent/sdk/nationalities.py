"""What people of a country are called, for "German customers"."""

from __future__ import annotations

NATIONALITIES = {
    "american": "United States", "australian": "Australia", "austrian": "Austria", "belgian": "Belgium", "brazilian": "Brazil",
    "british": "United Kingdom", "canadian": "Canada", "chinese": "China", "croatian": "Croatia", "czech": "CZ", "danish": "Denmark",
    "dutch": "Netherlands", "estonian": "Estonia", "finnish": "Finland", "french": "France", "german": "Germany", "greek": "Greece",
    "hungarian": "Hungary", "icelandic": "Iceland", "indian": "India", "irish": "Ireland", "italian": "Italy", "japanese": "Japan",
    "latvian": "Latvia", "lithuanian": "Lithuania", "norwegian": "Norway", "polish": "Poland", "portuguese": "Portugal",
    "romanian": "Romania", "slovak": "Slovakia", "slovenian": "Slovenia", "spanish": "Spain", "swedish": "Sweden", "swiss": "Switzerland",
    "turkish": "Türkiye", "ukrainian": "Ukraine",
}  # fmt: skip
