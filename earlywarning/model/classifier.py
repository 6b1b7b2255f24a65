"""RiskClassifier: small boosted trees, several seeds averaged, calibrated by two numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, check_consistent_length, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from earlywarning.errors import GateRefused
from earlywarning.model import boosting
from earlywarning.model.arrays import BoolArray, FloatArray, IntArray
from earlywarning.model.calibration import Platt, calibration_folds
from earlywarning.model.refusals import refuse_arguments, settled_directions, two_classes


class RiskClassifier(ClassifierMixin, BaseEstimator):
    """A scikit-learn classifier for few events: ranks on a margin, answers with calibrated probabilities.

    It takes any numeric frame or matrix with two classes (the larger in sort order is the event); NaN is
    allowed. ``class_weight``, ``scale_pos_weight``, ``sample_weight`` and their like are refused, because
    they move every probability away from what is observed; the rarer class needs no help to be ranked.

    Parameters:

    n_estimators : rounds per booster. ``None``: 16 times the square root of the number of events, from 50
        to 350, so that few events cannot be learnt by heart.
    learning_rate, num_leaves : small steps and small trees (four leaves: at most three facts together).
    min_child_samples : fewest rows in a leaf. ``None``: 40, or a tenth of the rows when under 400.
    colsample_bytree : share of the columns each tree may use.
    max_bin : distinct levels kept of each column.
    monotonic_cst : the way in which alone a column may move the risk: 1 up, -1 down, 0 either, by name or in
        the columns' order. A study's declared directions are ``{f.name: f.direction for f in features}``.
    n_seeds : boosters averaged. Ten seeds raised the overlap of two lists from 0.73 to 0.92.
    random_state : seed of the columns and thresholds drawn (and of the folds, where there are no periods).
    num_threads : changes the time, never a score. ``None``: one, or every core from 50,000 rows on.

    After ``fit``:

    boosters_ : the averaged boosters, grown on all rows with fixed rounds.
    calibrator_ : :class:`~earlywarning.model.calibration.Platt`.
    calibrated_on_ : ``{"margins": "earlier periods" or "out of fold", "n": rows, "events": events}``.
    classes_, n_events_, n_features_in_ : as usual; ``feature_names_in_`` when fitted on a named frame.
    had_missing_ : which columns had NaN in training, shape (n_features,).
    recipe_ : the settled numbers the boosters were grown with.

    >>> import numpy as np
    >>> X = np.arange(200.0).reshape(-1, 1)
    >>> model = RiskClassifier(n_seeds=1).fit(X, X[:, 0] > 150)
    >>> model.predict([[10.0], [190.0]]).tolist()
    [False, True]
    """

    def __init__(
        self,
        *,
        n_estimators: int | None = None,
        learning_rate: float = 0.02,
        num_leaves: int = 4,
        min_child_samples: int | None = None,
        colsample_bytree: float = 0.6,
        max_bin: int = 63,
        monotonic_cst: Mapping[str, int] | Sequence[int] | None = None,
        n_seeds: int = 5,
        random_state: int | np.random.RandomState | None = 0,
        num_threads: int | None = None,
        **refused: Any,
    ) -> None:
        refuse_arguments(refused, "RiskClassifier()")
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_child_samples = min_child_samples
        self.colsample_bytree = colsample_bytree
        self.max_bin = max_bin
        self.monotonic_cst = monotonic_cst
        self.n_seeds = n_seeds
        self.random_state = random_state
        self.num_threads = num_threads

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: Any, y: Any, groups: Any = None, **refused: Any) -> Self:
        """The fitted classifier, from ``X`` (n, n_features), two-class ``y`` (n,) and ordered periods.

        ``groups`` (n,), such as academic years, say what came before what: margins for the calibration are
        then those of later periods scored by boosters that saw only earlier ones. Without, five folds.

        Raises:
            TrainingRefused: a class has fewer than two rows.
            WeightsRefused: rows are weighted.
        """
        refuse_arguments(refused, "RiskClassifier.fit()")
        X, y = validate_data(self, X, y, dtype=np.float64, order="C", ensure_all_finite="allow-nan")
        self.classes_, event = two_classes(y)
        self.n_events_ = int(event.sum())
        periods = None if groups is None else np.asarray(groups)
        check_consistent_length(X, periods)
        self.had_missing_ = np.isnan(X).any(axis=0)
        self.recipe_ = self.recipe(event)
        seeds = check_random_state(self.random_state).randint(2**31 - 1, size=self.n_seeds)
        rows = boosting.binned(X, event, self.names, self.recipe_)
        self._calibrate(X, event, periods, seeds)
        self.boosters_ = boosting.grown(rows, self.recipe_, seeds)
        return self

    @property
    def names(self) -> list[str]:
        """The columns' names, or ``column_0`` and so on where ``X`` had none."""
        named = getattr(self, "feature_names_in_", None)
        return [f"column_{i}" for i in range(self.n_features_in_)] if named is None else list(named)

    def margin(self, X: Any) -> FloatArray:
        """The mean raw margin of the boosters, what pupils are ranked on: shape (n,)."""
        matrix = self.matrix(X)
        return boosting.mean_margin(self.boosters_, matrix, self.threads(len(matrix)))

    def decision_function(self, X: Any) -> FloatArray:
        """The calibrated log-odds of the event, ``intercept + slope × margin``: shape (n,)."""
        margin = self.margin(X)
        return self.calibrator_.apply(margin)

    def predict_proba(self, X: Any) -> FloatArray:
        """The calibrated probability of each class, in the order of ``classes_``: shape (n, 2)."""
        event = 1 / (1 + np.exp(-self.decision_function(X)))
        return np.column_stack([1 - event, event])

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The more probable class of each row. For scikit-learn's sake: no list is ever made from it."""
        likelier = (self.decision_function(X) > 0).astype(int)
        return np.asarray(self.classes_[likelier])

    def contributions(self, X: Any) -> FloatArray:
        """What each column adds to the calibrated log-odds, the base last: shape (n, n_features + 1).

        A row adds up to ``decision_function``. The base holds the calibrator's intercept. It costs over a
        hundred predictions a row: ask for the listed pupils, not for everyone.
        """
        matrix = self.matrix(X)
        parts = boosting.mean_contributions(self.boosters_, matrix, self.threads(len(matrix)))
        parts *= self.calibrator_.slope
        parts[:, -1] += self.calibrator_.intercept
        return parts

    def matrix(self, X: Any) -> FloatArray:
        """``X`` as the boosters read it, (n, n_features): columns picked by name where there are names.

        Raises:
            GateRefused: a column is missing, or holds NaN though it never did in training, which LightGBM
                would read as 0. :meth:`unscorable` tells which rows those are.
        """
        matrix = self._by_name(X)
        unseen = np.isnan(matrix) & ~self.had_missing_
        if unseen.any():
            counts = unseen.sum(axis=0)
            columns = [f"{name} ({n} rows)" for name, n in zip(self.names, counts, strict=True) if n]
            raise GateRefused(
                f"Missing values in columns that had none in training: {', '.join(columns)}. They cannot be"
                " scored (a missing value is not a zero). Leave those rows out as not assessed, or train"
                " on rows where the column is sometimes missing."
            )
        return matrix

    def unscorable(self, X: Any) -> BoolArray:
        """Which rows hold NaN in a column that had none in training, and so cannot be scored: shape (n,)."""
        return np.asarray((np.isnan(self._by_name(X)) & ~self.had_missing_).any(axis=1))

    def to_json(self) -> dict[str, Any]:
        """Everything but the boosters, ready for JSON; the number of threads is the machine's business."""
        check_is_fitted(self)
        parameters = self.get_params()
        del parameters["num_threads"]
        if self.monotonic_cst is not None:
            # By name, so that the recipe can be fitted again on the same columns in another order.
            parameters["monotonic_cst"] = dict(zip(self.names, self.recipe_.directions, strict=True))
        return {
            "parameters": parameters,
            "feature_names": self.names,
            "classes": self.classes_.tolist(),
            "had_missing": self.had_missing_.tolist(),
            "n_events": self.n_events_,
            "rounds": self.recipe_.rounds,
            "min_leaf_rows": self.recipe_.min_leaf_rows,
            "calibrator": self.calibrator_.to_json(),
            "calibrated_on": self.calibrated_on_,
        }

    @classmethod
    def from_json(cls, state: Mapping[str, Any], boosters: Sequence[lgb.Booster]) -> Self:
        """The fitted classifier that ``to_json`` described, around its ``boosters``."""
        model = cls(**state["parameters"])
        model.boosters_ = tuple(boosters)
        model.calibrator_ = Platt.from_json(state["calibrator"])
        model.calibrated_on_ = dict(state["calibrated_on"])
        model.classes_ = np.array(state["classes"])
        model.n_events_ = state["n_events"]
        model.had_missing_ = np.array(state["had_missing"], dtype=bool)
        model.feature_names_in_ = np.array(state["feature_names"], dtype=object)
        model.n_features_in_ = len(model.feature_names_in_)
        model.recipe_ = model._settled(state["rounds"], state["min_leaf_rows"])
        return model

    def recipe(self, event: IntArray) -> boosting.Recipe:
        """How boosters are grown from 0/1 ``event`` (n,), every number settled."""
        rarer = int(np.bincount(event).min())
        rounds, leaf = self.n_estimators, self.min_child_samples
        return self._settled(
            boosting.rounds_for(rarer) if rounds is None else rounds,
            boosting.leaf_rows_for(len(event)) if leaf is None else leaf,
            self.threads(len(event)),
        )

    def threads(self, rows: int) -> int:
        """The number of threads for so many rows, in LightGBM's words: 0 is as many as OpenMP gives."""
        return boosting.threads_for(rows) if self.num_threads is None else self.num_threads

    def _settled(self, rounds: int, min_leaf_rows: int, threads: int = 1) -> boosting.Recipe:
        return boosting.Recipe(
            rounds=rounds,
            learning_rate=self.learning_rate,
            num_leaves=self.num_leaves,
            min_leaf_rows=min_leaf_rows,
            column_fraction=self.colsample_bytree,
            max_bin=self.max_bin,
            num_threads=threads,
            directions=settled_directions(self.monotonic_cst, self.names),
        )

    def _calibrate(
        self,
        X: FloatArray,
        event: IntArray,
        periods: npt.NDArray[Any] | None,
        seeds: IntArray,
    ) -> None:
        """Set ``calibrator_`` from margins of rows that the scoring boosters did not see.

        Each fold settles its own recipe, as few events early on would otherwise be learnt by heart, and the
        slope drawn from them would be too flat for the whole.
        """
        how, folds = calibration_folds(X, event, periods, int(seeds[0]))
        margins, outcomes = [], []
        for train, score in folds:
            # Bins of its own: on those of all rows LightGBM can end with an error of its own (a split with
            # nothing on one side) where a column is missing throughout a fold, such as tests not yet held.
            recipe = self.recipe(event[train])
            rows = boosting.binned(X[train], event[train], self.names, recipe)
            boosters = boosting.grown(rows, recipe, seeds)
            margins.append(boosting.mean_margin(boosters, X[score], self.threads(len(score))))
            outcomes.append(event[score])
        outcome = np.concatenate(outcomes)
        self.calibrator_ = Platt.fit(np.concatenate(margins), outcome)
        self.calibrated_on_ = {"margins": how, "n": len(outcome), "events": int(outcome.sum())}

    def _by_name(self, X: Any) -> FloatArray:
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", None)
        if names is not None and hasattr(X, "columns"):
            absent = sorted(set(names) - set(X.columns))
            if absent:
                raise GateRefused(
                    f"Columns the model was trained on are missing: {', '.join(absent)}."
                    " Build the features with the same study, or train again."
                )
            X = X[list(names)]  # by name: in another order LightGBM gives wrong scores without a warning
        return np.asarray(
            validate_data(self, X, dtype=np.float64, order="C", ensure_all_finite="allow-nan", reset=False)
        )
