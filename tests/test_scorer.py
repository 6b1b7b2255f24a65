"""Law 7 where lists are made: no group is looked at. What can score: tests/model/test_bundle.py."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from building import history_of
from conftest import FAST, World

from earlywarning import pipeline, tracking
from earlywarning.dataset.roll import Roll, on_roll
from earlywarning.engines import open_engine
from earlywarning.features import FAMILIES
from earlywarning.model.bundle import load
from earlywarning.shipping import _switched_on
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
    assert not held & set(study.every_audited) - {"borough", "nc_year"}
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
    sen = pq.read_table(data / "sen.parquet")
    none = pa.array(["N"] * len(sen), sen.schema.field("sen_provision").type)
    where = sen.schema.get_field_index("sen_provision")
    pq.write_table(sen.set_column(where, sen.schema.field(where), none), data / "sen.parquet")
    scores = []
    for number, folder in enumerate((world.data, data)):
        out = tmp_path / f"out{number}"
        issued = pipeline.score(folder, as_of=AS_OF, out=out, settings=FAST, models=world.models)
        scores.append(pq.read_table(Path(issued["issue"]) / "scores.parquet").to_pandas())
    pd.testing.assert_frame_equal(scores[0], scores[1])


def test_who_answers_for_the_inputs_and_what_was_switched_on_is_kept(world: World) -> None:
    bundle = load(tracking.resolve(world.models, "secondary"))
    assert set(bundle.trained["policy"]["inputs"]) == set(FAMILIES)
    assert bundle.trained["policy"]["switched_on"] == {}
    assert set(tracking.list_runs(world.models, "secondary")["tags.switched_on"]) == {"nothing"}
    told = {"policy": {"inputs": {}, "switched_on": {"justice_known_flag_3t": "the board agreed"}}}
    assert _switched_on(replace(bundle, trained=told)) == "justice_known_flag_3t: the board agreed"
