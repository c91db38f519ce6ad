"""The command `storehand`. Exit codes: 0 done, 1 the request failed, 2 wrong usage or config."""

from agent.cli.main import main

__all__ = ["main"]
