"""From features to a ranking with probabilities: the classifier, its rivals, and how good they are."""

from earlywarning.model.classifier import RiskClassifier

__all__ = ["RiskClassifier"]
