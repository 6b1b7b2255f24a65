"""The study of mitigation: every option on the same pupils, nothing saved, and a page that says so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import FAST, World

from earlywarning import cli, pipeline
from earlywarning.config import FeatureSettings, ModelSettings
from earlywarning.errors import GateRefused, WrongUsage

QUICK = replace(
    FAST,
    model=ModelSettings(seeds=1, refits=1),
    features=FeatureSettings(("attendance", "behaviour", "suspensions")),
)


@pytest.fixture(scope="module")
def studied(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[pipeline.Result, Path]:
    """Three families, one feature that is off, and Fairlearn between boys and girls."""
    out = tmp_path_factory.mktemp("studied")
    told = pipeline.mitigate(
        world.data,
        settings=QUICK,
        added=["sen_provision_level_open"],
        labels=["over_5_days"],
        attributes=["sex"],
        out=out / "page.html",
        csv=out / "rows.csv",
    )
    return told, out


def test_every_option_is_compared_with_the_list_as_used(studied: tuple[pipeline.Result, Path]) -> None:
    told, _ = studied
    assert [each["option"] for each in told["options"]] == [
        "as used",
        "without attendance",
        "without behaviour",
        "without suspensions",
        "with sen_provision_level_open",
        "label over_5_days",
        "logistic regression",
        "equal recall by sex",
        "equal selection by sex",
    ]
    everyone = [row for row in told["rows"] if row["group"] == "everyone" and row["metric"] == "recall"]
    assert len(everyone) == 9
    assert len({row["positives"] for row in everyone}) == 1  # the same pupils, the same outcome
    assert everyone[0]["change"] is None and everyone[0]["verdict"] == ""
    assert all(row["change"] is not None for row in everyone[1:])
    json.dumps(told, allow_nan=False)


def test_even_selection_is_what_the_reduction_brings(studied: tuple[pipeline.Result, Path]) -> None:
    told, _ = studied

    def listed(option: str) -> float:
        boys, girls = (
            next(
                row["value"]
                for row in told["rows"]
                if (row["option"], row["group"], row["metric"]) == (option, sex, "selection_rate")
            )
            for sex in ("M", "F")
        )
        return abs(boys - girls)

    assert listed("equal selection by sex") <= listed("logistic regression") + 0.01


def test_the_page_says_what_it_is_and_holds_no_pupil(studied: tuple[pipeline.Result, Path]) -> None:
    told, out = studied
    page = (out / "page.html").read_text(encoding="utf-8")
    for part in ("INVENTED DATA", "This is a study: nothing here was saved", "They cannot be shipped"):
        assert part in page
    assert page.count("<svg") == 1
    table = (out / "rows.csv").read_text(encoding="utf-8")
    assert table.startswith("option,attribute,group,metric,n,positives,value")
    assert "pupil_id" not in page + table
    assert told["lines"][0].startswith("INVENTED DATA")


def test_nothing_is_saved(world: World, studied: tuple[pipeline.Result, Path]) -> None:
    _, out = studied
    assert {path.name for path in out.iterdir()} == {"page.html", "rows.csv"}


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({"added": ["attendance_absence_rate_1ht"]}, WrongUsage, "no feature of that name is off"),
        ({"added": ["pupil_ethnicity_level_open"]}, GateRefused, "about race"),
        ({"labels": ["suspension_within_year"]}, WrongUsage, "other pupils or of other weeks"),
        ({"labels": ["nothing"]}, WrongUsage, "label 'nothing' is not known"),
        ({"attributes": ["hair"]}, WrongUsage, "attribute 'hair' is not known"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    world: World, asked: dict[str, list[str]], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        pipeline.mitigate(world.data, settings=QUICK, **asked)  # type: ignore[arg-type]


def test_the_commands_take_what_the_stories_take(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: dict[str, object] = {}
    monkeypatch.setattr(pipeline, "mitigate", lambda data, **given: taken.update(given) or {"lines": []})
    asked = ["mitigate", str(world.data), "--with", "a", "--with", "b", "--label", "l", "--attribute", "sex"]
    assert cli.main(asked) == 0
    assert (taken["added"], taken["labels"], taken["attributes"]) == (["a", "b"], ["l"], ["sex"])
    out = tmp_path / "proxies.csv"
    assert cli.main(["proxies", str(world.data), "--csv", str(out), "--out", str(tmp_path / "p.html")]) == 0
    assert "INVENTED DATA" in capsys.readouterr().out
    assert out.read_text(encoding="utf-8").startswith("attribute,group,n,members,auroc")
    assert "What the inputs give away" in (tmp_path / "p.html").read_text(encoding="utf-8")
