"""From a scored issue through a meeting to the audit of its decisions and the next issue."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from conftest import FAST, World
from decisions.conftest import Workbook

from earlywarning import cli, pipeline, policy
from earlywarning.audit.decisions import decisions_audit
from earlywarning.audit.group_audit import GroupAudit
from earlywarning.decisions import published
from earlywarning.errors import InputRefused, WrongUsage
from earlywarning.pipeline import reviewing

AUTUMN, SPRING = dt.date(2024, 9, 27), dt.date(2024, 12, 31)


def scored(world: World, out: Path, day: dt.date) -> Path:
    told = pipeline.score(world.data, as_of=day, out=out, settings=FAST, models=world.models)
    return Path(told["issue"])


@pytest.fixture(scope="module")
def met(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An issue whose panel agreed an action for the first of every three pupils, and declined the second."""
    return decided(world, tmp_path_factory.mktemp("issues"), AUTUMN)


def decided(world: World, out: Path, day: dt.date) -> Path:
    issue = published(scored(world, out, day))
    book = Workbook(issue.file("panel.xlsx"))
    for number, ref in enumerate(issue.listed):
        if number % 3 == 0:
            book.fill(ref, action=f"Plan {number}", owner="Ada", discussed_on=day + dt.timedelta(days=10))
        elif number % 3 == 1:
            book.fill(ref, agree="Disagree")
    apart = next((ref for ref, place in issue.places.items() if not place.listed), "Alder 1")
    book.nominate(1, reference=apart, school="s", why="Worried")
    book.nominate(2, reference="Alder 2", school="s", why="Worried")
    (out / "filled.xlsx").write_bytes(book.data)
    told = pipeline.import_decisions(out / "filled.xlsx", issue=issue.folder)
    assert told["exit_code"] == 0
    return issue.folder


def test_decisions_are_audited_by_group_and_supported_pupils_counted_apart(
    world: World, met: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["decisions", "audit", world.data, "--issue", met, "--json"]
    given += ["--out", tmp_path / "audit.csv", "--public", tmp_path / "public.csv"]
    assert cli.main([str(each) for each in given]) == 0
    text = capsys.readouterr().out
    told = json.loads(text)
    listed = len(published(met).listed)
    found = pd.DataFrame(told["by_group"])
    sums = found.groupby(["attribute", "metric"])[["count", "out_of"]].sum()
    for attribute in found["attribute"].unique():
        assert sums.loc[attribute, "supported"].tolist() == [-(-listed // 3), listed]
        assert sums.loc[attribute, "declined"].tolist() == [-(-(listed - 1) // 3), listed]
    assert len(told["declared"]["comparisons"]) == len(policy.load().decisions.comparisons)
    assert {row["interval_by"] for row in told["by_group"]} == {"pupils", "schools"}
    counts = pd.read_csv(tmp_path / "public.csv").filter(like="listed")
    assert ((counts.fillna(0) == 0) | (counts.fillna(0) >= 5)).all(axis=None)
    (of_issue,) = told["issues"]
    assert of_issue["listed_not_found"] == 0
    assert of_issue["nominations_not_linked"] in {1, 2}
    assert of_issue["precision"]["supported"] == -(-listed // 3)
    assert of_issue["precision"]["left"] + of_issue["precision"]["unknown"] == listed - -(-listed // 3)
    assert of_issue["precision"]["bounds"][0] < of_issue["precision"]["bounds"][1]
    assert len(pd.read_csv(tmp_path / "audit.csv")) == len(found)
    assert not any(ref in text for ref in published(met).places)


def test_the_next_issue_shows_what_is_still_open_to_the_same_pupils(world: World, met: Path) -> None:
    told = pipeline.score(world.data, as_of=SPRING, out=met.parent, settings=FAST, models=world.models)
    assert 0 < told["open_actions"] <= -(-len(published(met).listed) // 3)
    book = openpyxl.load_workbook(io.BytesIO(published(Path(told["issue"])).file("panel.xlsx")))
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    carried = sum("(Ada); no review date." in text for text in cells)
    (line,) = (line for line in told["lines"] if line.startswith("Actions open"))
    assert line.endswith(f"of whom {told['open_actions'] - carried} are not on this list.")
    assert carried > 0


def test_meetings_are_pooled_and_a_pupil_of_both_counts_as_one(
    world: World, met: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = decided(world, tmp_path, SPRING)
    clusters: list[pd.Series | None] = []

    def seen(*given: Any, **named: Any) -> GroupAudit:
        clusters.append(named["clusters"])
        return decisions_audit(*given, **named)

    monkeypatch.setattr(reviewing, "decisions_audit", seen)
    one, two, both = (
        pipeline.audit_decisions(world.data, issues=issues, settings=FAST)
        for issues in ([met], [later], [later, met])
    )
    assert both["issues"] == [*two["issues"], *one["issues"]]
    assert clusters[:2] == [None, None] and clusters[2] is not None and clusters[2].duplicated().any()
    where = ["attribute", "group", "metric"]
    one, two, both = (pd.DataFrame(each["by_group"]).set_index(where) for each in (one, two, both))
    apart = one[["count", "out_of"]].add(two[["count", "out_of"]], fill_value=0)
    pd.testing.assert_frame_equal(both[["count", "out_of"]], apart.loc[both.index], check_dtype=False)
    with pytest.raises(WrongUsage, match="of the same date"):
        pipeline.audit_decisions(world.data, issues=[met, met], settings=FAST)
    with pytest.raises(WrongUsage, match="--public is of one issue"):
        pipeline.audit_decisions(world.data, issues=[met, later], public=tmp_path / "p.csv", settings=FAST)


def test_what_does_not_belong_together_is_refused(
    world: World, met: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WrongUsage, match="is of the study 'secondary'"):
        pipeline.audit_decisions(world.data, issues=[met], settings=replace(FAST, label="over_5_days"))
    monkeypatch.setenv("EARLYWARNING_KEY_FILE", str(tmp_path / "another.key"))
    with pytest.raises(InputRefused, match=r"None of the \d+ pupils listed is in these extracts"):
        pipeline.audit_decisions(world.data, issues=[met], settings=FAST)
