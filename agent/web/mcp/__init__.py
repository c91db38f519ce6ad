"""The Model Context Protocol: a shop's tools for assistants, over HTTP at /mcp and over stdio (`storehand mcp`).

By hand, and with none of the protocol's own packages: see docs/decisions for what was measured.
"""
