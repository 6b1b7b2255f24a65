"""What the data scientist gets: scores that join to nothing, and a manifest that accounts for everything."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from earlywarning.watchlist import Issue, panel_refs, score_keys
from earlywarning.watchlist.publish import publish


@pytest.fixture(scope="module")
def folder(issue: Issue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(issue, tmp_path_factory.mktemp("out"))


def test_scores_hold_everyone_assessed_and_no_pupil(folder: Path, issue: Issue) -> None:
    table = pq.read_table(folder / "scores.parquet")
    assert table.column_names == [
        "score_key",
        "area",
        "as_of_date",
        "probability",
        "margin",
        "band",
        "listed",
    ]
    assert table.schema.metadata is None
    scores = table.to_pandas()
    assert scores["score_key"].is_monotonic_increasing
    merged = scores.merge(issue.scores, on="score_key", suffixes=("", "_given"))
    assert len(merged) == len(scores) == len(issue.scores)
    pd.testing.assert_series_equal(merged["probability"], merged["probability_given"], check_names=False)
    assert set(scores["as_of_date"]) == {dt.date(2025, 12, 31)}
    assert set(scores.loc[~scores["listed"], "band"]) == {""}


def test_scores_of_a_rule_have_no_probability(small_issue: Issue, tmp_path: Path) -> None:
    from dataclasses import replace

    from earlywarning.watchlist.outputs import scores_parquet

    unscored = small_issue.scores.assign(probability=float("nan"))
    scores_parquet.write(replace(small_issue, scores=unscored), tmp_path / "scores.parquet")
    assert pq.read_table(tmp_path / "scores.parquet")["probability"].null_count == len(unscored)


def test_no_reference_of_the_panel_is_a_key_of_the_scores(folder: Path, issue: Issue) -> None:
    keys = set(pq.read_table(folder / "scores.parquet")["score_key"].to_pylist())
    assert not keys & {pupil.ref for pupil in issue.pupils}


def test_the_listing_has_every_reference_once_and_no_way_to_the_scores(folder: Path, issue: Issue) -> None:
    listing = pq.read_table(folder / "listing.parquet").to_pandas()
    left = issue.since.left if issue.since else ()
    rows = (*issue.pupils, *issue.not_assessed, *issue.in_progress, *issue.register, *issue.shown, *left)
    assert sorted(listing["ref"]) == sorted({row.ref for row in rows})
    assert (listing["page"] == "not assessed").sum() == len(issue.not_assessed)
    assert set(listing.columns) == {"ref", "area", "school", "group", "page"}
    listed = listing[listing["page"].isin(["discuss first", "also consider"])]
    pupils = (*issue.in_band("discuss first"), *issue.in_band("also consider"))
    assert listed["ref"].tolist() == [pupil.ref for pupil in pupils]


def test_the_manifest_accounts_for_files_and_pupils(folder: Path, issue: Issue) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == {
        "panel.xlsx",
        "panel.html",
        "briefing.html",
        "scores.parquet",
        "listing.parquet",
    }
    for name, file in manifest["files"].items():
        assert file["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()
        assert file["bytes"] == (folder / name).stat().st_size
    for count in manifest["counts"].values():
        apart = sum(count["not_assessed"].values()) + count["permanent_exclusions_in_progress"]
        apart += count["on_the_register_instead"] + sum(count["left_out"].values())
        assert count["assessed"] + apart == count["on_roll"]
        assert sum(count["listed"].values()) <= count["capacity"]
        assert count["on_the_register_instead"] == 2
    changes = manifest["since_last_list"]
    assert changes["still"] + sum(changes["new"].values()) == len(issue.pupils)
    assert (sum(changes["left"].values()), changes["gone"]) == (4, 3)
    assert manifest["objections_received"] is True
    assert manifest["synthetic"] is True
    assert manifest["made_with"]["model_hash"] == issue.provenance.model_hash
    assert manifest["destroy_after"] == "2027-04-26"
    assert not any(pupil.ref in (folder / "manifest.json").read_text() for pupil in issue.pupils)


def test_keys_differ_by_purpose_by_issue_and_by_secret() -> None:
    pupils = [f"p{number}" for number in range(500)]
    made = [
        *panel_refs(pupils, b"a", "autumn"),
        *panel_refs(pupils, b"a", "spring"),
        *panel_refs(pupils, b"b", "autumn"),
        *score_keys(pupils, b"a", "autumn"),
        *score_keys(pupils, b"a", "spring"),
    ]
    assert len(set(made)) == len(made)
    assert panel_refs(pupils, b"a", "autumn") == made[:500]
    assert not set("AEIOUY01") & set("".join(made[:1500]))
