"""Law 7 where lists are made: no group is looked at, and nothing but boosters and a rule can score."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import history_of
from conftest import FAST, World

from earlywarning import pipeline
from earlywarning.audit.reductions import Mixture, Reduction
from earlywarning.dataset.roll import Roll, on_roll
from earlywarning.engines import open_engine
from earlywarning.errors import GateRefused
from earlywarning.model.bundle import SCORES_WITH, Bundle, load
from earlywarning.model.sealed import write_sealed
from earlywarning.studies import STUDIES

AS_OF = dt.date(2025, 12, 31)


def looked(*_: Any) -> NoReturn:
    raise AssertionError("the attributes that groups are audited by were looked at")


def test_attributes_are_not_looked_at_when_a_list_is_made() -> None:
    study = replace(STUDIES["secondary"], attributes=looked)
    tables = {
        "pupils": "pupil_id | sex | ethnicity\na | F | BCRB",
        "enrolments": "pupil_id | school_id | nc_year | start_date\na | s1 | 9 | 2024-09-02",
    }
    with open_engine("polars") as engine:
        roll = on_roll(study, history_of(engine, tables, ["2024-12-31"]))
        assert roll.of(roll.rows.index).attributes.empty
        held = {*roll.wide.collect_schema().names(), *roll.rows.columns}
    assert not held & {*study.audited, "sen_primary_need"} - {"borough", "nc_year"}
    assert "attributes" not in {field.name for field in fields(Roll)}


def test_groups_change_no_score_and_no_list(world: World, tmp_path: Path) -> None:
    """Every pupil gets the sex, ethnicity, language, meals and SEN of another: the same pupils are listed."""
    data = Path(shutil.copytree(world.data, tmp_path / "data"))
    random = np.random.default_rng(5)
    pupils = pd.read_parquet(data / "pupils.parquet")
    told = ["sex", "ethnicity", "eal", "fsm_eligible"]
    pupils[told] = pupils[told].to_numpy()[random.permutation(len(pupils))]
    kept = pq.read_schema(data / "pupils.parquet")
    pq.write_table(pa.Table.from_pandas(pupils, kept, preserve_index=False), data / "pupils.parquet")
    (data / "sen.parquet").unlink()
    scores = []
    for number, folder in enumerate((world.data, data)):
        out = tmp_path / f"out{number}"
        issued = pipeline.score(folder, as_of=AS_OF, out=out, settings=FAST, models=world.models)
        scores.append(pq.read_table(Path(issued["issue"]) / "scores.parquet").to_pandas())
    pd.testing.assert_frame_equal(scores[0], scores[1])


def test_a_reduction_cannot_be_put_into_a_bundle(world: World) -> None:
    X, rows = world.trained.data.X, world.trained.data.rows
    first = slice(0, 600)
    groups = world.trained.data.attributes["ethnicity_major"]
    y = np.arange(600) % 7 == 0
    mixture = Reduction("equal recall", groups, 0.05).fit(X[first], rows[first], y)
    assert isinstance(mixture, Mixture)
    with pytest.raises(GateRefused, match="no mixture of models, no threshold of a group's own"):
        replace(world.trained.bundle, classifier=mixture)  # type: ignore[arg-type]
    again = mixture.score(X[first], rows[first])
    np.testing.assert_array_equal(again, mixture.score(X[first], rows[first]))  # nothing is drawn


@pytest.mark.parametrize("part", SCORES_WITH)
def test_thresholds_of_groups_cannot_come_with_a_bundle(world: World, tmp_path: Path, part: str) -> None:
    bundle: Bundle = world.trained.bundle
    body = json.loads(json.dumps(bundle._body(), default=float))
    (body[part] if part else body)["thresholds"] = {"Black": 0.3, "White": 0.2}
    write_sealed(tmp_path / "bundle", body, bundle._texts())
    with pytest.raises(GateRefused, match="holds thresholds, which nothing here scores with"):
        load(tmp_path / "bundle")
