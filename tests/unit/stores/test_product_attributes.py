import pytest

from agent.errors import StoreRefused
from agent.stores.embedded.attributes import checked_attributes


def test_attributes_are_kept_by_name_in_one_order() -> None:
    assert checked_attributes({"Size": ["M"], "Color": ("Blue", "White")}) == {"Color": ["Blue", "White"], "Size": ["M"]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"": ["Blue"]}, {"Color": []}, {"Color": "Blue"}, {"Color": [" "]}, {"Color": ["Blue\nGreen"]}, {"Color": [7]}, {"x" * 61: ["Blue"]},
        {"Color": ["x"] * 21}, {str(n): ["x"] for n in range(51)}, ["Color"],
    ],
)  # fmt: skip
def test_attributes_that_are_not_names_with_lists_of_text_are_refused(wrong: object) -> None:
    with pytest.raises(StoreRefused):
        checked_attributes(wrong)
