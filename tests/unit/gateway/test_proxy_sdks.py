"""The vendors' own SDKs as clients of the proxy, each in its own dialect, over providers that speak another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from proxy_server import Proxy, proxy

from agent.testing.fake_provider import TEXT

pytestmark = [
    # The SDKs' own habits, none of ours.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def run(folder: Path, test: Callable[[Proxy], Awaitable[Any]], **parts: Any) -> Any:
    async def inside() -> Any:
        async with proxy(folder, **parts) as running:
            return await test(running)

    return asyncio.run(inside())


def sdk(name: str) -> Any:
    return pytest.importorskip(name, reason=f"the SDK {name} is not installed", exc_type=ImportError)


def test_openai_chats_and_streams(tmp_path: Path) -> None:
    openai = sdk("openai")

    async def talk(p: Proxy) -> tuple[str, str, int, str]:
        async with openai.AsyncOpenAI(base_url=f"{p.url}/llm/v1", api_key=p.key, max_retries=0) as client:
            said = [{"role": "user", "content": "Say it."}]
            whole = await client.chat.completions.create(model="frontier", messages=said)
            streamed, total = "", 0
            stream = await client.chat.completions.create(model="frontier", messages=said, stream=True, stream_options={"include_usage": True})
            async for chunk in stream:
                streamed += (chunk.choices[0].delta.content or "") if chunk.choices else ""
                total = chunk.usage.total_tokens if chunk.usage else total
            models = [model.id async for model in client.models.list()]
            return whole.choices[0].message.content, streamed.strip(), total, models[0]

    assert run(tmp_path, talk, dialect="anthropic") == (TEXT, TEXT.strip(), 65, "frontier")


def test_openai_responses_and_streams_them(tmp_path: Path) -> None:
    openai = sdk("openai")

    async def talk(p: Proxy) -> tuple[str, str]:
        async with openai.AsyncOpenAI(base_url=f"{p.url}/llm/v1", api_key=p.key, max_retries=0) as client:
            whole = await client.responses.create(model="frontier", input="Say it.", store=False)
            async with client.responses.stream(model="frontier", input="Say it.", store=False) as stream:
                async for _ in stream:
                    pass
                final = await stream.get_final_response()
            return whole.output_text, final.output_text.strip()

    assert run(tmp_path, talk, dialect="gemini") == (TEXT, TEXT.strip())


def test_anthropic_talks_and_streams(tmp_path: Path) -> None:
    anthropic = sdk("anthropic")

    async def talk(p: Proxy) -> tuple[str, str, int]:
        async with anthropic.AsyncAnthropic(base_url=f"{p.url}/llm", api_key=p.key, max_retries=0) as client:
            said = [{"role": "user", "content": "Say it."}]
            whole = await client.messages.create(model="frontier", max_tokens=100, messages=said)
            async with client.messages.stream(model="frontier", max_tokens=100, messages=said) as stream:
                final = await stream.get_final_message()
            return whole.content[0].text, final.content[0].text.strip(), final.usage.input_tokens + final.usage.output_tokens

    assert run(tmp_path, talk, dialect="openai") == (TEXT, TEXT.strip(), 65)


def test_google_generates_and_streams(tmp_path: Path) -> None:
    genai = sdk("google.genai")

    async def talk(p: Proxy) -> tuple[str, str]:
        client = genai.Client(api_key=p.key, http_options={"base_url": f"{p.url}/llm"})
        whole = await client.aio.models.generate_content(model="frontier", contents="Say it.")
        streamed = ""
        async for chunk in await client.aio.models.generate_content_stream(model="frontier", contents="Say it."):
            streamed += chunk.text or ""
        return whole.text, streamed.strip()

    assert run(tmp_path, talk, dialect="openai") == (TEXT, TEXT.strip())


@pytest.mark.parametrize("fault", ["sseerr", "truncate", "trunclean"])
def test_every_sdk_raises_when_a_stream_breaks_rather_than_take_half_for_the_whole(tmp_path: Path, fault: str) -> None:
    openai, anthropic = sdk("openai"), sdk("anthropic")

    async def talk(p: Proxy) -> list[str]:
        said, raised = [{"role": "user", "content": "Say it."}], []
        async with openai.AsyncOpenAI(base_url=f"{p.url}/llm/v1", api_key=p.key, max_retries=0) as client:
            try:
                async for _ in await client.chat.completions.create(model="frontier", messages=said, stream=True):
                    pass
            except openai.APIError:
                raised.append("openai")
        async with anthropic.AsyncAnthropic(base_url=f"{p.url}/llm", api_key=p.key, max_retries=0) as client:
            try:
                async with client.messages.stream(model="frontier", max_tokens=100, messages=said) as stream:
                    await stream.get_final_message()
            except anthropic.APIError:
                raised.append("anthropic")
        return raised

    assert run(tmp_path, talk, fault=fault) == ["openai", "anthropic"]


def test_a_wrong_key_is_each_sdks_own_authentication_error(tmp_path: Path) -> None:
    openai, anthropic = sdk("openai"), sdk("anthropic")

    async def talk(p: Proxy) -> None:
        said = [{"role": "user", "content": "Say it."}]
        async with openai.AsyncOpenAI(base_url=f"{p.url}/llm/v1", api_key="sk_sh_wrong", max_retries=0) as client:
            with pytest.raises(openai.AuthenticationError):
                await client.chat.completions.create(model="frontier", messages=said)
        async with anthropic.AsyncAnthropic(base_url=f"{p.url}/llm", api_key="sk_sh_wrong", max_retries=0) as client:
            with pytest.raises(anthropic.AuthenticationError):
                await client.messages.create(model="frontier", max_tokens=5, messages=said)

    run(tmp_path, talk)
