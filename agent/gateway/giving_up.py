"""What a caller is told when no target is left."""

from __future__ import annotations

from agent.errors import AllProvidersFailed, ContentFiltered, ContextTooLong, OverBudget, ProviderError, Unsupported
from agent.gateway.attempts import Call


def gave_up(call: Call) -> Exception:
    causes = call.route.attempts
    if not causes and call.over_budget is not None:
        return call.over_budget
    if causes and all(isinstance(cause, ContextTooLong | ContentFiltered | Unsupported) for cause in causes):
        return causes[-1]
    if causes:
        said = f"{len(causes)} of {len(causes)} calls to models failed"
    elif not call.route.pool.targets:
        said = f"no model stands behind `{call.alias}`"
    elif (wait := call.route.recovers_in_s()) is None:
        return _nobody_may(call)
    else:
        said = f"every model behind `{call.alias}` is resting; the first is back in {max(1, round(wait))} s"
    provider, _, model = call.alias.partition("/")
    where = f"[providers.{provider}]" if model else f"[aliases.{call.alias}]"  # a target was asked for by its whole name
    error = AllProvidersFailed(f"{said}; see {where} in the config file.", causes)
    error.retry_after_s = call.route.recovers_in_s()
    return error


def _nobody_may(call: Call) -> ProviderError | OverBudget:
    if call.spender.budgeted and not any(target.name in call.prices for target in call.route.pool.targets):
        return OverBudget(f"no model behind `{call.alias}` has a known price, and this key has a budget; set `price` in the config file.")
    if not any(call.spender.may_use(call.alias, target.name) for target in call.route.pool.targets):
        return Unsupported(f"this key may not use `{call.alias}`.")
    if call.spender.models is not None and not call.route.pool.residency:
        return Unsupported(f"this key may not use `{call.alias}`, or no model behind it can do what is asked.")
    return ContextTooLong(f"no model behind `{call.alias}` can take this request: its window, tools, pictures or place do not fit.")
