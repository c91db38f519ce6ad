"""Requests and answers as every dialect can say them, for laws about dialects. What a dialect has no words for is left out for it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from hypothesis import strategies as st

from agent.dialects.base import Call
from agent.dialects.messages import Image, Message, NamedTool, Part, Reasoning, Request, Response, Text, Tool, ToolCall, ToolResult, Usage

NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
WORDS = st.text(min_size=1, max_size=40)
OPAQUE = st.from_regex(r"[A-Za-z0-9+/]{4,20}", fullmatch=True)
ARGUMENTS = st.dictionaries(NAMES, st.one_of(WORDS, st.integers(-(2**40), 2**40), st.booleans(), st.none()), max_size=3)
SCHEMAS = st.fixed_dictionaries({"type": st.just("object"), "properties": st.dictionaries(NAMES, st.just({"type": "string"}), max_size=3)})
IMAGES = st.one_of(
    st.builds(Image, url=NAMES.map(lambda name: f"https://shop.example/{name}.png")),
    st.builds(Image, media_type=st.sampled_from(["image/png", "image/jpeg"]), data=OPAQUE),
)


@st.composite
def thoughts(draw: st.DrawFn, dialect: str) -> Reasoning:
    if dialect == "anthropic":
        return draw(st.one_of(st.builds(Reasoning, text=WORDS, signature=OPAQUE), st.builds(Reasoning, hidden=OPAQUE)))
    if dialect == "gemini":
        return draw(st.builds(Reasoning, text=WORDS, signature=st.none() | OPAQUE))
    return draw(st.builds(Reasoning, text=WORDS, signature=OPAQUE, hidden=st.none() | OPAQUE))


@st.composite
def calls(draw: st.DrawFn, dialect: str, id: str) -> ToolCall:
    signature = draw(st.none() | OPAQUE) if dialect in ("gemini", "openai") else None
    return ToolCall(id=id, name=draw(NAMES), arguments=msgspec.json.encode(draw(ARGUMENTS)).decode(), signature=signature)


@st.composite
def conversations(draw: st.DrawFn, dialect: str) -> tuple[Message, ...]:
    messages = [Message("system", draw(WORDS))] if draw(st.booleans()) else []
    for turn in range(draw(st.integers(1, 3))):
        pictures: list[Part] = list(draw(st.lists(IMAGES, max_size=2)))
        messages.append(Message("user", [Text(draw(WORDS)), *pictures]))
        said: list[Part] = [draw(thoughts(dialect))] if dialect != "openai" and draw(st.booleans()) else []
        called = [draw(calls(dialect, f"call_{turn}_{n}")) for n in range(draw(st.integers(0, 2)))]
        if not called or draw(st.booleans()):
            said.append(Text(draw(WORDS)))
        messages.append(Message("assistant", [*said, *called]))
        if called:
            messages.append(Message("tool", [draw(results(dialect, call)) for call in called]))
    return (*messages, Message("user", draw(WORDS)))


@st.composite
def results(draw: st.DrawFn, dialect: str, call: ToolCall) -> ToolResult:
    failed = draw(st.booleans()) if dialect in ("anthropic", "gemini") else False
    return ToolResult(call_id=call.id, text=draw(WORDS), name=call.name if dialect == "gemini" else "", failed=failed)


EFFORTS = {
    "openai": ["none", "minimal", "low", "medium", "high", "xhigh"],
    "openai_responses": ["none", "minimal", "low", "medium", "high", "xhigh"],
    "anthropic": ["low", "medium", "high", "xhigh"],
    "gemini": ["minimal", "low", "medium", "high"],
}
EXTRAS = {
    "openai": st.fixed_dictionaries({"seed": st.integers(0, 99)}),
    "openai_responses": st.just({"text": {"verbosity": "low"}}),
    "anthropic": st.fixed_dictionaries({"top_k": st.integers(1, 9)}),
    "gemini": st.fixed_dictionaries({"generationConfig": st.fixed_dictionaries({"seed": st.integers(0, 99)})}),
}


@st.composite
def requests(draw: st.DrawFn, dialect: str) -> Request:
    tools = tuple(draw(st.lists(tool(dialect), max_size=2, unique_by=lambda one: one.name)))
    choice = draw(st.one_of(st.sampled_from(["auto", "none", "any"]), st.just(NamedTool(tools[0].name)))) if tools else "auto"
    schema = draw(st.none() | SCHEMAS)
    extra = draw(st.just({}) | EXTRAS[dialect]) if schema is None else {}
    return Request(
        messages=draw(conversations(dialect)),
        schema=schema,
        schema_name=draw(NAMES) if schema is not None and dialect.startswith("openai") else "answer",
        json_object=schema is None and not extra and dialect != "anthropic" and draw(st.booleans()),
        max_output=draw(st.integers(1, 10_000)),
        temperature=draw(st.none() | st.sampled_from([0.0, 0.5, 1.0])),
        top_p=draw(st.none() | st.sampled_from([0.1, 1.0])),
        stop=tuple(draw(st.lists(WORDS, max_size=2))) if dialect != "openai_responses" else (),
        tools=tools,
        tool_choice=choice,
        parallel_tools=draw(st.none() | st.booleans()) if tools and dialect != "gemini" else None,
        effort=draw(st.none() | st.sampled_from(EFFORTS[dialect])),
        extra=extra,
        extra_dialect=dialect if extra else "",
    )


def tool(dialect: str) -> st.SearchStrategy[Tool]:
    strict = {"openai": st.none() | st.booleans(), "anthropic": st.none() | st.booleans(), "openai_responses": st.booleans(), "gemini": st.none()}
    return st.builds(Tool, name=NAMES, description=st.text(max_size=20), parameters=SCHEMAS, strict=strict[dialect])


@st.composite
def proxy_calls(draw: st.DrawFn, dialect: str) -> Call:
    stream = draw(st.booleans())
    unlimited = dialect != "anthropic" and draw(st.booleans())
    request = draw(requests(dialect))
    return Call(
        model=draw(NAMES),
        request=replace(request, max_output=4096) if unlimited else request,
        stream=stream,
        include_usage=stream and dialect == "openai" and draw(st.booleans()),
        unlimited=unlimited,
    )


@st.composite
def usages(draw: st.DrawFn, dialect: str) -> Usage:
    plain, cached, output = draw(st.integers(1, 10**6)), draw(st.integers(0, 10**6)), draw(st.integers(0, 10**6))
    written = draw(st.integers(0, 10**5)) if dialect != "gemini" else 0
    hour = draw(st.integers(0, written)) if dialect == "anthropic" else 0
    return Usage(
        input=plain + cached + written,
        output=output,
        cached=cached,
        cache_written=written,
        cache_written_1h=hour,
        reasoning=draw(st.integers(0, output)),
    )


@st.composite
def answers(draw: st.DrawFn, dialect: str) -> Response:
    called = tuple(draw(calls(dialect, f"call_{n}")) for n in range(draw(st.integers(0, 2))))
    refusal = draw(st.none() | WORDS) if dialect.startswith("openai") else None
    finish = "tool_calls" if called else draw(st.sampled_from(["stop", "length", "content_filter"]))
    return Response(
        text=draw(st.text(max_size=60)),
        usage=draw(usages(dialect)),
        provider="",
        model=draw(NAMES),
        finish=finish,  # type: ignore[arg-type]  # one of the four
        tool_calls=called,
        reasoning=(draw(thoughts(dialect)),) if draw(st.booleans()) else (),
        refusal=refusal,
        id=draw(NAMES),
    )
