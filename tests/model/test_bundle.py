from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from earlywarning.audit.reductions import Reduction
from earlywarning.errors import EarlyWarningError, GateRefused, MachineRefused, WrongUsage
from earlywarning.features.declare import Feature
from earlywarning.model import boosting
from earlywarning.model.bundle import (
    SCORES_WITH,
    Bundle,
    check_asked,
    check_contract,
    check_families,
    contract,
    load,
)
from earlywarning.model.calibration import Platt
from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.rules import RULES
from earlywarning.model.sealed import JSON_FILE, read_sealed, write_sealed
from earlywarning.model.stability import refits

from .conftest import Invented


def feature(name: str, description: str = "as it is") -> Feature:
    return Feature(name, nw.col(name), "n", description, theme="t")


@pytest.fixture(scope="module")
def features(invented: Invented) -> list[Feature]:
    return [feature(name) for name in invented.X.columns]


@pytest.fixture(scope="module")
def bundle(invented: Invented, fitted: RiskClassifier, features: list[Feature]) -> Bundle:
    pupils = invented.X.index.get_level_values("pupil_id")
    return Bundle(
        study="secondary",
        label="new_suspension",
        winner="model",
        classifier=fitted,
        contract=contract(features),
        best_rule=RULES["school_group_rate"].fit(invented.X, invented.rows, invented.y),
        metrics={"auroc": 0.8, "recall_at_capacity": None},
        trained={"periods": ["2021/22"], "n": np.int64(1200)},
        data_hash="d",
        code_hash="c",
        audit={"groups": 3},
        refits=tuple(refits(fitted, invented.X, invented.y, pupils, n=2)),
    )


def test_what_is_loaded_scores_to_the_last_bit_as_what_was_saved(
    bundle: Bundle, invented: Invented, tmp_path: Path
) -> None:
    again = load(bundle.save(tmp_path / "b"))
    X = invented.X
    np.testing.assert_array_equal(again.classifier.margin(X), bundle.classifier.margin(X))
    np.testing.assert_array_equal(again.classifier.predict_proba(X), bundle.classifier.predict_proba(X))
    np.testing.assert_array_equal(again.classifier.contributions(X), bundle.classifier.contributions(X))
    np.testing.assert_array_equal(again.refit_margins(X), bundle.refit_margins(X))
    assert again.refit_margins(X).shape == (len(X), 2)
    np.testing.assert_array_equal(
        again.best_rule.score(X, invented.rows), bundle.best_rule.score(X, invented.rows)
    )
    assert again.model_hash == bundle.model_hash
    assert again.classifier.get_params() == bundle.classifier.get_params()
    assert again.classifier.recipe_ == bundle.classifier.recipe_
    for name in (
        "study",
        "label",
        "winner",
        "contract",
        "metrics",
        "audit",
        "data_hash",
        "code_hash",
        "versions",
    ):
        assert getattr(again, name) == getattr(bundle, name), name


def test_a_loaded_bundle_refuses_what_the_saved_one_refused(
    bundle: Bundle, invented: Invented, tmp_path: Path
) -> None:
    again = load(bundle.save(tmp_path / "b"))
    with pytest.raises(GateRefused, match="nothing"):
        again.classifier.margin(invented.X.assign(nothing=np.nan))
    shuffled = invented.X[invented.X.columns[::-1]]
    np.testing.assert_array_equal(again.classifier.margin(shuffled), bundle.classifier.margin(invented.X))


def test_the_same_bundle_is_the_same_bytes_whatever_the_threads(
    bundle: Bundle, invented: Invented, tmp_path: Path
) -> None:
    two = RiskClassifier(n_seeds=2, num_threads=2).fit(invented.X, invented.y, invented.rows["period"])
    other = replace(bundle, classifier=two)
    assert other.model_hash == bundle.model_hash
    first, second = bundle.save(tmp_path / "1"), other.save(tmp_path / "2")
    one, two_threads = ({p.name: p.read_bytes() for p in folder.iterdir()} for folder in (first, second))
    assert one == two_threads
    load(first)
    assert load(second).classifier.num_threads is None  # a matter of the machine, not of the model


def test_a_thread_count_written_back_by_lightgbm_is_no_change(bundle: Bundle, tmp_path: Path) -> None:
    folder = bundle.save(tmp_path / "b")
    path = folder / "booster_000.txt"
    path.write_text(path.read_text().replace("[seed:", "[num_threads: 8]\n[seed:"))
    assert "num_threads" in path.read_text()
    load(folder)


