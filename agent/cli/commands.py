"""Gathers the commands and turns every error into one plain sentence on stderr."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import OperationalError

from agent.cli.context import Common
from agent.errors import DefinitionError, NotFound, StorehandError

_COMMANDS = {
    "serve": ("serve", "demo"),
    "ask": ("ask", "plan"),
    "deciding": ("approve", "reject", "undo"),
    "data": ("import",),
    "manage": ("shops", "users", "config"),
    "keys": ("keys",),
    "spend": ("usage", "budgets", "providers"),
    "develop": ("tasks", "eval"),
    "distilling": ("distill",),
    "students": ("students",),
    "webhooks": ("webhooks",),
    "mcp": ("mcp",),
}
"""Each module of commands, and what it adds."""
_SHOPS = " `storehand shops list` names those there are; `storehand demo` makes the demo shop, `storehand shops create` an empty one."


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """The commands that the arguments may mean, so that one does not wait for what only another needs; all of them when none is named."""
    app = typer.Typer(
        help="A merchant's requests in plain words, split, run, answered with evidence, and changed only by approval.",
        no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    )  # fmt: skip
    app.callback()(common)
    named = [module for module, commands in _COMMANDS.items() if not {*commands}.isdisjoint(arguments)]
    for module in named or _COMMANDS:
        import_module(f"agent.cli.{module}").add_to(app)
    return app


def common(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="The config file; storehand.toml in this folder by default.")] = None,
    data_folder: Annotated[Path | None, typer.Option("--data", help="Folder of everything Storehand keeps.")] = None,
    shop: Annotated[str | None, typer.Option(help="The shop to work with.")] = None,
    debug: Annotated[bool, typer.Option(help="Show the traceback of an error.")] = False,
) -> None:
    context.obj = Common(config=config, data=data_folder, shop=shop, debug=debug)


def run(app: typer.Typer, arguments: Sequence[str]) -> None:
    """Always ends with SystemExit."""
    debug = "--debug" in arguments
    try:
        app(list(arguments))
    except StorehandError as error:
        if debug:
            raise
        typer.echo(f"storehand: {error}{_SHOPS if isinstance(error, NotFound) and error.what == 'shop' else ''}", err=True)
        sys.exit(2 if isinstance(error, DefinitionError) else 1)
    except BrokenPipeError:  # the reader of a pipe went away: nothing is wrong
        sys.exit(0)
    except Exception as error:  # the last door: whatever was not foreseen is one sentence too
        if debug:
            raise
        typer.echo(f"storehand: {_unforeseen(error)}", err=True)
        sys.exit(1)


def _unforeseen(error: Exception) -> str:
    if isinstance(error, OperationalError | OSError) and ("disk is full" in str(error) or getattr(error, "errno", None) == errno.ENOSPC):
        return "The disk is full; make room and try again. What was not finished is taken up then."
    return f"Something in Storehand broke ({type(error).__name__}). `storehand --debug …` shows where; please report it."
