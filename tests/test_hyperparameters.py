"""What the settings may change of the classifier."""

from __future__ import annotations

import inspect
from pathlib import Path

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from earlywarning import config
from earlywarning.config import ModelSettings, Settings
from earlywarning.errors import WrongUsage
from earlywarning.features.declare import Feature
from earlywarning.hyperparameters import BOUNDS
from earlywarning.model import RiskClassifier
from earlywarning.shipping import classifier_of


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(f"[model.hyperparameters]\n{text}\n", encoding="utf-8")
    return path


def test_every_name_is_the_classifiers_and_its_default_is_within_bounds() -> None:
    defaults = RiskClassifier().get_params()
    assert set(BOUNDS) <= set(defaults)
    for name, bounds in BOUNDS.items():
        assert defaults[name] is None or bounds.hold(defaults[name]), name


def test_what_is_set_reaches_the_classifier_and_the_rest_stays(tmp_path: Path) -> None:
    settings = config.load(written(tmp_path, "num_leaves = 6\ncolsample_bytree = 1"))
    given = classifier_of(settings, ()).get_params()
    asked = {"num_leaves": 6, "colsample_bytree": 1}
    model = settings.model
    plain = RiskClassifier(n_seeds=model.seeds, random_state=model.random_state).get_params()
    assert given == plain | asked
    assert classifier_of(Settings(), ()).get_params() == plain


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("num_leafs = 6", "Did you mean 'num_leaves'"),
        ("class_weight = 2", "'class_weight' is not known"),
        ("num_leaves = 1", "num_leaves: a whole number from 2 to 16"),
        ("num_leaves = 4.5", "a whole number from 2"),
        ("num_leaves = true", "number"),
        ("learning_rate = 0.5", "learning_rate: a number from 0.005 to 0.1"),
        ("learning_rate = nan", "number"),
        ('learning_rate = "fast"', "number"),
    ],
)
def test_what_is_not_known_or_out_of_bounds_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(WrongUsage, match=message):
        config.load(written(tmp_path, text))


def test_a_number_where_the_table_belongs_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[model]\nhyperparameters = 3\n", encoding="utf-8")
    with pytest.raises(WrongUsage, match=r"a table .*is needed, such as \["):
        config.load(path)


def test_no_class_weight_can_be_set() -> None:
    names = set(inspect.signature(RiskClassifier).parameters) | set(BOUNDS)
    assert not [name for name in names if "weight" in name]
    assert ModelSettings().hyperparameters == {}


def test_monotone_settings_hold_every_feature_to_its_declared_direction(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[model]\nmonotone = true\nseeds = 2\n", encoding="utf-8")
    random = np.random.default_rng(1)
    X = pd.DataFrame(random.normal(size=(600, 3)), columns=["absence", "marks", "month"])
    odds = np.sin(2 * X["absence"]) - X["marks"] ** 2 + np.cos(2 * X["month"])
    y = (random.random(600) < 1 / (1 + np.exp(-odds))).astype(int)
    features = [declared("absence", 1), declared("marks", -1), declared("month", 0)]
    held = classifier_of(config.load(path), features).fit(X, y)
    free = classifier_of(Settings(), features).fit(X, y)
    grid = np.linspace(-3, 3, 50)
    for feature in features:
        steps = {
            name: np.diff([model.margin(X.assign(**{feature.name: at})) for at in grid], axis=0)
            for name, model in (("held", held), ("free", free))
        }
        if feature.direction:
            assert (feature.direction * steps["held"] >= -1e-12).all(), feature.name
        else:
            assert (steps["held"] > 1e-12).any() and (steps["held"] < -1e-12).any()
        assert (steps["free"] > 1e-12).any() and (steps["free"] < -1e-12).any(), feature.name


def declared(name: str, direction: int) -> Feature:
    return Feature(name, nw.lit(0), "unit", "A column.", theme="theme", direction=direction)
