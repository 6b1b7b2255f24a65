"""What each input added to a pupil's calibrated log-odds, by input and by theme."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.errors import GateRefused
from earlywarning.features.declare import Feature

if TYPE_CHECKING:
    import shap

BASE = "base"
OTHER_CONTEXT = "other context"


class Contributing(Protocol):
    """A fitted classifier that can say what each input contributed."""

    feature_names_in_: NDArray[np.object_]

    def contributions(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n_pupils, n_features + 1) on the log-odds scale, features in fitted order, base last."""

    def decision_function(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n_pupils,) calibrated log-odds."""


def by_feature(classifier: Contributing, X: pd.DataFrame) -> pd.DataFrame:
    """(n_pupils, n_features + 1) calibrated log-odds by input, the index of ``X``, last column ``base``.

    Raises :class:`GateRefused` when a row does not add up to the classifier's own calibrated log-odds:
    reasons that do not add up are not shown to anyone.
    """
    names = [str(name) for name in classifier.feature_names_in_]
    if X.empty:
        return pd.DataFrame(index=X.index, columns=[*names, BASE], dtype=float)
    frame = pd.DataFrame(classifier.contributions(X), index=X.index, columns=[*names, BASE])
    off = ~np.isclose(frame.sum(axis=1), classifier.decision_function(X), rtol=1e-6, atol=1e-6)
    if off.any():
        raise GateRefused(
            f"Contributions do not add up to the calibrated log-odds for {int(off.sum())} of {len(X)} rows, "
            "so no reasons can be given. The boosters and the calibrator do not belong together: train again."
        )
    return frame


def shap_explanation(classifier: Contributing, X: pd.DataFrame) -> shap.Explanation:
    """A ``shap.Explanation`` of ``X`` (n_pupils, n_features) that every shap plot accepts.

    Values and base values are calibrated log-odds. They come from the boosters' own contributions, which
    is what ``shap.TreeExplainer`` calls for LightGBM, scaled by the calibrator's slope. Raises
    :class:`GateRefused` when they do not add up.
    """
    import shap  # seconds to import, and only a data scientist at a plot needs it

    values = by_feature(classifier, X)
    names = list(values.columns[:-1])
    return shap.Explanation(
        values=values[names].to_numpy(),
        base_values=values[BASE].to_numpy(),
        data=X[names].to_numpy(),
        feature_names=names,
    )


def by_theme(values: pd.DataFrame, features: Iterable[Feature]) -> pd.DataFrame:
    """Contributions summed by theme, (n_pupils, n_themes + 1) with ``base`` kept, so that rows still add up.

    A feature without a sentence (a contact with a service, a fact about the school's other pupils) joins
    "other context": it moves the sum and is never said. ``KeyError`` for a column that no feature
    declares.

    >>> import narwhals as nw
    >>> def feature(name, reason):
    ...     return Feature(name, nw.lit(0), "rate", "", reason, theme="attendance")
    >>> values = pd.DataFrame({"a": [0.2], "b": [-0.5], "base": [-2.0]})
    >>> by_theme(values, [feature("a", "Absent"), feature("b", "")]).to_dict("list")
    {'attendance': [0.2], 'other context': [-0.5], 'base': [-2.0]}
    """
    themes = {feature.name: theme_of(feature) for feature in features} | {BASE: BASE}
    columns = [themes[str(column)] for column in values.columns]
    sums = values.T.groupby(columns, sort=False).sum().T
    last = [name for name in (OTHER_CONTEXT, BASE) if name in sums.columns]
    return sums[[name for name in sums.columns if name not in last] + last]


def theme_of(feature: Feature) -> str:
    """The theme under which a feature is summed: its own, or "other context" when it has no sentence."""
    return feature.theme if feature.reason else OTHER_CONTEXT
