"""Is the list equitable, and can the run be trusted: metrics by group, and coded checks."""

from earlywarning.audit.fairness import FairnessAudit, fairness_audit

__all__ = ["FairnessAudit", "fairness_audit"]
