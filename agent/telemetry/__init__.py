"""What an operator's own tools see of the gateway: Prometheus metrics, and OpenTelemetry spans where the extra [telemetry] is installed.

Neither holds what merchants or models wrote, nor a key, nor whom a call was made for.
"""

from agent.telemetry.metrics import Metrics

__all__ = ["Metrics"]
