"""What the vendors send, as samples to hold the dialects against.

None of these was captured from a live account: each was written down by hand after the vendor's own reference, read on 2026-11-22
(developers.openai.com/api/reference, platform.claude.com/docs/en/api/messages, ai.google.dev/api/generate-content), without our dialects.
"""

# ruff: noqa: E501  # an event of a stream is one line, however long

from __future__ import annotations

from agent.dialects.messages import Reasoning, Response, ToolCall, Usage

CALL = ToolCall(id="call_9", name="look_up", arguments='{"title":"Blue mug"}')

ANSWERS: dict[str, tuple[str, Response]] = {
    "openai": (
        """{"id":"chatcmpl-B9","object":"chat.completion","created":1741570283,"model":"gpt-6-sol-2026-09-01","choices":[{"index":0,"message":{"role":
        "assistant","content":"Let me look.","refusal":null,"annotations":[],"tool_calls":[{"id":"call_9","type":"function","function":{"name":"look_up",
        "arguments":"{\\"title\\":\\"Blue mug\\"}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1117,"completion_tokens":46,
        "total_tokens":1163,"prompt_tokens_details":{"cached_tokens":1024,"cache_write_tokens":0,"audio_tokens":0},"completion_tokens_details":
        {"reasoning_tokens":30,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default"}""",
        Response(
            text="Let me look.", usage=Usage(input=1117, output=46, cached=1024, reasoning=30), provider="", model="gpt-6-sol-2026-09-01",
            finish="tool_calls", tool_calls=(CALL,), id="chatcmpl-B9",
        ),
    ),
    "openai_responses": (
        """{"id":"resp_67","object":"response","created_at":1741476542,"status":"completed","error":null,"incomplete_details":null,"model":"gpt-6-sol",
        "output":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"I need the product."}],"encrypted_content":"gAAA"},
        {"type":"message","id":"msg_67","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Let me look.","annotations":[]}]},
        {"type":"function_call","id":"fc_1","call_id":"call_9","name":"look_up","arguments":"{\\"title\\":\\"Blue mug\\"}","status":"completed"}],
        "usage":{"input_tokens":36,"input_tokens_details":{"cached_tokens":0},"output_tokens":87,"output_tokens_details":{"reasoning_tokens":60},
        "total_tokens":123}}""",
        Response(
            text="Let me look.", usage=Usage(input=36, output=87, reasoning=60), provider="", model="gpt-6-sol", finish="tool_calls",
            tool_calls=(CALL,), reasoning=(Reasoning(text="I need the product.", signature="rs_1", hidden="gAAA"),), id="resp_67",
        ),
    ),
    "anthropic": (
        """{"id":"msg_013","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[{"type":"thinking","thinking":"I need the product.",
        "signature":"EqQB"},{"type":"text","text":"Let me look."},{"type":"tool_use","id":"call_9","name":"look_up","input":{"title":"Blue mug"}}],
        "stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":21,"cache_creation_input_tokens":188,"cache_read_input_tokens":2048,
        "cache_creation":{"ephemeral_5m_input_tokens":88,"ephemeral_1h_input_tokens":100},"output_tokens":393,"service_tier":"standard"}}""",
        Response(
            text="Let me look.", usage=Usage(input=2257, output=393, cached=2048, cache_written=188, cache_written_1h=100), provider="",
            model="claude-sonnet-5-5", finish="tool_calls", tool_calls=(CALL,), reasoning=(Reasoning(text="I need the product.", signature="EqQB"),),
            id="msg_013",
        ),
    ),
    "gemini": (
        """{"candidates":[{"content":{"parts":[{"text":"I need the product.","thought":true},{"text":"Let me look."},{"functionCall":{"id":"call_9","name":
        "look_up","args":{"title":"Blue mug"}},"thoughtSignature":"CiQB"}],"role":"model"},"finishReason":"STOP","index":0,"safetyRatings":[]}],
        "usageMetadata":{"promptTokenCount":120,"cachedContentTokenCount":100,"candidatesTokenCount":20,"thoughtsTokenCount":64,
        "toolUsePromptTokenCount":7,"totalTokenCount":211},"modelVersion":"gemini-3.8-flash","responseId":"r-1"}""",
        Response(
            text="Let me look.", usage=Usage(input=127, output=84, cached=100, reasoning=64), provider="", model="gemini-3.8-flash",
            finish="tool_calls", tool_calls=(ToolCall(id="call_9", name="look_up", arguments=CALL.arguments, signature="CiQB"),),
            reasoning=(Reasoning(text="I need the product."),), id="r-1",
        ),
    ),
}  # fmt: skip

STREAMS: dict[str, tuple[str, str, Usage]] = {
    "openai": (
        """data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}],"usage":null}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hello"}}],"usage":null}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":8,"completion_tokens":1,"total_tokens":9}}

data: [DONE]

""",
        "Hello",
        Usage(input=8, output=1),
    ),
    "openai_responses": (
        """event: response.created
data: {"type":"response.created","response":{"id":"resp_1","object":"response","status":"in_progress","model":"m","output":[]},"sequence_number":0}

event: response.output_text.delta
data: {"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"Hello","sequence_number":1}

event: response.completed
data: {"type":"response.completed","response":{"id":"resp_1","status":"completed","model":"m","output":[],"usage":{"input_tokens":8,"output_tokens":1}}}

""",
        "Hello",
        Usage(input=8, output=1),
    ),
    "anthropic": (
        """event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"m","stop_reason":null,"usage":{"input_tokens":25,"output_tokens":1,"cache_read_input_tokens":10}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: ping
data: {"type": "ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}

event: message_stop
data: {"type":"message_stop"}

""",
        "Hello",
        Usage(input=35, output=15, cached=10),
    ),
    "gemini": (
        """data: {"candidates":[{"content":{"parts":[{"text":"Hel"}],"role":"model"},"index":0}],"modelVersion":"m","responseId":"r"}

data: {"candidates":[{"content":{"parts":[{"text":"lo"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":1,"thoughtsTokenCount":5},"modelVersion":"m"}

""",
        "Hello",
        Usage(input=8, output=6, reasoning=5),
    ),
}
