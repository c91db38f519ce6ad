"""What a dialect can do, in both directions, with no socket: towards a provider, and towards a caller that speaks it to us."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from agent.dialects.events import Event, Lost
from agent.dialects.messages import Ability, Request, Response, Usage
from agent.dialects.sse import SseEvent
from agent.errors import BadOutput, ProviderError, StorehandError

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How a server differs from its dialect, by data alone."""

    lacks: frozenset[Ability] = frozenset()
    limit_field: str = "max_tokens"
    """What an OpenAI-compatible server calls the most tokens of an answer."""
    path: str = ""
    """Path of the calls under the base URL, where it is not the dialect's; `{model}` stands for the model."""
    key_header: str = ""
    """Header the key goes in, where it is not the dialect's."""
    query: str = ""
    """Appended to the address, such as api-version=…"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a provider's reply says. `usage` is None when it did not count, or counted nonsense."""

    response: Response
    usage: Usage | None
    finished: bool = True
    """Whether it says why it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a caller of the proxy wants."""

    model: str
    request: Request
    stream: bool = False
    include_usage: bool = False
    unlimited: bool = False
    """The caller set no limit to the output; the route's cap is used."""
    echo: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Values of the request that the dialect repeats in its reply."""


class BadCall(StorehandError):
    """A caller's request is not what the dialect allows."""

    code, status, title = "invalid_request", 400, "The request is not valid"

    def __init__(self, message: str, *, parameter: str = "", code: str = "") -> None:
        self.parameter, self.reason = parameter, code
        super().__init__(message)


class StreamReader(Protocol):
    """Reads one answer's stream."""

    @property
    def ended(self) -> bool:
        """Whether the dialect's own end was seen; what comes after it is not read."""
        ...

    def read(self, event: SseEvent) -> Sequence[Event]:
        """
        Raises:
            ProviderError: The event says that the answer failed.
        """
        ...


class StreamWriter(Protocol):
    """Writes one answer's stream for a caller."""

    def write(self, event: Event) -> bytes: ...

    def fail(self, error: StorehandError) -> bytes:
        """The dialect's own error within a stream."""
        ...

    def end(self) -> bytes: ...


class Dialect(Protocol):
    """Pure translation."""

    @property
    def name(self) -> str: ...

    def path(self, model: str, *, stream: bool) -> str:
        """Path and query under the base URL."""
        ...

    def headers(self, key: str | None) -> Mapping[str, str]: ...

    def write_request(self, request: Request, *, model: str, stream: bool, quirks: Quirks) -> Json: ...

    def read_answer(self, body: Json) -> Answer:
        """
        Raises:
            ProviderError: It is an error, or no answer at all.
        """
        ...

    def reader(self) -> StreamReader: ...

    def read_error(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError: ...

    def read_call(self, body: bytes, *, model: str = "", stream: bool = False) -> Call:
        """
        Args:
            model: Where the address names it rather than the body.

        Raises:
            BadCall: It is not JSON, not what the dialect allows, or asks for what is not offered.
        """
        ...

    def write_call(self, call: Call) -> Json:
        """The request as a caller would write it; `read_call` reads it back."""
        ...

    def write_answer(self, response: Response, call: Call, *, created: int) -> Json: ...

    def writer(self, call: Call, *, id: str, created: int) -> StreamWriter: ...

    def write_error(self, error: StorehandError) -> tuple[int, Json]: ...


def object_of(body: bytes | str) -> Json:
    """
    Raises:
        BadOutput: It is no JSON object.
    """
    try:
        found = msgspec.json.decode(_bare(body))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadOutput("the reply is no JSON") from error
    if not isinstance(found, dict):
        raise BadOutput("the reply is no JSON object")
    return found


def _bare(body: bytes | str) -> bytes | str:
    """Without the mark at its beginning that some servers write before UTF-8."""
    return body.removeprefix("\ufeff") if isinstance(body, str) else body.removeprefix(b"\xef\xbb\xbf")


def arguments_of(text: str) -> Json:
    """What a tool is called with; nothing where the text is no JSON object, since some vendors take nothing else."""
    try:
        return object_of(text)
    except BadOutput:
        return {}


_SAYS = re.compile(r'"(?:delta|content|text|refusal|reasoning\w*|thinking|arguments|partial_json|parts|functionCall|error)"')


def unreadable(data: str) -> Lost:
    """An event of a stream that is no JSON. It is left out, unless it had begun to say something: then a piece of the answer is gone.

    Raises:
        BadOutput: It had.
    """
    if _SAYS.search(data):
        raise BadOutput("a piece of the answer came broken")
    return Lost("an event is no JSON")


def arguments_in(value: Any) -> str:
    """A call's arguments as text; some servers write the object itself. What is no object is kept, so that it is noticed."""
    return value if isinstance(value, str) else "" if value is None else dump(value)


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def object_in(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def objects_in(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


MOST_TOKENS = 1_000_000_000
"""No call has as many; what counts more is broken, and must be neither billed nor kept."""


def count_of(value: Any) -> int | None:
    """A token count; None for anything else, also for a negative or an impossible one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS else None


def dump(value: Any) -> str:
    return msgspec.json.encode(value).decode()
