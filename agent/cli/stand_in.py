"""`storehand providers stand-in`: a model server of no wits, for those who try providers, aliases and the proxy without a key."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import Annotated

import typer

from agent.cli.context import tell
from agent.errors import SettingsError
from agent.testing.fake_provider import TEXT, FakeProvider


def add_to(providers: typer.Typer) -> None:
    providers.command("stand-in")(stand_in)


def stand_in(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on, on this machine alone.")] = 9100,
    text: Annotated[str, typer.Option(help="What it answers.")] = TEXT.strip(),
    pause_ms: Annotated[int, typer.Option(min=0, help="Between the words of a stream.")] = 20,
) -> None:
    """Serve a model server that says the same to everybody, in every dialect: a model fault-503, fault-hang, fault-truncate … fails just so."""

    async def serve() -> None:
        try:
            async with FakeProvider(text=text, pause_s=pause_ms / 1000, port=port) as fake:
                tell(f"A stand-in listens on {fake.url} (stop it with Ctrl-C)")
                await asyncio.Event().wait()
        except OSError as error:
            raise SettingsError(f"Nothing can listen on port {port} ({os.strerror(error.errno or 0)}); name another one with --port.") from error

    with suppress(KeyboardInterrupt):
        asyncio.run(serve())
