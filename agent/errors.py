"""Every error Storehand raises on purpose, drawn once.

    StorehandError
    ├── AskError          NoSuchTask · Unclear(questions) · NotFound · Ambiguous(candidates) · NotAllowed · NotSignedIn · TooManyAttempts · Invalid
    ├── StoreError        StoreUnavailable* · StoreRefused · Stale
    ├── ProviderError     Overloaded* (Unreachable*) · RateLimited*(retry_after_s) · TimedOut* · Rejected · BadOutput* (ResponseTooLarge*) ·
    │   │                 ContextTooLong · ContentFiltered · Unsupported*(parameter) · Retired* · Forbidden* · CredentialRefused* · QuotaUsedUp*
    │   └── AllProvidersFailed(attempts)
    ├── SpendError        NoKey · OverBudget(resets_at) · RunawaySpend
    ├── RunError          Cancelled · NotResumable · Conflict · Ending
    └── DefinitionError   TaskDefinitionError · ManifestError · SettingsError
                                                      * the router moves on to the next provider

`code` is the stable name for machines, `status` the HTTP status, `retriable` whether the same call may succeed later.
The message is a sentence fit for whoever caused it, with the remedy; it never holds a key, a prompt or a customer's data.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar


class StorehandError(Exception):
    """Anything that Storehand itself says went wrong."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    retriable: ClassVar[bool] = False
    title: ClassVar[str] = "Something went wrong in Storehand"

    @property
    def facts(self) -> dict[str, Any]:
        """What a program may want to know beyond the sentence; goes into problem+json."""
        return {}


class AskError(StorehandError):
    """The request cannot be carried out as it was asked."""

    code, status, title = "ask", 422, "The request cannot be carried out as asked"


class NoSuchTask(AskError):
    code, status, title = "no_such_task", 404, "There is no such task"

    def __init__(self, name: str, known: Sequence[str] = ()) -> None:
        self.name, self.known = name, tuple(known)
        super().__init__(f"There is no task `{name}`; `storehand tasks list` and `GET /v1/tasks` name those there are.")


class Unclear(AskError):
    code, title = "unclear", "The request can be read in more than one way"

    def __init__(self, message: str, questions: Sequence[Any] = ()) -> None:
        self.questions = tuple(questions)
        super().__init__(message)


class NotFound(AskError):
    """Nothing matches; also what another shop's id answers, so that ids tell nothing."""

    code, status, title = "not_found", 404, "Not found"

    def __init__(self, what: str, name: str = "") -> None:
        self.what, self.name = what, name
        super().__init__(f"No {what} matches “{name}”." if name else f"There is no such {what}.")

    @property
    def facts(self) -> dict[str, Any]:
        return {"what": self.what}


class Ambiguous(AskError):
    code, title = "ambiguous", "Several records match"

    def __init__(self, name: str, candidates: Sequence[str]) -> None:
        self.name, self.candidates = name, tuple(candidates)
        shown = ", ".join(candidates[:5]) + (", …" if len(candidates) > 5 else "")
        super().__init__(f"{len(candidates)} records match “{name}”: {shown}. Say which one.")

    @property
    def facts(self) -> dict[str, Any]:
        return {"candidates": list(self.candidates)}


class Invalid(AskError):
    """A value is of the right shape but makes no sense here: price −5, discount 120%."""

    code, title = "invalid", "A value is not possible"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        self.field = field
        super().__init__(message)

    @property
    def facts(self) -> dict[str, Any]:
        return {"field": self.field} if self.field else {}


class NotAllowed(AskError):
    code, status, title = "not_allowed", 403, "Not allowed"


class NotSignedIn(AskError):
    """The name, the password, the link or the session is not good (any more); which of them is not said."""

    code, status, title = "not_signed_in", 401, "Not signed in"


class TooManyAttempts(AskError):
    code, status, retriable, title = "too_many_attempts", 429, True, "Too many attempts"

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)

    @property
    def facts(self) -> dict[str, Any]:
        return {"retry_after_s": round(self.retry_after_s)}


class StoreError(StorehandError):
    code, status, title = "store", 502, "The store did not do as asked"


class StoreUnavailable(StoreError):
    code, status, retriable, title = "store_unavailable", 503, True, "The store cannot be reached"


class StoreRefused(StoreError):
    code, status, title = "store_refused", 422, "The store refused"


class Stale(StoreError):
    """The value is no longer what the change set was made from."""

    code, status, title = "stale", 409, "Changed since it was read"

    def __init__(self, what: str, *, expected: Any, found: Any) -> None:
        self.what, self.expected, self.found = what, expected, found
        super().__init__(f"{what} has been changed since this was proposed; it was left alone.")


