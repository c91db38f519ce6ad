"""Templates to HTML. Everything is escaped; what a template prints is made visible first."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Response
from markupsafe import Markup, escape

from agent.web.panel.markdown import said
from agent.web.panel.words import Words, humanised, visible

HERE = Path(__file__).resolve().parent.parent
STATIC = HERE / "static"
_METRIC = re.compile(r"(?:^|(?<=\. ))([a-z]+(?:_[a-z]+)*):(?= )")


class Pages:
    """The panel's templates."""

    def __init__(self) -> None:
        self._version = _version(STATIC)
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
            finalize=visible,
        )
        # Newstyle: `_` and `trans` call the page's own `gettext` with the variables, so that one environment serves every locale.
        self._environment.newstyle_gettext = True  # type: ignore[attr-defined]  # put there by the extension
        self._environment.globals["_"] = _translate
        self._environment.filters |= {
            "humanised": humanised,
            "as_is": _as_is,
            "slug": slug,
            "said": said,
            "told": _told,
            "coded": _coded,
            "named": _named,
        }
        self._environment.globals["static"] = self.static
        self._environment.globals["icons"] = self._environment.get_template("parts/icons.html").module

    def static(self, name: str) -> str:
        return f"/static/{name}?v={self._version}"

    def text(self, template: str, words: Words, /, **values: Any) -> str:
        return self._environment.get_template(template).render(words=words, gettext=words.gettext, ngettext=words.ngettext, **values)

    def page(self, template: str, words: Words, /, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any) -> Response[str]:
        return Response(self.text(template, words, **values), status_code=status, media_type="text/html", headers=dict(headers or {}))


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence put at the top of the page when something did not work."""

    title: str
    detail: str
    request_id: str


@pass_context
def _told(context: Context, sentence: Any) -> Any:
    """A finished sentence of the server in the page's language; what is no text is left as it is."""
    words: Words = context["words"]
    return words.told(sentence) if isinstance(sentence, str) else sentence


@pass_context
def _named(context: Context, sentence: str) -> str:
    """A definition of several metrics with each called as the page calls it: “Net sales: …” for “net_sales: …”."""
    return _METRIC.sub(lambda found: f"{_translate(context, humanised(found[1]))}:", sentence)


@pass_context
def _translate(context: Context, message: str, /, **variables: Any) -> str:
    translated: str = context["gettext"](message, **variables)
    return translated


def slug(id: str) -> str:
    """An id that can stand in an element's id and in a selector."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in id)


def _as_is(value: Any) -> Markup:
    """Escaped but not made visible: for a text box, whose text goes back into the store."""
    return Markup(escape(str(value)))


def _coded(sentence: str) -> Markup:
    """A sentence of ours with what stands in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(sentence))))


def sent_as(path: Path) -> bytes:
    """A file as a browser gets it: our own script and style without indentation, comments and blanks that say nothing, a fifth of them."""
    content = path.read_text(encoding="utf-8")
    if path.parent != STATIC or path.suffix not in (".css", ".js"):
        return content.encode()
    if path.suffix == ".css":
        content = re.sub(r"/\*.*?\*/", "", content, flags=re.DOTALL)
        content = re.sub(r"([:;,{]) | (?=\{)| (>) ", r"\1\2", content)
        return re.sub(r"\s*\n\s*", "", re.sub(r";?\s*\}", "}", content)).encode()
    lines = (re.sub(r"(^|\s+)//\s.*", "", line.strip()) for line in content.splitlines())
    packed = "\n".join(line for line in lines if line)
    packed = re.sub(r" (=>|[=!]==|&&|\|\||\?\?|=) |\b(if|for|catch) (?=\()|(?<=\)) (?=\{)|(?<=\{) | (?=\})", r"\1\2", packed)
    return re.sub(r"(?<=[;{,(])\n", "", packed).encode()


def _version(folder: Path) -> str:
    """Changes with any file, so that browsers may keep each for ever."""
    made = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        made.update(path.name.encode() + path.read_bytes())
    return made.hexdigest()[:12]
