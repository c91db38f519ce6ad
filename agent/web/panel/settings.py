"""The page Settings: how this browser shows the panel, what the shop is, and what the config file says, each with where to change it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import make_url

from agent.errors import Invalid
from agent.languages.catalogues import name_of
from agent.records import Scope
from agent.settings import Origin, Part, Settings
from agent.web.panel.desk import THEME, THEMES, Desk, elsewhere
from agent.web.panel.installation import Installation

_A_YEAR = 365 * 24 * 3600
_OPEN = ("limits",)
"""Tables that everyone may see: they say what an approval cannot exceed."""
_TABLES = ("limits", "students", "gateway", "telemetry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One setting."""

    key: str
    value: Any
    """A bool, a number or a text; None where it is not set."""
    meaning: str
    where: Literal["file", "variable", "option", "default"]
    source: str = ""
    """The line of the file, or the name of the variable."""
    write: str = ""
    """What to write to have it otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    name: str
    rows: Sequence[Row]


def settings_routes(desk: Desk, installation: Installation) -> list[HTTPRouteHandler]:
    settings = installation.settings

    @get("/settings")
    async def settings_page(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request, needs=Scope.READ)
        owner = visit.session.principal.may(Scope.ADMIN)
        return await desk.page(
            visit, "settings.html", here="settings", themes=THEMES,
            languages={tag: name_of(tag) for tag in desk.languages}, reads=visit.session.language or "",
            tables=list(_tables(settings, owner=owner)), file=settings.origin.file,
            aliases=settings.aliases if owner else {}, providers=_providers(settings) if owner else (), line=settings.origin.lines.get,
        )  # fmt: skip

    @post("/settings/theme", status_code=200)
    async def theme(request: Request[Any, Any, Any]) -> Response[str]:
        await desk.changing(request)
        wanted = str((await request.form()).get("theme"))
        if wanted not in THEMES:
            raise Invalid("This page is out of date. Reload it and try again.", field="theme")
        back = elsewhere("/settings")
        back.set_cookie(Cookie(key=THEME, value=wanted, max_age=_A_YEAR, httponly=True, secure=desk.doorkeeper.secure, samesite="lax", path="/"))
        return back

    @post("/settings/language", status_code=200)
    async def language(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.changing(request)
        wanted = str((await request.form()).get("language") or "") or None
        if wanted is not None and wanted not in desk.languages:
            raise Invalid("This page is out of date. Reload it and try again.", field="language")
        who = visit.session.principal
        await desk.accounts.people.set_language(who.id, wanted, shop=who.shop)
        back = elsewhere("/settings")
        back.set_cookie(desk.language_cookie(wanted))
        return back

    return [settings_page, theme, language]


def _tables(settings: Settings, *, owner: bool) -> Iterator[Table]:
    for name in _TABLES:
        if owner or name in _OPEN:
            yield Table(name=name, rows=list(_rows(getattr(settings, name), settings.origin, name)))
    if owner:
        yield Table(name="", rows=list(_rows(settings, settings.origin, "")))


def _rows(part: Part, origin: Origin, table: str) -> Iterator[Row]:
    """Every single value of a table, those of the tables in it too; providers and aliases are shown otherwise."""
    meanings = part.meanings()
    for name in type(part).model_fields:
        value, key = getattr(part, name), f"{table}.{name}" if table else name
        if isinstance(value, Part):
            if table:
                yield from _rows(value, origin, key)
        elif not isinstance(value, Mapping):
            where, source = _source(origin, key)
            shown = _hidden(name, value)
            header = f"[{table}]\n" if table else ""
            meaning, write = meanings.get(name, ""), f"{header}{name} = {_toml(shown)}"
            yield Row(key=key, value=shown, meaning=meaning, where=where, source=source, write=write)


def _source(origin: Origin, key: str) -> tuple[Literal["file", "variable", "option", "default"], str]:
    if key in origin.given:
        return "option", ""
    if key in origin.variables:
        return "variable", origin.variables[key]
    return ("file", str(origin.lines[key])) if key in origin.lines else ("default", "")


def _hidden(name: str, value: Any) -> Any:
    """The value as it can be shown: of a database's address not the password."""
    if name == "database" and value is not None:
        return make_url(value).render_as_string(hide_password=True)
    return value if value is None or isinstance(value, bool | int | float | Decimal) else str(value)


def _toml(value: Any) -> str:
    if value is None:
        return "…"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | str) else str(value)


def _providers(settings: Settings) -> list[dict[str, str]]:
    """What is known of each server; of its key only where it is kept."""
    return [
        {"name": name, "dialect": each.dialect, "base_url": each.base_url, "key": _key(each.key), "models": ", ".join(each.models)}
        for name, each in settings.providers.items()
    ]


def _key(reference: str | None) -> str:
    if reference is None:
        return ""
    return reference if reference.startswith(("env:", "file:")) else "•••"