def change_leaf(folder: Path) -> None:
    path = folder / "booster_001.txt"
    text = path.read_text()
    at = text.index("leaf_value=") + len("leaf_value=")
    path.write_text(text[:at] + "9" + text[at:])


def edit_json(folder: Path, old: str, new: str) -> None:
    path = folder / JSON_FILE
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


TAMPERING = {
    "a leaf of a booster": change_leaf,
    "a booster gone": lambda folder: (folder / "booster_001.txt").unlink(),
    "a refit gone": lambda folder: (folder / "refit_000.txt").unlink(),
    "boosters swapped": lambda folder: (folder / "booster_000.txt").write_bytes(
        (folder / "booster_001.txt").read_bytes()
    ),
    "the winner": lambda folder: edit_json(folder, '"winner": "model"', '"winner": "school_group_rate"'),
    "a metric": lambda folder: edit_json(folder, '"auroc": 0.8', '"auroc": 0.9'),
    "the audit": lambda folder: edit_json(folder, '"groups": 3', '"groups": 4'),
    "half a file": lambda folder: (folder / JSON_FILE).write_text((folder / JSON_FILE).read_text()[:500]),
    "no seal": lambda folder: (folder / JSON_FILE).write_text("{}"),
    "a list": lambda folder: (folder / JSON_FILE).write_text("[]"),
    "nothing": lambda folder: (folder / JSON_FILE).unlink(),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_what_was_changed_is_refused_before_a_booster_is_built(
    what: str, bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bundle.save(tmp_path / "b")
    TAMPERING[what](folder)
    monkeypatch.setattr(
        boosting, "from_text", lambda text: pytest.fail("a booster was built before it was checked")
    )
    with pytest.raises(GateRefused) as refused:
        load(folder)
    assert refused.value.exit_code == 4
    assert "train again" in str(refused.value)


def test_another_model_than_the_registered_one_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    folder = bundle.save(tmp_path / "b")
    load(folder, model_hash=bundle.model_hash)
    with pytest.raises(GateRefused, match="another model"):
        load(folder, model_hash="0" * 64)


def test_a_model_without_its_audit_is_refused_for_scoring(bundle: Bundle, tmp_path: Path) -> None:
    folder = replace(bundle, audit=None).save(tmp_path / "b")
    with pytest.raises(GateRefused, match="has no audit"):
        load(folder)
    unaudited = load(folder, audited=False)
    assert unaudited.audit is None
    audited = replace(unaudited, audit=bundle.audit)
    assert load(audited.save(tmp_path / "c")).model_hash == bundle.model_hash  # the audit decides no list


def test_all_that_decides_a_list_changes_the_hash(bundle: Bundle, invented: Invented) -> None:
    rule = RULES["school_group_rate"].fit(invented.X, invented.rows, 1 - invented.y)
    others = [
        replace(bundle, winner="school_group_rate"),
        replace(bundle, best_rule=rule),
        replace(bundle, refits=()),
        replace(bundle, study="transition"),
        replace(bundle, label="removal"),
        replace(bundle, contract=tuple(replace(one, unit="rate") for one in bundle.contract)),
    ]
    assert len({other.model_hash for other in (bundle, *others)}) == 7


def test_a_rule_that_is_not_known_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(GateRefused, match="school_group_rate"):
        load(bundle.save(tmp_path / "b"), rules={"any_suspension": RULES["any_suspension"]})


def test_a_model_of_another_question_is_refused(bundle: Bundle) -> None:
    check_asked(bundle, "secondary", "new_suspension")
    with pytest.raises(GateRefused, match="'new_suspension'; asked for are 'secondary' and 'over_5_days'"):
        check_asked(bundle, "secondary", "over_5_days")


def test_other_features_are_refused_by_name_and_their_order_is_not(
    bundle: Bundle, features: list[Feature]
) -> None:
    check_contract(bundle, features[::-1])
    changed = [*features[1:-1], feature("nothing", "another meaning"), feature("extra")]
    with pytest.raises(GateRefused) as refused:
        check_contract(bundle, changed)
    for part in ("missing: suspensions_count_spells_3t", "new: extra", "defined in another way: nothing"):
        assert part in str(refused.value)


def test_families_other_than_in_training_are_named(bundle: Bundle) -> None:
    trained = replace(bundle, trained={"families": ["attendance", "moves"]})
    check_families(trained, ["moves", "attendance"])
    with pytest.raises(GateRefused) as refusal:
        check_families(trained, ["attendance", "services"])
    assert "the model has, and this run lacks, moves; only this run has services" in str(refusal.value)
    check_families(bundle, ["attendance"])  # one from before families were recorded: its columns decide


def test_a_slope_that_is_not_positive_never_ships_but_the_rule_does(bundle: Bundle) -> None:
    flat = RiskClassifier.from_json(bundle.classifier.to_json(), bundle.classifier.boosters_)
    flat.calibrator_ = Platt(-3.0, -0.1)
    with pytest.raises(GateRefused, match="slope"):
        replace(bundle, classifier=flat)
    assert replace(bundle, classifier=flat, winner="school_group_rate").rule is bundle.best_rule


def test_the_winner_scores(bundle: Bundle, invented: Invented) -> None:
    assert bundle.rule is None
    np.testing.assert_array_equal(
        bundle.ranker.score(invented.X, invented.rows), bundle.classifier.margin(invented.X)
    )
    by_rule = replace(bundle, winner="school_group_rate")
    assert by_rule.ranker is by_rule.rule is bundle.best_rule
    with pytest.raises(WrongUsage, match="winner"):
        replace(bundle, winner="histogram_boosting")


def test_a_classifier_of_other_columns_than_the_contract_is_refused(bundle: Bundle) -> None:
    with pytest.raises(GateRefused, match="other columns"):
        replace(bundle, contract=bundle.contract[1:])


def test_files_are_text_and_json_for_their_owner_only(bundle: Bundle, tmp_path: Path) -> None:
    folder = bundle.save(tmp_path / "b")
    names = sorted(path.name for path in folder.iterdir())
    assert names == [
        "booster_000.txt",
        "booster_001.txt",
        "bundle.json",
        "refit_000.txt",
        "refit_001.txt",
    ]
    json.loads((folder / JSON_FILE).read_text(encoding="utf-8"))
    if os.name == "posix":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_folder_is_written_whole_or_not_at_all_and_never_overwritten(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bundle.save(tmp_path / "b")
    assert bundle.save(folder) == folder  # the same model again is no change
    with pytest.raises(WrongUsage, match="choose a new folder"):
        replace(bundle, study="other").save(folder)
    assert load(folder).study == "secondary"

    def full(path: Path, data: bytes) -> None:
        if path.name.startswith("refit"):
            raise OSError(28, "No space left on device")
        path.write_bytes(data)

    monkeypatch.setattr("earlywarning.model.sealed.write_whole", full)
    with pytest.raises(MachineRefused, match="No space left"):
        bundle.save(tmp_path / "c")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_an_undefined_number_is_null_and_never_nan(bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        replace(bundle, metrics={"auroc": float("nan")}).save(tmp_path / "b")
    assert not (tmp_path / "b").exists()
    with pytest.raises((TypeError, EarlyWarningError)):
        replace(bundle, metrics={"pupils": {"p1"}}).save(tmp_path / "b")


def test_what_learns_from_groups_cannot_be_put_into_a_bundle(bundle: Bundle, invented: Invented) -> None:
    groups = pd.Series(
        np.where(np.arange(len(invented.y)) % 2, "A", "B"), index=invented.X.index, name="group"
    )
    mixture = Reduction("equal recall", groups, 0.1).fit(invented.X, invented.rows, invented.y)
    first, again = (mixture.score(invented.X, invented.rows) for _ in range(2))
    np.testing.assert_array_equal(first, again)  # nothing is drawn by chance
    with pytest.raises(GateRefused, match="no threshold of a group's own and no flag drawn by chance"):
        replace(bundle, classifier=mixture)  # type: ignore[arg-type]


@pytest.mark.parametrize("part", SCORES_WITH)
def test_thresholds_of_groups_cannot_come_with_a_bundle(bundle: Bundle, tmp_path: Path, part: str) -> None:
    body, _ = read_sealed(bundle.save(tmp_path / "as it is"))
    assert set(body) == SCORES_WITH[""]
    (body[part] if part else body)["thresholds"] = {"Black": 0.3, "White": 0.2}
    write_sealed(tmp_path / "with more", body, bundle._texts())
    with pytest.raises(GateRefused, match="holds thresholds, which nothing here scores with"):
        load(tmp_path / "with more")
