"""Why this pupil: contributions by theme, and the sentences that say them."""

from earlywarning.explain.contributions import by_feature, by_theme, shap_explanation
from earlywarning.explain.phrases import fill, say
from earlywarning.explain.questions import worth_asking
from earlywarning.explain.reasons import (
    Known,
    PupilReasons,
    Reason,
    Usual,
    age_lines,
    not_visible,
    pupil_reasons,
    rule_reasons,
    usual_values,
)

__all__ = [
    "Known",
    "PupilReasons",
    "Reason",
    "Usual",
    "age_lines",
    "by_feature",
    "by_theme",
    "fill",
    "not_visible",
    "pupil_reasons",
    "rule_reasons",
    "say",
    "shap_explanation",
    "usual_values",
    "worth_asking",
]
