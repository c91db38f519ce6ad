"""Gathers the commands and turns every error into one plain sentence on stderr."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import OperationalError

from agent.cli import ask, data, develop, manage, serve
from agent.cli.context import Common
from agent.errors import DefinitionError, NotFound, StorehandError

app = typer.Typer(
    help="A merchant's requests in plain words, split, run, answered with evidence, and changed only by approval.",
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip


@app.callback()
def common(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="The config file; storehand.toml in this folder by default.")] = None,
    data_folder: Annotated[Path | None, typer.Option("--data", help="Folder of everything Storehand keeps.")] = None,
    shop: Annotated[str | None, typer.Option(help="The shop to work with.")] = None,
    debug: Annotated[bool, typer.Option(help="Show the traceback of an error.")] = False,
) -> None:
    context.obj = Common(config=config, data=data_folder, shop=shop, debug=debug)


serve.add_to(app)
ask.add_to(app)
data.add_to(app)
manage.add_to(app)
develop.add_to(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script; always ends with SystemExit.

    Args:
        arguments: What follows the command's name; the process's own when None.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    debug = "--debug" in given
    try:
        app(given)
    except StorehandError as error:
        if debug:
            raise
        more = " `storehand shops list` names those there are." if isinstance(error, NotFound) and error.what == "shop" else ""
        typer.echo(f"storehand: {error}{more}", err=True)
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
