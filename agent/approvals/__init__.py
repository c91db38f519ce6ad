"""The only writer: proposals are stored, decided on by people, applied once, and undone by proposing their inverse."""

from agent.approvals.approvals import Approvals
from agent.approvals.audit import AuditReport, verify_audit
from agent.approvals.limits import Limits

__all__ = ["Approvals", "AuditReport", "Limits", "verify_audit"]
