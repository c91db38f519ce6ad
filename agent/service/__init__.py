"""The use cases: ask, plan, answer, stop, approve, undo. No HTTP request is seen here and no rule of business is elsewhere."""

from agent.service.service import Service
from agent.service.shops import Shops

__all__ = ["Service", "Shops"]
