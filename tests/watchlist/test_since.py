"""What changed since the last list, with no key that outlives an issue."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest

from earlywarning.errors import InputRefused
from earlywarning.studies.apart import LEFT_OUT, PLACED
from earlywarning.watchlist import Issue, panel_refs, score_keys
from earlywarning.watchlist.publish import publish
from earlywarning.watchlist.since import LastIssue, last_issue, maker, since_last

KEY = b"a key for tests"
FIRST, CONSIDER = "discuss first", "also consider"
# pupil, band then (- not assessed), band now, apart now, what is said, why it left
CASES = {
    "stayed": (FIRST, CONSIDER, "", "Still on the list", None),
    "new-facts": ("", FIRST, "", "New: new facts", None),
    "new-border": ("", CONSIDER, "", "New: borderline", None),
    "new-unseen": ("-", FIRST, "", "New: not assessed last time", None),
    "left-facts": (FIRST, "", "", "", "new facts"),
    "left-border": (CONSIDER, "", "", "", "borderline"),
    "left-unseen": (FIRST, "-", "", "", "not assessed this time"),
    "left-placed": (FIRST, "-", PLACED, "", PLACED),
    "left-object": (FIRST, "-", LEFT_OUT["objection"], "", None),
    "never": ("", "", "", "", None),
}


def roll_of(issue: str = "secondary-2025-12-31") -> pd.DataFrame:
    index = pd.MultiIndex.from_product(
        [list(CASES), [dt.date(2025, 12, 31)]], names=["pupil_id", "as_of_date"]
    )
    now = [case[1] for case in CASES.values()]
    apart = pd.Series([case[2] for case in CASES.values()])
    return pd.DataFrame(
        {
            "ref": panel_refs(CASES, KEY, issue),
            "area": "901",
            "school": "Alder",
            "group": "Year 9",
            "band": [band.strip("-") for band in now],
            "assessed": [band != "-" for band in now],
            "apart": apart.to_numpy(),
            "hidden": apart.isin(LEFT_OUT.values()).to_numpy(),
        }
    ).set_index(index)


def last_of(made_by: tuple[str, str] = ("model", "ab")) -> LastIssue:
    name = "secondary-2025-09-26"
    keys = score_keys([*CASES, "moved-away"], KEY, name)
    bands = [case[0] for case in CASES.values()] + [FIRST]
    then = {key: band for key, band in zip(keys, bands, strict=True) if band != "-"}
    return LastIssue(name, dt.date(2025, 9, 26), made_by, then)


NOBODY = pd.DataFrame(columns=["pupil_id", "ref", "area", "school", "group"])


def test_each_pupil_is_new_still_there_or_gone_for_a_reason() -> None:
    roll = roll_of()
    said, since = since_last(last_of(), ("model", "ab"), roll, NOBODY, KEY)
    assert dict(zip(CASES, said, strict=True)) == {name: case[3] for name, case in CASES.items()}
    why = {row.ref: row.why for row in since.left}
    assert {name: why.get(ref) for name, ref in zip(CASES, roll["ref"], strict=True)} == {
        name: case[4] for name, case in CASES.items()
    }
    assert since.gone == 2, "the pupil who moved away, and the one who may not be shown"
    assert not since.model_changed


def test_everybody_counts_once() -> None:
    said, since = since_last(last_of(), ("model", "ab"), roll_of(), NOBODY, KEY)
    assert said.count("Still on the list") + len(since.left) + since.gone == len(last_of().listed)


def test_another_model_is_the_reason_before_any_other() -> None:
    said, since = since_last(last_of(), ("model", "cd"), roll_of(), NOBODY, KEY)
    assert said[1] == said[2] == "New: the way of making the list changed"
    assert since.model_changed


def test_a_rule_is_the_same_rule_whatever_model_was_trained_beside_it() -> None:
    assert maker("number_of_suspensions", "ab") == maker("number_of_suspensions", "cd")
    assert maker("model", "ab") != maker("model", "cd")


def test_a_pupil_who_is_only_shown_now_is_told_as_such() -> None:
    shown = pd.DataFrame(
        [{"pupil_id": "moved-away", "ref": "R", "area": "901", "school": "S", "group": "Year 11"}]
    )
    _, since = since_last(last_of(), ("model", "ab"), roll_of(), shown, KEY)
    assert [row.why for row in since.left if row.ref == "R"] == ["Year 11: shown, not scored"]
    assert since.gone == 1


def test_the_last_issue_is_the_latest_before_of_the_same_study(issue: Issue, tmp_path: Path) -> None:
    publish(issue, tmp_path)
    (tmp_path / "secondary-two_suspensions-2026-01-31").mkdir()
    (tmp_path / ".secondary-2026-01-31.unfinished").mkdir()
    assert last_issue(tmp_path, "secondary", issue.as_of_date) is None
    found = last_issue(tmp_path, "secondary", dt.date(2026, 3, 27))
    assert found is not None
    assert (found.name, found.as_of_date) == (issue.name, issue.as_of_date)
    assert len(found.listed) == len(issue.pupils)
    assert last_issue(tmp_path / "nowhere", "secondary", dt.date(2026, 3, 27)) is None


@pytest.mark.parametrize("harm", ["scores", "manifest", "no scores", "no manifest"])
def test_a_last_issue_that_was_changed_is_refused(harm: str, small_issue: Issue, tmp_path: Path) -> None:
    folder = publish(small_issue, tmp_path)
    if harm == "scores":
        (folder / "scores.parquet").write_bytes((folder / "scores.parquet").read_bytes()[:-1])
    if harm == "manifest":
        (folder / "manifest.json").write_text(json.dumps({"files": []}), encoding="utf-8")
    if harm.startswith("no "):
        (folder / {"no scores": "scores.parquet", "no manifest": "manifest.json"}[harm]).unlink()
    with pytest.raises(InputRefused, match="as it was published") as refused:
        last_issue(tmp_path, "secondary", dt.date(2026, 3, 27))
    assert small_issue.name in str(refused.value)
