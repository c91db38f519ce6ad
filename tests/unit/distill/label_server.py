"""A model server on loopback that labels by meaning, in OpenAI's dialect."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from distill_data import WORDS

MEANING = {word: label for label, words in WORDS.items() for word in words.split()}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    may_answer: threading.Event | None = None

    def do_POST(self) -> None:
        if self.may_answer is not None:
            self.may_answer.wait(120)
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        text = body["messages"][0]["content"].split('">\n', 1)[1].split("\n</data>")[0]
        words = text.replace("!", " ").replace(",", " ").split()
        label = next(MEANING[word] for word in reversed(words) if word in MEANING)
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": json.dumps({"label": label})}}
        usage = {"prompt_tokens": 80, "completion_tokens": 5, "total_tokens": 85}
        said = json.dumps({"id": "c1", "object": "chat.completion", "created": 1, "model": body["model"], "choices": [choice], "usage": usage})
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on stderr, which the test reads."""


@contextmanager
def labelling(may_answer: threading.Event | None = None) -> Iterator[str]:
    """Its address while the block runs.

    Args:
        may_answer: Set when calls are to be answered; until then they wait.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"may_answer": may_answer}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
