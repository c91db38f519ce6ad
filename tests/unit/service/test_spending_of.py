from __future__ import annotations

import asyncio

import pytest

from agent.dialects.messages import Message, Request
from agent.errors import Unsupported
from agent.gateway import Gateway, Target
from agent.providers.scripted import ScriptedProvider
from agent.records import Principal, Scope
from agent.service.execution import spending_of


def test_a_keys_list_of_models_holds_for_its_asks_too() -> None:
    small, big = ScriptedProvider(["from the small one"], name="small"), ScriptedProvider(["from the big one"], name="big")
    gateway = Gateway({"fast": [Target(small, "m")], "frontier": [Target(big, "m")]})
    key = Principal("key_1", "key", "Till", "shop", frozenset({Scope.ASK}), models=frozenset({"fast"}))
    request = Request(messages=[Message("user", "Hello")])
    with spending_of(key, run="run_1"):
        assert asyncio.run(gateway.complete(request, alias="fast", purpose="plan")).text == "from the small one"
        with pytest.raises(Unsupported, match="this key may not use `frontier`"):
            asyncio.run(gateway.complete(request, alias="frontier", purpose="plan"))
    assert len(big.history) == 0
