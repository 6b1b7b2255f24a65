"""Is the list equitable, and can the run be trusted: metrics by group, and coded checks."""

from earlywarning.audit.comparisons import DECLARED, Comparison
from earlywarning.audit.curve import capacity_curves
from earlywarning.audit.fairness import FairnessAudit, fairness_audit

__all__ = ["DECLARED", "Comparison", "FairnessAudit", "capacity_curves", "fairness_audit"]
