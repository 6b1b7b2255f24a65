"""The pupils of an invented bi-borough on three dates of a year, with their true chance as the score.

Groups, schools and boroughs are those that ``earlywarning synth`` wrote, and so is each pupil's chance of
the event (its ``truth`` folder). The outcome is drawn anew from that chance for each data set: the score is
then right in every group, but for what a study plants. A list of 60 a borough and date is drawn by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning import codes
from earlywarning.model.lists import listed

ATTRIBUTES = ["ethnicity", "ethnicity_major", "sen_provision", "fsm_eligible", "sex"]
"""What the shipped comparisons are declared of."""
CAPACITY = 60
QUERY = """
    SELECT o.pupil_id, o.school_id, s.la AS area, o.as_of_date, o.probability AS score,
           coalesce(p.ethnicity, 'NOBT') AS ethnicity, p.sex,
           CASE p.fsm_eligible WHEN true THEN 'yes' WHEN false THEN 'no' END AS fsm_eligible,
           coalesce((SELECT max_by(n.sen_provision, n.start_date) FROM read_parquet($sen) n
                     WHERE n.pupil_id = o.pupil_id AND n.start_date <= o.as_of_date
                       AND (n.end_date IS NULL OR n.end_date > o.as_of_date)), 'N') AS sen_provision
    FROM read_parquet($outlook) o JOIN read_parquet($schools) s USING (school_id)
    JOIN read_parquet($pupils) p USING (pupil_id)
    WHERE s.phase IN ('secondary', 'all_through') AND o.nc_year IN ('7', '8', '9', '10', '11')
      AND o.as_of_date IN (SELECT DISTINCT as_of_date FROM read_parquet($outlook) ORDER BY 1 DESC LIMIT 3)
    ORDER BY o.as_of_date, o.pupil_id
"""


@dataclass(frozen=True, eq=False)
class Cohort:
    """``rows``, one a pupil and date, and who is listed (n_rows,)."""

    rows: pd.DataFrame
    listed: npt.NDArray[np.bool_]

    def outcome(self, random: np.random.Generator, times: npt.ArrayLike = 1.0) -> npt.NDArray[np.bool_]:
        """An outcome for each row, of ``times`` its chance."""
        chance = np.minimum(self.rows["score"] * np.asarray(times), 1.0)
        return np.asarray(random.random(len(self.rows)) < chance)

    def given(self, attributes: pd.DataFrame, y: npt.NDArray[np.bool_]) -> dict[str, Any]:
        """Arguments of ``fairness_audit`` as the pipeline gives them, with other attributes and outcomes."""
        return {
            "y_true": y,
            "listed": self.listed,
            "sensitive_features": attributes,
            "score": self.rows["score"].to_numpy(),
            "clusters": self.rows["pupil_id"].to_numpy(),
            "schools": self.rows["school_id"].to_numpy(),
            "lists": (self.rows["area"] + self.rows["as_of_date"].astype(str)).to_numpy(),
        }


def cohort(folder: Path) -> Cohort:
    """The last three dates of the extracts that ``earlywarning synth`` wrote to ``folder``."""
    names = {"outlook": "truth/outlook", "schools": "schools", "pupils": "pupils", "sen": "sen"}
    paths = {name: str(folder / f"{path}.parquet") for name, path in names.items()}
    with duckdb.connect() as connection:
        rows = connection.execute(QUERY, paths).df()
    rows["ethnicity_major"] = rows["ethnicity"].map(codes.load("ethnicity").values("major"))
    on_list = listed(rows["score"], rows["area"], rows["as_of_date"], CAPACITY, rows["pupil_id"])
    return Cohort(rows, on_list.to_numpy())
