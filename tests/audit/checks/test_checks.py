"""The table of checks as a whole, and one planted fault for each check."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from earlywarning.audit.checks import CHECKS, CheckContext, Rows, refuse_failed, run_checks
from earlywarning.audit.checks.page import page
from earlywarning.errors import GateRefused, WrongUsage

Plant = Callable[[CheckContext], CheckContext]


def with_train(ctx: CheckContext, **changes: Any) -> CheckContext:
    return dataclasses.replace(ctx, train=dataclasses.replace(ctx.train, **changes))


def with_test(ctx: CheckContext, **changes: Any) -> CheckContext:
    assert ctx.test is not None
    return dataclasses.replace(ctx, test=dataclasses.replace(ctx.test, **changes))


def feature(name: str, make: Callable[[Rows], Any]) -> Plant:
    return lambda ctx: with_train(ctx, X=ctx.train.X.assign(**{name: make(ctx.train)}))


def about(name: str, make: Callable[[Rows], Any]) -> Plant:
    return lambda ctx: with_train(ctx, about=ctx.train.about.assign(**{name: make(ctx.train)}))


def about_test(name: str, value: Any) -> Plant:
    def plant(ctx: CheckContext) -> CheckContext:
        assert ctx.test is not None
        return with_test(ctx, about=ctx.test.about.assign(**{name: value}))

    return plant


def canary(**values: float) -> Plant:
    return lambda ctx: dataclasses.replace(ctx, canary=values or None)


def training_row_in_the_test(ctx: CheckContext) -> CheckContext:
    assert ctx.test is not None
    joined = {
        name: pd.concat([getattr(ctx.test, name), getattr(ctx.train, name)[:1]])
        for name in ("X", "y", "about")
    }
    return with_test(ctx, **joined)


def a_row_twice(ctx: CheckContext) -> CheckContext:
    return with_train(ctx, X=ctx.train.X.iloc[[0, *range(899)]], **_same(ctx.train, [0, *range(899)]))


def _same(rows: Rows, chosen: list[int]) -> dict[str, Any]:
    return {"y": rows.y.iloc[chosen], "about": rows.about.iloc[chosen]}


def events(n: int) -> Plant:
    def plant(ctx: CheckContext) -> CheckContext:
        y = pd.Series(np.arange(len(ctx.train.y)) < n, index=ctx.train.y.index)
        return with_train(ctx, y=y, about=ctx.train.about.assign(state=np.where(y, "event", "no_event")))

    return plant


def first_rows(value: Any, otherwise: Callable[[Rows], Any], n: int = 3) -> Callable[[Rows], Any]:
    return lambda rows: otherwise(rows).where(np.arange(len(rows.y)) >= n, value)


FAULTS: dict[str, tuple[str, Plant, str]] = {
    "the canary sings": ("EW01", canary(mean=0.55, standard_error=0.01), "0.550, standard error 0.010"),
    "the canary sings low": ("EW01", canary(mean=0.45, standard_error=0.01), "0.450"),
    "the canary is undefined": ("EW01", canary(mean=float("nan"), standard_error=0.01), "undefined"),
    "the canary was left out": ("EW01", canary(), "not run"),
    "a column named like an id": (
        "EW02",
        feature("pupil_id", lambda r: np.arange(len(r.y))),
        "pupil_id is named",
    ),
    "a number given to each pupil": (
        "EW02",
        feature("roll_position", lambda r: pd.factorize(r.pupils)[0].astype(float)),
        "roll_position has a value of its own for nearly each of 300 pupils",
    ),
    "the label with a little noise": (
        "EW03",
        feature("days_out", lambda r: r.y * 5.0 + np.linspace(0, 1, len(r.y))),
        "days_out by its values (AUROC 1.000)",
    ),
    "the label upside down": (
        "EW03",
        feature("days_in", lambda r: -1.0 * r.y),
        "days_in by its values (AUROC 0.000)",
    ),
    "the label in what is missing": (
        "EW03",
        feature("reason", lambda r: pd.Series(1.0, index=r.y.index).where(r.y)),
        "reason by being missing",
    ),
    "a training row in the test": (
        "EW04",
        training_row_in_the_test,
        "1 rows are in training and in the test",
    ),
    "a join that doubled a row": ("EW04", a_row_twice, "1 rows are in training twice"),
    "labels after the extract": (
        "EW05",
        about("matures_on", first_rows(pd.Timestamp(2025, 9, 1), lambda r: r.about["matures_on"])),
        "3 training rows have labels that mature after the extract",
    ),
    "labels that never mature": (
        "EW05",
        about("matures_on", first_rows(pd.NaT, lambda r: r.about["matures_on"])),
        "3 training rows have labels that mature after",
    ),
    "a censored row": (
        "EW05",
        about("state", first_rows("censored", lambda r: r.about["state"])),
        "3 training rows have a state other than event or no_event",
    ),
    "immature test labels": (
        "EW05",
        about_test("matures_on", pd.Timestamp(2026, 1, 1)),
        "300 test rows have labels that mature after the extract",
    ),
    "a label that is not its state": (
        "EW05",
        lambda ctx: with_train(ctx, y=~ctx.train.y),
        "900 training rows have a label that differs from their state",
    ),
    "the panel met on the day of the data": (
        "EW06",
        about("panel_date", first_rows(pd.Timestamp(2021, 9, 26), lambda r: r.about["panel_date"], n=1)),
        "1 training rows have a panel_date that is not after their as_of_date",
    ),
    "an event before the label opened": (
        "EW06",
        about("event_date", lambda r: r.as_of.where(r.y)),
        "training rows have an event before their panel_date",
    ),
    "forty-nine events": (
        "EW07",
        events(49),
        "training has 49 events and 851 others; at least 50 of each needed",
    ),
    "hardly anyone without the event": ("EW07", events(890), "training has 890 events and 10 others"),
    "a training label settled after the test began": (
        "EW08",
        about("matures_on", first_rows(pd.Timestamp(2024, 9, 26), lambda r: r.about["matures_on"])),
        "3 training rows have labels that mature on or after 2024-09-26",
    ),
    "training on a later year": (
        "EW08",
        about_test("train_before", pd.Timestamp(2023, 9, 26)),
        "300 training rows have an as_of_date on or after 2023-09-26",
    ),
    "no day on which the test began": ("EW08", about_test("train_before", pd.NaT), "no train_before date"),
}


def test_a_sound_run_passes_every_check(sound: CheckContext) -> None:
    results = run_checks(sound)
    assert {result.code: result.status for result in results} == {check.code: "passed" for check in CHECKS}
    refuse_failed(results)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_by_its_check(fault: str, sound: CheckContext) -> None:
    code, plant, detail = FAULTS[fault]
    found = {result.code: result for result in run_checks(plant(sound)) if result.status == "failed"}
    assert code in found
    assert detail in found[code].detail
    assert set(found) <= {code, *({"EW08"} if code in {"EW04", "EW05"} else set())}


def test_every_check_has_a_planted_fault() -> None:
    assert {code for code, _, _ in FAULTS.values()} == {check.code for check in CHECKS}


def test_a_rate_of_ones_own_is_no_identifier(sound: CheckContext) -> None:
    rate = np.repeat(np.linspace(0, 1, 300), 3)
    result = run_checks(with_train(sound, X=sound.train.X.assign(primary_absence_rate=rate)))[1]
    assert result.status == "passed"


def test_a_refit_without_a_test_is_not_applicable_and_not_passed(sound: CheckContext) -> None:
    status = {r.code: r.status for r in run_checks(dataclasses.replace(sound, test=None))}
    assert (status["EW04"], status["EW08"], status["EW07"]) == ("not_applicable", "not_applicable", "passed")


def test_a_canary_within_four_standard_errors_passes(sound: CheckContext) -> None:
    assert run_checks(canary(mean=0.539, standard_error=0.01)(sound))[0].status == "passed"


def test_few_events_make_one_check_fail_and_another_not_applicable(sound: CheckContext) -> None:
    status = {r.code: r.status for r in run_checks(events(10)(sound))}
    assert (status["EW03"], status["EW07"]) == ("not_applicable", "failed")


def test_refusal_names_each_failed_check_and_what_to_do(sound: CheckContext) -> None:
    results = run_checks(canary(mean=0.6, standard_error=0.01)(events(3)(sound)))
    with pytest.raises(GateRefused) as refused:
        refuse_failed(results)
    message = str(refused.value)
    assert "EW01 Shuffled labels can be predicted: mean AUROC on shuffled labels 0.600" in message
    assert "EW07 Too few events: training has 3 events" in message
    assert message.count("What to do: ") == 2
    assert not re.search(r"p\d{4}", message), "a pupil is in the message"


def test_rows_without_what_the_checks_need_are_refused(sound: CheckContext) -> None:
    rows = sound.train
    with pytest.raises(WrongUsage, match="panel_date, train_before"):
        Rows(X=rows.X, y=rows.y, about=rows.about[["state", "matures_on"]])
    with pytest.raises(WrongUsage, match="one index"):
        Rows(X=rows.X, y=rows.y[::-1], about=rows.about)


def test_codes_are_unique_in_order_and_every_check_explains_itself() -> None:
    codes = [check.code for check in CHECKS]
    assert codes == sorted(set(codes))
    for check in CHECKS:
        assert re.fullmatch(r"EW\d\d", check.code)
        for text in (check.looks_for, check.why, check.to_do):
            assert text.endswith(".")
            assert "  " not in text


def test_every_file_of_a_check_is_in_the_table() -> None:
    folder = Path(str(page.__code__.co_filename)).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "declare", "page"}
    assert {check.run.__module__.rpartition(".")[2] for check in CHECKS} == files


def test_the_reference_page_is_made_from_the_checks() -> None:
    written = Path(__file__).parents[3] / "docs" / "reference" / "checks.md"
    assert written.read_text(encoding="utf-8") == page(), (
        "docs/reference/checks.md is out of date: write earlywarning.audit.checks.page.page() to it"
    )
