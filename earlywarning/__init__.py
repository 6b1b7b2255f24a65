"""Early help before a suspension: honest evidence, a short list to talk about, and reasons to check.

It supports professionals and never decides. Nothing heavy is imported until it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from earlywarning.audit import fairness_audit
    from earlywarning.dataset.splits import AcademicYearSplit, LeaveSchoolsOut
    from earlywarning.errors import EarlyWarningError, GateRefused, InputRefused, MachineRefused, WrongUsage
    from earlywarning.explain import shap_explanation
    from earlywarning.features import FAMILIES, Family, Feature
    from earlywarning.labels import LABELS
    from earlywarning.model import RiskClassifier
    from earlywarning.notebook import build_features
    from earlywarning.pipeline import audit, score, train
    from earlywarning.studies import STUDIES, Study
    from earlywarning.synthetic import generate
    from earlywarning.tables import TABLES

__version__ = "0.1.0"

_HOMES = {
    "EarlyWarningError": "errors",
    "WrongUsage": "errors",
    "InputRefused": "errors",
    "GateRefused": "errors",
    "MachineRefused": "errors",
    "TABLES": "tables",
    "FAMILIES": "features",
    "Family": "features",
    "Feature": "features",
    "STUDIES": "studies",
    "Study": "studies",
    "AcademicYearSplit": "dataset.splits",
    "LeaveSchoolsOut": "dataset.splits",
    "LABELS": "labels",
    "RiskClassifier": "model",
    "fairness_audit": "audit",
    "shap_explanation": "explain",
    "generate": "synthetic",
    "build_features": "notebook",
    "train": "pipeline",
    "audit": "pipeline",
    "score": "pipeline",
}

__all__ = [
    "FAMILIES",
    "LABELS",
    "STUDIES",
    "TABLES",
    "AcademicYearSplit",
    "EarlyWarningError",
    "Family",
    "Feature",
    "GateRefused",
    "InputRefused",
    "LeaveSchoolsOut",
    "MachineRefused",
    "RiskClassifier",
    "Study",
    "WrongUsage",
    "__version__",
    "audit",
    "build_features",
    "fairness_audit",
    "generate",
    "score",
    "shap_explanation",
    "train",
]


def __getattr__(name: str) -> Any:
    """The public name, imported when first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'earlywarning' has no attribute {name!r}")
    return getattr(import_module(f"earlywarning.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
