"""The one path to a model: chat, tasks, the proxy and the distillation teacher all call `complete` or `stream`."""

from agent.gateway.configured import Checked, check, gateway_from
from agent.gateway.gateway import Gateway
from agent.gateway.opened import Opened, open_gateway
from agent.gateway.watching import Seen, Watcher
from agent.ledger.records import Attempt, Held, Meter, Spender, Trace, facts_of, spending
from agent.providers.router import Pool, Target

__all__ = [
    "Attempt",
    "Checked",
    "Gateway",
    "Held",
    "Meter",
    "Opened",
    "Pool",
    "Seen",
    "Spender",
    "Target",
    "Trace",
    "Watcher",
    "check",
    "facts_of",
    "gateway_from",
    "open_gateway",
    "spending",
]
