"""Whether a reply with status 200 is an answer at all, whatever transport brought it."""

from __future__ import annotations

from agent.dialects.base import Answer, object_of
from agent.dialects.messages import Request, Response, believed
from agent.errors import BadOutput, ContentFiltered, ProviderError


def checked(answer: Answer, request: Request, *, provider: str, model: str) -> Response:
    """The response, with the provider's name and with a usage, an estimate where it did not count.

    Raises:
        BadOutput: It is empty, does not say why it ended, or calls a tool with what is no JSON.
        ContentFiltered: A filter ended it.
    """
    found = answer.response
    usage = believed(answer.usage, request, _written(found))
    response = Response(
        text=found.text, usage=usage, provider=provider, model=model, finish=found.finish, tool_calls=found.tool_calls, reasoning=found.reasoning,
        refusal=found.refusal, id=found.id,
    )  # fmt: skip
    if failure := fault_in(response, finished=answer.finished):
        failure.provider, failure.model, failure.usage = provider, model, usage
        raise failure
    return response


def _written(response: Response) -> str:
    thoughts, calls = "".join(thought.text for thought in response.reasoning), "".join(call.arguments for call in response.tool_calls)
    return thoughts + response.text + (response.refusal or "") + calls


def fault_in(response: Response, *, finished: bool = True) -> ProviderError | None:
    if response.finish == "content_filter":
        return ContentFiltered("the provider's content filter ended the answer")
    if not finished:
        return BadOutput("the answer does not say why it ended, so it may be half of one")
    if response.is_empty and response.finish != "length":
        return BadOutput("the answer is empty")
    if response.finish == "tool_calls" and not response.tool_calls:
        return BadOutput("the answer says that it calls a tool, and calls none")
    if not all(call.name for call in response.tool_calls):
        return BadOutput("a tool is called that has no name")
    if response.finish != "length" and not all(_is_object(call.arguments) for call in response.tool_calls):
        return BadOutput("a tool is called with what is no JSON object")
    return None


def _is_object(text: str) -> bool:
    try:
        object_of(text)
    except BadOutput:
        return False
    return True
