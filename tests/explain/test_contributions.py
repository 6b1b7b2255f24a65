"""Contributions add up to the calibrated log-odds, by input and by theme, or nobody sees them."""

import re
import subprocess
import sys

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from earlywarning.errors import GateRefused
from earlywarning.explain import by_feature, by_theme, shap_explanation
from earlywarning.explain.contributions import OTHER_CONTEXT
from earlywarning.features.declare import Feature
from earlywarning.model.classifier import RiskClassifier

THEMES = {
    "a": ("attendance", "Absent."),
    "b": ("attendance", "Late."),
    "c": ("suspensions", "Some."),
    "d": ("x", ""),
}
FEATURES = [Feature(name, nw.lit(0), "rate", "", said, theme=theme) for name, (theme, said) in THEMES.items()]


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    draw = np.random.default_rng(3)
    frame = pd.DataFrame(draw.normal(size=(400, 4)), columns=list("abcd"), index=range(100, 500))
    return frame.mask(draw.random(frame.shape) < 0.1)


@pytest.fixture(scope="module")
def classifier(rows: pd.DataFrame) -> RiskClassifier:
    chance = 1 / (1 + np.exp(2 - rows["a"].fillna(0) - rows["c"].fillna(0)))
    happened = np.random.default_rng(4).random(len(rows)) < chance
    return RiskClassifier(n_seeds=2, n_estimators=20).fit(rows, happened.astype(int))


def test_rows_add_up_to_the_calibrated_log_odds(classifier: RiskClassifier, rows: pd.DataFrame) -> None:
    values = by_feature(classifier, rows)
    assert list(values.columns) == ["a", "b", "c", "d", "base"]
    assert values.index.equals(rows.index)
    np.testing.assert_allclose(values.sum(axis=1), classifier.decision_function(rows), atol=1e-9)
    assert values["a"].std() > 0.01, "a model that ignores everything would add up too"


def test_themes_add_up_and_what_has_no_sentence_is_other_context(
    classifier: RiskClassifier, rows: pd.DataFrame
) -> None:
    values = by_feature(classifier, rows)
    themes = by_theme(values, FEATURES)
    assert list(themes.columns) == ["attendance", "suspensions", OTHER_CONTEXT, "base"]
    np.testing.assert_allclose(themes.sum(axis=1), classifier.decision_function(rows), atol=1e-9)
    np.testing.assert_allclose(themes["attendance"], values["a"] + values["b"])
    np.testing.assert_allclose(themes[OTHER_CONTEXT], values["d"])


def test_the_order_of_columns_does_not_matter(classifier: RiskClassifier, rows: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(by_feature(classifier, rows[list("dcba")]), by_feature(classifier, rows))


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # as shap meets matplotlib, on import
def test_shap_explanation_holds_values_base_and_data_side_by_side(
    classifier: RiskClassifier, rows: pd.DataFrame
) -> None:
    explanation = shap_explanation(classifier, rows[list("dcba")])
    assert explanation.feature_names == list("abcd")
    np.testing.assert_allclose(
        explanation.values.sum(axis=1) + explanation.base_values, classifier.decision_function(rows)
    )
    np.testing.assert_array_equal(explanation.data, rows.to_numpy())


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # as shap meets matplotlib, on import
@pytest.mark.parametrize("plot", ["bar", "beeswarm", "waterfall", "scatter"])
def test_every_usual_plot_of_shap_can_be_drawn(
    classifier: RiskClassifier, rows: pd.DataFrame, plot: str
) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    import shap

    from earlywarning import shap_explanation as as_public

    explanation = as_public(classifier, rows.head(60))
    shown = {"waterfall": lambda: explanation[0], "scatter": lambda: explanation[:, "a"]}
    getattr(shap.plots, plot)(shown.get(plot, lambda: explanation)(), show=False)
    drawn = plt.gcf().axes[0]
    assert drawn.has_data() or drawn.patches or drawn.texts
    said = " ".join(text.get_text() for axes in plt.gcf().axes for text in axes.findobj(mpl.text.Text))
    assert re.search(r"\ba\b", said), "the features are named in the drawing"
    plt.close("all")


def test_a_feature_nobody_declares_is_an_error(classifier: RiskClassifier, rows: pd.DataFrame) -> None:
    with pytest.raises(KeyError):
        by_theme(by_feature(classifier, rows), FEATURES[:2])


def test_contributions_that_do_not_add_up_are_refused(rows: pd.DataFrame) -> None:
    class Wrong:
        feature_names_in_ = np.array(list("abcd"), dtype=object)

        def contributions(self, X: pd.DataFrame) -> np.ndarray:
            return np.full((len(X), 5), 0.1)

        def decision_function(self, X: pd.DataFrame) -> np.ndarray:
            return np.array([0.5] * (len(X) - 2) + [0.6, float("nan")])

    with pytest.raises(GateRefused, match="2 of 400 rows"):
        by_feature(Wrong(), rows)


def test_shap_is_imported_only_when_a_plot_is_wanted() -> None:
    code = "import sys, earlywarning.explain, earlywarning.watchlist; sys.exit('shap' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
