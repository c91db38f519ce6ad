"""An admin page with Storehand in it, and the server behind it that says who its people are. The standard library is all it needs.

    STOREHAND_KEY=sk_sh_… python embed_host.py          # then open http://127.0.0.1:9000

STOREHAND_URL is where Storehand is (http://127.0.0.1:8000), PORT where this listens (9000).
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

STOREHAND = os.environ.get("STOREHAND_URL", "http://127.0.0.1:8000")
KEY = os.environ["STOREHAND_KEY"]  # scope admin; it never leaves this server
PORT = int(os.environ.get("PORT", "9000"))
PAGE = Path(__file__).with_name("embed.html").read_text(encoding="utf-8").replace("http://127.0.0.1:8000", STOREHAND)


def signed_in(request: BaseHTTPRequestHandler) -> str:
    """Who is signed in here: your own session says so. In this example everybody is Anna."""
    return "Anna"


def sign_in_link(person: str) -> dict[str, str]:
    """What Storehand gives for somebody: {"path": "/sign-in/…"}, good once and for 15 minutes."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    asked = Request(f"{STOREHAND}/v1/sign-in-links", json.dumps({"person": person}).encode(), headers)
    with urlopen(asked, timeout=10) as reply:
        link: dict[str, str] = json.load(reply)
    return link


class Admin(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/":
            self.answer(200, "text/html; charset=utf-8", PAGE)
        else:
            self.answer(404, "text/plain", "There is nothing here.")

    def do_POST(self) -> None:
        if self.path != "/storehand-link":
            return self.answer(404, "text/plain", "There is nothing here.")
        try:
            self.answer(200, "application/json", json.dumps(sign_in_link(signed_in(self))))
        except HTTPError as error:  # its body is the problem, with a sentence for whoever runs this server
            self.log_error("%s", error.read().decode())
            self.answer(502, "text/plain", "Storehand gave no link; this server's log says why.")

    def answer(self, status: int, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    sys.stderr.write(f"Open http://127.0.0.1:{PORT}\n")
    ThreadingHTTPServer(("127.0.0.1", PORT), Admin).serve_forever()
