"""What a provider's error means: told by status, code and type, by wording only where the vendor gives no code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from agent.errors import (
    BadOutput,
    ContentFiltered,
    ContextTooLong,
    CredentialRefused,
    Forbidden,
    Overloaded,
    ProviderError,
    QuotaUsedUp,
    RateLimited,
    Rejected,
    Retired,
    TimedOut,
    Unsupported,
)

_CONTEXT = {"context_length_exceeded", "context_window_exceeded", "string_above_max_length", "request_too_large"}
_FILTER = {"content_filter", "content_policy_violation", "content_policy", "responsibleaipolicyviolation", "safety", "prohibited_content"}
_QUOTA = {
    "insufficient_quota",
    "credit_balance_exhausted",
    "billing_hard_limit_reached",
    "billing_not_active",
    "billing_error",
    "spend_limit_reached",
    "enforced_spend_limit_reached",
    "quota_exhausted",
}
_KEY = {"invalid_api_key", "authentication_error", "account_deactivated", "unauthenticated", "api_key_invalid", "expired_api_key"}
_GONE = {"model_not_found", "deploymentnotfound", "deployment_not_found", "not_found_error", "model_deprecated", "model_retired", "not_found"}
_UNSUPPORTED = {"unsupported_parameter", "unsupported_value", "unsupported_feature"}
_OVERLOAD = {
    "overloaded_error",
    "overloaded",
    "server_error",
    "api_error",
    "internal",
    "unavailable",
    "internal_server_error",
    "server_is_overloaded",
}
_RATE = {"rate_limit_exceeded", "rate_limit_error", "slow_down", "resource_exhausted", "too_many_requests"}
_FORBIDDEN = {"permission_error", "permission_denied", "unsupported_country_region_territory"}
_SLOW = {"timeout", "gateway_timeout", "deadline_exceeded", "timeout_error"}
_OWN = {"invalid_request_error", "invalid_argument", "invalid_value", "invalid_type", "failed_precondition", "bad_request"}

# Anthropic has one type for every 400 and no code (platform.claude.com/docs/en/api/errors, read 2026-11-22); llama.cpp and Gemini
# name no code for a prompt that is too long either. Only where `code` is empty are words looked at.
_UNCODED = (400, 422, 500)
"""Some servers of open models answer 500 to a prompt that is too long: one caller's book must not open the breaker for everyone."""
_SAYS_TOO_LONG = re.compile(
    r"prompt is too long|input is too long|exceeds? the (?:maximum|available) (?:number of tokens|context)|token count .*exceeds", re.I
)
_SAYS_NO_CREDIT = re.compile(r"credit balance is too low|reached your specified api usage limits", re.I)
_SAYS_UNSUPPORTED = re.compile(
    r"(?:not supported|unsupported|does not support|unrecognized request argument|extra inputs are not permitted|"
    r"unknown name|is not enabled for)",
    re.I,
)
_MOST_SAID = 4_000
"""Characters of a provider's words that are read and passed on: an error as long as a book is none."""
_SAYS_FILTERED = re.compile(r"content filtering policy", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An error as its dialect writes it, taken apart."""

    status: int
    """HTTP status, or the one that an error within a 200 names; 0 when none is named."""
    code: str = ""
    type: str = ""
    message: str = field(default="", repr=False)
    parameter: str = ""
    retry_after_s: float | None = None
    quota_is_gone: bool = False
    """A rate limit that no short wait lifts."""
    worded: bool = True
    """Whether the body was JSON. A page or nothing comes from whatever stands before the provider, and says less than its status seems to."""

    @property
    def names(self) -> set[str]:
        return {name.lower() for name in (self.code, self.type) if name}


def error_of(fault: Fault) -> ProviderError:
    """The class that says what to do about it. The provider's words are in `said` alone."""
    if len(fault.message) > _MOST_SAID:
        fault = replace(fault, message=fault.message[:_MOST_SAID])
    error = _by_name(fault) or (_by_status(fault) if fault.worded else _by_bare_status(fault))
    if isinstance(error, Overloaded):
        error.retry_after_s = fault.retry_after_s
    error.said = fault.message
    error.upstream_status, error.upstream_code = fault.status or None, fault.code
    return error


def _by_name(fault: Fault) -> ProviderError | None:
    names = fault.names
    if names & _QUOTA or fault.quota_is_gone or fault.status == 402 or (not fault.code and _SAYS_NO_CREDIT.search(fault.message)):
        return QuotaUsedUp("the provider's quota or credit is used up; top it up or raise the limit there")
    if names & _KEY or fault.status == 401:
        return CredentialRefused("the provider refuses the key; check `key` of this provider")
    if names & _CONTEXT or fault.status == 413 or (fault.status in _UNCODED and not fault.code and _SAYS_TOO_LONG.search(fault.message)):
        return ContextTooLong("the request is longer than this model's window")
    if names & _FILTER or (fault.status == 400 and not fault.code and _SAYS_FILTERED.search(fault.message)):
        return ContentFiltered("the provider's content filter stepped in")
    if names & _UNSUPPORTED or (fault.status in (400, 422) and not fault.code and fault.parameter and _SAYS_UNSUPPORTED.search(fault.message)):
        return Unsupported(f"this model does not support `{fault.parameter or 'a parameter'}`", parameter=fault.parameter)
    return None


def _by_status(fault: Fault) -> ProviderError:
    status, names = fault.status, fault.names
    if status == 429 or (not status and names & _RATE):
        return RateLimited("the provider limits the rate of calls", retry_after_s=fault.retry_after_s)
    if status in (404, 410) or (not status and names & _GONE):
        return Retired("the provider has no such model, or no more")
    if status in (403, 451) or (not status and names & _FORBIDDEN):
        return Forbidden("the provider does not let this key use this model from here")
    if status in (408, 504) or (not status and names & _SLOW):
        return TimedOut("the provider took too long by its own measure")
    if status >= 500 or (not status and names & _OVERLOAD):
        return Overloaded("the provider is overloaded or broken")
    if status in (400, 422) or (not status and names & _OWN):
        return Rejected("the provider says that the request is wrong")
    if status >= 400:  # 405, 421, 424, 425, 499 …: how the call was carried, not what it asks
        return Overloaded("the provider does not take the call as it was carried")
    return BadOutput("the provider's reply is an error that says neither what nor why")


def _by_bare_status(fault: Fault) -> ProviderError:
    """A web page with status 404 is a wrong turn on the way and no retired model, one with 403 a firewall and no lasting ban."""
    if fault.status in (400, 403, 404, 410, 422, 451):
        return Overloaded("a page came instead of the provider's own refusal")
    return _by_status(fault)
