"""A2A 1.0: other agents hand a shop's work to Storehand, at POST /a2a; what it can do is in /.well-known/agent-card.json.

By hand, and with none of the protocol's own packages: it is JSON-RPC in and a task out. Methods of 0.3 are answered in the form of 0.3.
Specification: https://a2a-protocol.org/v1.0.0/specification, and the types of `a2a-sdk` 1.3.0 (read 2026-11-23).
"""
