"""Every family's examples, in tables a head teacher could read, on every engine; the page is current."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from building import ON_ONE_MACHINE, history_of, of_families, rows_of
from features.page import Example, examples, page

from earlywarning.dataset.assemble import assemble
from earlywarning.engines import open_engine
from earlywarning.features import FAMILIES as ON
from earlywarning.features import SWITCHED_OFF

FAMILIES = {
    **ON,
    **{
        name: family.recording({feature.name: "an example" for feature in family.features})
        for name, family in SWITCHED_OFF.items()
    },
}
ROOT = Path(__file__).resolve().parents[2]
USUAL = {
    "pupils": "pupil_id\na\nb\nc",
    "enrolments": """
pupil_id | school_id | nc_year | start_date | end_date
a        | p1        | 6       | 2023-09-04 | 2024-08-31
b        | p1        | 6       | 2023-09-04 | 2024-08-31
a        | s1        | 9       | 2024-09-02 |
b        | s1        | 9       | 2024-09-02 |
""",
    "residence": "pupil_id | home_la | start_date\na | 213 | 2020-01-01\nb | 213 | 2020-01-01",
    "coverage": "feed | source | from_date | to_date\n"
    + "\n".join(
        f"{feed} | {source} | 2023-09-04 | 2025-07-22"
        for feed in ("attendance", "behaviour", "suspensions", "placements", "services")
        for source in ("s1", "p1", "213")
    ),
}
SPECS = [(name, example) for name in FAMILIES for example in examples(name)]


@pytest.mark.parametrize("engine", ON_ONE_MACHINE)
@pytest.mark.parametrize(("name", "example"), SPECS, ids=[f"{n}: {e.title}" for n, e in SPECS])
def test_the_example_is_what_the_family_makes(name: str, example: Example, engine: str) -> None:
    study = of_families([FAMILIES[name]])
    for day, expected in example.gives.items():
        with open_engine(engine) as opened:
            history = history_of(opened, USUAL | example.tables, [day])
            X = assemble(study, history, labelled=False).X.droplevel("as_of_date")
        for row in rows_of(expected):
            pupil = row.pop("pupil_id")
            for feature, text in row.items():
                value = X.loc[pupil, feature]
                wanted = math.nan if text is None else float(text)
                assert value == pytest.approx(wanted, abs=1e-12, nan_ok=True), (pupil, feature, day)


@pytest.mark.parametrize("name", FAMILIES)
def test_most_features_have_an_example_and_none_is_misspelt(name: str) -> None:
    shown = {cell for e in examples(name) for text in e.gives.values() for cell in rows_of(text)[0]}
    assert len(shown - {"pupil_id"}) >= len(FAMILIES[name].inputs) / 2
    assert shown - {"pupil_id"} <= {feature.name for feature in FAMILIES[name].inputs}


def test_the_committed_page_is_the_generated_one() -> None:
    held = (ROOT / "docs" / "reference" / "features.md").read_text(encoding="utf-8")
    assert held == page(), "run: PYTHONPATH=.:tests python tests/features/page.py docs/reference/features.md"


def test_a_feature_that_is_off_is_no_input_until_a_reason_is_recorded() -> None:
    family = FAMILIES["suspensions"]
    off = [feature.name for feature in family.features if feature.off]
    assert off == ["suspensions_school_rate_3t"]
    for chosen, there in ((family, False), (family.recording({off[0]: "a pilot"}), True)):
        study = of_families([chosen])
        with open_engine("polars") as opened:
            data = assemble(study, history_of(opened, USUAL, ["2024-12-31"]), labelled=False)
        assert (off[0] in data.X) is there
        assert (off[0] in {feature.name for feature in data.features}) is there
