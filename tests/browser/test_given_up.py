"""What is watched on every page: a request that ends early is a fault, but for one that its element says may be given up."""

from __future__ import annotations

from typing import Any

import pytest

_SENDS_AND_GIVES_UP = """sync => {
  document.body.insertAdjacentHTML("beforeend", `<div id="asks" hx-get="/tasks" hx-trigger="go" hx-swap="none" ${sync}></div>`);
  const asks = document.querySelector("#asks");
  htmx.process(asks);
  asks.addEventListener("htmx:beforeSend", ({ detail }) => setTimeout(() => detail.xhr.abort(), 0));
  return new Promise(done => { asks.addEventListener("htmx:sendAbort", () => setTimeout(done, 0)); asks.dispatchEvent(new Event("go")); });
}"""


@pytest.mark.parametrize(
    ("sync", "faults"), [('hx-sync="this:replace"', []), ("", ["console error: given up, and nothing says that it may be: /tasks"])]
)
def test_a_request_given_up_is_a_fault_unless_its_element_says_that_it_may_be(watched: Any, sync: str, faults: list[str]) -> None:
    watched.sign_in().evaluate(_SENDS_AND_GIVES_UP, sync)
    assert watched.faults == faults
    watched.faults.clear()
