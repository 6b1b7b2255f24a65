"""Extracts that nothing can be learnt from: each is told what is needed, with exit code 3 or 4."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from earlywarning import cli
from earlywarning.synthetic import generate

Fault = Callable[[Path], None]
FAST = "[model]\nseeds = 1\nrefits = 1\n"
CONSTANT = """
[features]
families = ["attendance", "behaviour"]
[gates]
fewest_train_events = 2
fewest_test_events = 2
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "data"
    generate(folder, pupils=500, years=3, seed=3)
    return folder


def edit(folder: Path, table: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Write ``table`` again, changed, with the types it had."""
    path = folder / f"{table}.parquet"
    given = pq.read_table(path)
    made = change(given.to_pandas())
    pq.write_table(pa.Table.from_pandas(made, schema=given.schema, preserve_index=False), path)


def no_positives(folder: Path) -> None:
    edit(folder, "suspensions", lambda rows: rows[rows["start_date"].astype(str) < "2023-12-01"])


def one_class(folder: Path) -> None:
    """A suspension every forty days for everybody."""
    pupils = pq.read_table(folder / "enrolments.parquet").to_pandas().drop_duplicates("pupil_id")

    def everybody(rows: pd.DataFrame) -> pd.DataFrame:
        first, last = rows["start_date"].min(), rows["start_date"].max()
        days = pd.date_range(first, last, freq="40D")
        made = pupils[["pupil_id", "school_id"]].merge(pd.DataFrame({"day": days}), how="cross")
        made = made.assign(
            event_id=[f"y{number:08d}" for number in range(len(made))],
            start_date=made["day"].dt.date,
            known_from=(made["day"] + pd.Timedelta(days=1)).dt.date,
        )
        rest = {name: rows[name].iloc[0] for name in rows if name not in made}
        return made.assign(**rest)[list(rows)]

    edit(folder, "suspensions", everybody)


def one_year(folder: Path) -> None:
    """The last year that the extract covers, and the terms after it."""
    edit(folder, "terms", lambda rows: rows[rows["academic_year"] >= sorted(set(rows["academic_year"]))[-2]])


def constant(folder: Path) -> None:
    edit(folder, "coverage", lambda rows: rows[~rows["feed"].isin(["attendance", "behaviour"])])


@pytest.mark.parametrize(
    ("fault", "settings", "message"),
    [
        (no_positives, "", "training has 0 events and"),
        (one_class, "", "events and 0 others; at least 50 of each needed"),
        (one_year, "", "1 period(s) have matured labels"),
        (
            constant,
            CONSTANT,
            "is the same for everybody in the training years",
        ),
    ],
    ids=["no positives", "one class", "a single year", "constant features"],
)
def test_what_cannot_teach_is_refused_with_what_is_needed(
    fault: Fault, settings: str, message: str, small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, mine = Path(shutil.copytree(small, tmp_path / "data")), tmp_path / "mine.toml"
    fault(data)
    mine.write_text(FAST + settings)
    code = cli.main(["train", str(data), "--config", str(mine), "--models", str(tmp_path / "models")])
    out, err = capsys.readouterr()
    assert (code, out) == (4, "")
    assert message in err
    assert "Traceback" not in err
    assert not (tmp_path / "models").exists()