class ProviderError(StorehandError):
    """One attempt at one model failed."""

    code, status, title = "provider", 502, "The model did not answer"

    upstream_status: int | None = None
    """HTTP status the provider answered with; None when it was not reached or the fault was found in its reply."""
    upstream_code: str = ""
    """The provider's own code for it."""
    said: str = ""
    """The provider's own words, for the caller whose request it was; they may quote the prompt, so they are in no message and no log."""
    usage: Any = None
    """Tokens the failed attempt used all the same, a `Usage`; None when none are known."""

    def __init__(self, message: str, *, provider: str | None = None, model: str | None = None) -> None:
        self.provider, self.model = provider, model
        super().__init__(message)

    @property
    def facts(self) -> dict[str, Any]:
        return {k: v for k, v in {"provider": self.provider, "model": self.model}.items() if v}


class Overloaded(ProviderError):
    code, status, retriable = "overloaded", 503, True

    retry_after_s: float | None = None
    """When the provider says it may be asked again; None when it does not say."""


class Unreachable(Overloaded):
    """No connection: refused, reset, no such name, no valid certificate. Says something of the whole provider, not of one model."""

    code = "unreachable"

    def __init__(self, message: str, *, lasting: bool = False, provider: str | None = None, model: str | None = None) -> None:
        self.lasting = lasting  # waiting does not mend a certificate
        super().__init__(message, provider=provider, model=model)


class RateLimited(ProviderError):
    code, status, retriable = "rate_limited", 429, True

    def __init__(self, message: str, *, retry_after_s: float | None = None, provider: str | None = None, model: str | None = None) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message, provider=provider, model=model)


class TimedOut(ProviderError):
    code, status, retriable = "timed_out", 504, True


class Rejected(ProviderError):
    """The provider says the request itself is wrong; another provider would say the same."""

    code, status = "rejected", 400


class BadOutput(ProviderError):
    """A reply came that is empty, not what the schema asks, or no model's reply at all."""

    code, retriable = "bad_output", True


class ResponseTooLarge(BadOutput):
    code = "response_too_large"


class ContextTooLong(ProviderError):
    code, status = "context_too_long", 400


class ContentFiltered(ProviderError):
    """The provider's filter stepped in; what follows is the route's policy."""

    code, status = "content_filtered", 400


class Unsupported(ProviderError):
    """This model does not know a parameter that another may know; `parameter` says which, empty when the provider did not."""

    code, status, retriable = "unsupported", 400, True

    def __init__(self, message: str, *, parameter: str = "", provider: str | None = None, model: str | None = None) -> None:
        self.parameter = parameter
        super().__init__(message, provider=provider, model=model)


class Retired(ProviderError):
    """There is no such model there, or no more."""

    code, retriable = "model_retired", True


class Forbidden(ProviderError):
    """The key is good, but may not use this model from here."""

    code, retriable = "forbidden", True


class CredentialRefused(ProviderError):
    code, retriable = "credential_refused", True


class QuotaUsedUp(ProviderError):
    """Nothing is left to spend with this credential; waiting a little does not help."""

    code, retriable = "quota_used_up", True


class AllProvidersFailed(ProviderError):
    """No target was left; `attempts` keeps every cause in order."""

    code, status, retriable = "all_providers_failed", 503, True
    retry_after_s: float | None = None
    """When the first target is expected back; None when nobody knows."""

    def __init__(self, message: str, attempts: Sequence[ProviderError] = ()) -> None:
        self.attempts = tuple(attempts)
        super().__init__(message)


class SpendError(StorehandError):
    code, status, title = "spend", 402, "Spending is not allowed"


class NoKey(SpendError):
    code, status, title = "no_key", 401, "A key is needed"


class OverBudget(SpendError):
    code, status, title = "over_budget", 402, "The budget is used up"

    def __init__(self, message: str, *, resets_at: datetime | None = None) -> None:
        self.resets_at = resets_at
        super().__init__(message)


class RunawaySpend(SpendError):
    code, status, title = "spend_paused", 429, "Spending is paused"


class RunError(StorehandError):
    code, title = "run", "The run did not finish"


class Cancelled(RunError):
    code, status, title = "cancelled", 409, "The run was stopped"


class NotResumable(RunError):
    code, status, title = "not_resumable", 409, "The run cannot go on"


class Conflict(RunError):
    """It was already decided, used, or is being worked on; or another body came under the same idempotency key."""

    code, status, title = "conflict", 409, "Not possible as things stand"


class Ending(RunError):
    """The server is told to stop, and what was asked leaves nothing that the next one could finish."""

    code, status, retriable, title = "ending", 503, True, "The server is about to stop"


class DefinitionError(StorehandError):
    """Raised at start, never in a request."""

    code, title = "definition", "Storehand is set up wrongly"


class TaskDefinitionError(DefinitionError):
    code = "task_definition"


class ManifestError(DefinitionError):
    code = "manifest"


class SettingsError(DefinitionError):
    code = "settings"
